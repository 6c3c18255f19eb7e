"""Decisions: permission, then one read or write. Plain Python, no GraphQL, no SQL."""

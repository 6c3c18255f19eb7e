"""Writes of guardrails: each beside the line of the change log that tells of it."""

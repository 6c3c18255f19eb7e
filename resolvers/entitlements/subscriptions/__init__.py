"""Decisions about plans and the subscriptions of accounts."""

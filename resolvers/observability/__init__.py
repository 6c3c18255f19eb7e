"""Observability: what an event says."""

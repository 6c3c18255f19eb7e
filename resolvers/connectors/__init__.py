"""Decisions on connectors."""

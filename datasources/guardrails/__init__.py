"""Guardrails: configuration, patterns, policies and events."""

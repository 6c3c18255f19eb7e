"""Guardrails: what is decided about configuration, patterns, policies and samples."""

"""Decisions about which models an account and its scopes may use."""

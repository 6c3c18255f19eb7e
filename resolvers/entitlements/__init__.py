"""Decisions about entitlements, feature policies and what a scope may use."""

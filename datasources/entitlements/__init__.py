"""Entitlements of accounts and feature policies of their scopes, as they are stored."""

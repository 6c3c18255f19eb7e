"""Accounts: the tenants, their administrators, settings and single sign-on."""

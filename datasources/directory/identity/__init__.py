"""The identity provider's directory as synchronised; read and never written."""

from datasources.directory.identity import groups, memberships, teams, users

__all__ = ["groups", "memberships", "teams", "users"]

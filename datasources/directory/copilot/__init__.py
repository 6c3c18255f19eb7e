"""The cockpit's own directory."""

from datasources.directory.copilot import groups, invites, memberships, teams, users

__all__ = ["groups", "invites", "memberships", "teams", "users"]

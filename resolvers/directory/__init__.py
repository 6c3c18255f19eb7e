"""Decisions about the directory's people, groups, teams, memberships and invites."""

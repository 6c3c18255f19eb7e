"""The directory module: people, groups, teams, memberships and invites of an account."""

from __future__ import annotations

from schema.base.modules import Module
from schema.directory.queries import AccountAdmin, Query
from schema.directory.stubs import RoleDefinition
from schema.directory.types import Account, Group, Invite, Membership, Team, User

__all__ = ["DIRECTORY"]

DIRECTORY = Module(
    "directory",
    Query,
    entities=[Account, AccountAdmin, Group, Invite, Membership, Team, User],
    stubs=[RoleDefinition],
)

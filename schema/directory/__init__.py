"""The directory module: people, groups, teams, memberships and invites of an account."""

from __future__ import annotations

from schema.base.modules import Module
from schema.base.stubs import BulkOperation
from schema.directory.mutations import Mutation
from schema.directory.queries import AccountAdmin, Query
from schema.directory.stubs import RoleDefinition
from schema.directory.types import Account, Group, Invite, Membership, Team, User

__all__ = ["DIRECTORY"]

DIRECTORY = Module(
    "directory",
    Query,
    Mutation,
    entities=[Account, AccountAdmin, Group, Invite, Membership, Team, User],
    stubs=[BulkOperation, RoleDefinition],
    nouns={"DirectoryHealth": "directory health report"},
)

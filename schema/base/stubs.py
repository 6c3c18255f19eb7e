"""Entities as seen by modules that only refer to them: their key and nothing else."""

from __future__ import annotations

import strawberry

from datasources.bulk import BulkOperationRef
from datasources.references import AccountRef, GroupRef, TeamRef, UserRef
from schema.base.descriptions import ACCOUNT, BULK_OPERATION, GROUP, TEAM, USER
from schema.base.fields import column
from schema.base.modules import entity

__all__ = ["Account", "BulkOperation", "Group", "Team", "User"]


@entity(AccountRef, None, ACCOUNT, resolvable=False)
class Account:
    """An account by its id."""

    id: strawberry.ID = column("Stored identifier.")


@entity(
    BulkOperationRef,
    None,
    BULK_OPERATION,
    resolvable=False,
)
class BulkOperation:
    """A bulk operation by its id."""

    id: strawberry.ID = column("Stored identifier.")


@entity(GroupRef, None, GROUP, resolvable=False)
class Group:
    """A group by its id."""

    id: strawberry.ID = column("Stored identifier.")


@entity(TeamRef, None, TEAM, resolvable=False)
class Team:
    """A team by its id."""

    id: strawberry.ID = column("Stored identifier.")


@entity(UserRef, None, USER, resolvable=False)
class User:
    """A person by their id."""

    id: strawberry.ID = column("Stored identifier.")

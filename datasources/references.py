"""What a module knows of another module's object: its id, and whether the caller reaches it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from sqlalchemy import select

from auth.caller import Caller
from datasources.base import Database
from datasources.reads import One
from datasources.tables import accounts

__all__ = [
    "AccountRef",
    "GroupRef",
    "TeamRef",
    "UserRef",
    "existing_accounts",
    "reachable_accounts",
]


class AccountRef(NamedTuple):
    """An account by its id."""

    id: str


class GroupRef(NamedTuple):
    """A group by its id, and its account where it is told."""

    id: str
    account_id: str | None = None


class TeamRef(NamedTuple):
    """A team by its id, and its account where it is told."""

    id: str
    account_id: str | None = None


class UserRef(NamedTuple):
    """A person by their id, and their account where it is told."""

    id: str
    account_id: str | None = None


existing_accounts = One(AccountRef, select(accounts.c.account_id.label("id")), tenant="id")
"""The accounts among these ids that exist and that the caller reaches."""


async def reachable_accounts(
    _database: Database, caller: Caller, ids: Sequence[Hashable]
) -> list[AccountRef | None]:
    """The accounts among these ids that the caller reaches, without asking the database.

    For modules that hang their fields off an account and need nothing of its row; what does not
    exist has nothing hanging off it.
    """
    return [AccountRef(str(id)) if caller.reaches(str(id)) else None for id in ids]

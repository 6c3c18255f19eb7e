"""What a module knows of another module's object: its id, and whether the caller reaches it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import select

from datasources.reads import One
from datasources.tables import accounts

__all__ = ["AccountRef", "GroupRef", "TeamRef", "UserRef", "existing_accounts"]


class AccountRef(NamedTuple):
    """An account by its id."""

    id: str


class GroupRef(NamedTuple):
    """A group by its id."""

    id: str


class TeamRef(NamedTuple):
    """A team by its id."""

    id: str


class UserRef(NamedTuple):
    """A person by their id."""

    id: str


existing_accounts = One(AccountRef, select(accounts.c.account_id.label("id")), tenant="id")
"""The accounts among these ids that exist and that the caller reaches."""

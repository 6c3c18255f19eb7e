"""What a module knows of another module's object: its id, and whether the caller reaches it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import select, true

from auth.caller import Caller
from datasources.base import Database
from datasources.made import MadeObjects, made_objects
from datasources.reads import One
from datasources.tables import accounts
from datasources.trees import Key, Related, Tree, WrittenRow

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


class _Reachable:
    """The accounts among these ids that the caller reaches, without asking the database.

    For modules that hang their fields off an account and need nothing of its row; what does not
    exist has nothing hanging off it.
    """

    def __init__(self, written: MadeObjects | None = None) -> None:
        self.row = AccountRef if written is None else WrittenRow
        if written is None:
            self.at_hand = _reached
        self._written = written

    def written(self, tree: Tree, _columns: frozenset[str] | None) -> _Reachable:
        """The same accounts as JSON already, where PostgreSQL can write the tree."""
        made = made_objects(AccountRef, AccountRef._fields, {}, tree, tenant="id")
        return self if made is None else _Reachable(made)

    def related(self, keys: Sequence[Key], *_request: Any) -> Related:
        """The account of an id, beside the row that has the id."""
        (id,) = (cast("Any", key.column) for key in keys)
        source = select(id.label("id")).correlate(id.table).subquery()
        return Related(source, true(), "id")

    async def __call__(
        self, database: Database, caller: Caller, ids: Sequence[Hashable]
    ) -> list[Any]:
        """Those reached, in the order of the ids; None in place of the others."""
        reached = _reached(caller, ids)
        if self._written is None or None in reached:
            return reached
        return await self._written(database, caller, [row.id for row in reached if row])


def _reached(caller: Caller, ids: Sequence[Hashable]) -> list[AccountRef | None]:
    return [AccountRef(str(id)) if caller.reaches(str(id)) else None for id in ids]


reachable_accounts = _Reachable()

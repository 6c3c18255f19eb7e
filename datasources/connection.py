"""A connection that remembers as whom it runs."""

from __future__ import annotations

from typing import NamedTuple

import asyncpg

from auth.caller import Caller

__all__ = ["Connection", "Reach", "reach_of"]


class Reach(NamedTuple):
    """As whom a connection runs: its role, and the two settings the row-level policies read."""

    role: str
    account_id: str
    spans_accounts: str


def reach_of(role: str, caller: Caller | None) -> Reach:
    """The reach of a caller; nobody reaches nothing."""
    if caller is None:
        return Reach(role, "", "")
    return Reach(role, caller.account_id or "", "on" if caller.spans_accounts else "")


def _set_statement(*, local: str) -> str:
    return (
        f"SELECT set_config('role', $1, {local}), set_config('cockpit.account_id', $2, {local}),"
        f" set_config('cockpit.spans_accounts', $3, {local})"
    )


_SET_FOR_SESSION = _set_statement(local="false")
_SET_FOR_TRANSACTION = _set_statement(local="true")


class Connection(asyncpg.Connection):
    """asyncpg's connection and the reach it was last set to."""

    __slots__ = ("_reach",)
    _reach: Reach | None

    async def adopt(self, reach: Reach) -> None:
        """Run as this reach from now on; must be called outside a transaction.

        A round trip only when the reach changes. While it changes it counts as unknown, so that a
        cancelled change is made again.
        """
        if getattr(self, "_reach", None) == reach:
            return
        self._reach = None
        await self.execute(_SET_FOR_SESSION, *reach)
        self._reach = reach

    async def adopt_for_transaction(self, reach: Reach) -> None:
        """Run as this reach to the end of the transaction under way."""
        await self.execute(_SET_FOR_TRANSACTION, *reach)

"""A connection that remembers as whom it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import asyncpg

from auth.caller import Caller

__all__ = ["Connection", "Reach", "reach_of"]


_LOGIN_ROLE = "none"
"""What PostgreSQL calls the user who connected, as a role to be set."""

_SET_FOR_SESSION = (
    "SELECT set_config('role', $1, false), set_config('cockpit.account_id', $2, false),"
    " set_config('cockpit.spans_accounts', $3, false)"
)


class Reach(NamedTuple):
    """As whom a connection runs: its role, and the two settings the row-level policies read."""

    role: str
    account_id: str
    spans_accounts: str


def reach_of(role: str, caller: Caller | None) -> Reach:
    """The reach of a caller; nobody reaches nothing.

    Who spans accounts has nobody's rows to be kept from and stays the user who connected. PERF:
    bench/list; for any other user than the tables' owner, row-level security keeps PostgreSQL from
    using an index on an expression such as `lower(email)`.
    """
    if caller is None:
        return Reach(role, "", "")
    if caller.spans_accounts:
        return Reach(_LOGIN_ROLE, "", "on")
    return Reach(role, caller.account_id or "", "")


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

    async def begin_as(self, reach: Reach | None, settings: Mapping[str, str]) -> None:
        """Apply a reach and settings to the end of the transaction under way.

        One round trip: values are written into the text, since without prepared statements a
        parameter would cost another.
        """
        own = {} if reach is None else _settings_of(reach)
        calls = [
            f"set_config('{name}', {_literal(value)}, true)"
            for name, value in {**settings, **own}.items()
        ]
        await self.execute(f"SELECT {', '.join(calls)}")


def _settings_of(reach: Reach) -> dict[str, str]:
    return {
        "role": reach.role,
        "cockpit.account_id": reach.account_id,
        "cockpit.spans_accounts": reach.spans_accounts,
    }


def _literal(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "''")
    return f"E'{escaped}'"

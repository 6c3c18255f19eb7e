"""How SQL is run: a pool or a transaction, statements compiled once, tenants kept apart.

Every read has the form `(database, caller, keys) -> list in key order`, so that the read function
itself identifies a loader, and a list of keys is one statement.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol, TypeVar, cast

import asyncpg
from sqlalchemy import ColumnElement, Executable, FromClause, false, true
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect

from auth.caller import Caller

__all__ = ["Database", "Pool", "Statement", "owned"]

RowT = TypeVar("RowT")

_DIALECT = asyncpg_dialect.dialect(paramstyle="numeric_dollar")


class Statement:
    """A SQLAlchemy Core expression compiled to PostgreSQL text once.

    Values are given by the names of the expression's `bindparam`s. PERF: bench/list; compiling per
    call would cost more than the query.
    """

    __slots__ = ("defaults", "names", "text")

    def __init__(self, expression: Executable) -> None:
        compiled = cast("Any", expression).compile(
            dialect=_DIALECT, compile_kwargs={"render_postcompile": True}
        )
        self.text: str = compiled.string
        self.names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self.defaults: dict[str, Any] = dict(compiled.params)

    def arguments(self, values: dict[str, Any]) -> list[Any]:
        """The values in the order of the statement's placeholders."""
        merged = {**self.defaults, **values}
        return [merged[name] for name in self.names]


class Database(Protocol):
    """Runs statements: on any connection of the pool, or inside one transaction."""

    async def fetch(self, statement: Statement, **values: Any) -> list[asyncpg.Record]:
        """All rows of a statement."""

    async def fetchrow(self, statement: Statement, **values: Any) -> asyncpg.Record | None:
        """The first row, or None."""

    async def execute(self, statement: Statement, **values: Any) -> int:
        """Run a statement and answer how many rows it touched."""


def owned(table: FromClause, caller: Caller) -> ColumnElement[bool]:
    """The tenant predicate of a table with an `account_id` column, deny by default."""
    if caller.spans_accounts:
        return true()
    if caller.account_id is None:
        return false()
    return cast("ColumnElement[bool]", table.c.account_id == caller.account_id)

"""How SQL is run: statements compiled once, and tenants kept apart.

Every read has the form `(database, caller, keys) -> list in key order`, so that the read itself
identifies a loader, and a list of keys is one statement. `reads` and `pages` build such reads from
a description.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import asyncpg
from sqlalchemy import ColumnElement, Executable, FromClause, bindparam, false, true
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect

from auth.caller import Caller

__all__ = [
    "TENANT",
    "Database",
    "Databases",
    "Statement",
    "Transactional",
    "in_account",
    "is_uuid",
    "owned",
    "tenant_values",
]

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}").fullmatch
# PERF: bench/nested; a key is looked at in a twentieth of the time that making a UUID of it takes.

TENANT = "caller_account"
"""Name of the placeholder that `owned` binds the caller's account to."""


class Statement:
    """A SQLAlchemy Core expression compiled to PostgreSQL text once.

    Values are given by the names of the expression's `bindparam`s. PERF: bench/list; compiling per
    call would cost more than the query.
    """

    __slots__ = ("_defaults", "names", "text")

    def __init__(self, expression: Executable) -> None:
        dialect = asyncpg_dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call] # SQLAlchemy leaves dialects untyped
        compiled: Any = expression.compile(  # type: ignore[attr-defined] # every executable compiles
            dialect=dialect, compile_kwargs={"render_postcompile": True}
        )
        self.text: str = compiled.string
        self.names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self._defaults: dict[str, Any] = dict(compiled.params)

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of the statement's placeholders."""
        defaults = self._defaults
        return [values[name] if name in values else defaults[name] for name in self.names]


class Database(Protocol):
    """Runs statements: on any connection of the pool, or inside one transaction."""

    async def fetch(self, statement: Statement, **values: Any) -> list[asyncpg.Record]:
        """All rows of a statement."""

    async def fetchrow(self, statement: Statement, **values: Any) -> asyncpg.Record | None:
        """The first row, or None."""

    async def execute(self, statement: Statement, **values: Any) -> int:
        """Run a statement and answer how many rows it touched."""


def owned(table: FromClause, caller: Caller, *, column: str = "account_id") -> ColumnElement[bool]:
    """The tenant predicate of a table: the caller's account, every account, or none.

    A caller of one account is bound through the placeholder `TENANT` (give `tenant_values` with
    the call), so that one compiled statement serves all accounts.
    """
    if caller.spans_accounts:
        return true()
    if caller.account_id is None:
        return false()
    account: ColumnElement[str] = table.c[column]
    return account == bindparam(TENANT, type_=account.type)


def in_account(table: FromClause, *, column: str = "account_id") -> ColumnElement[bool]:
    """The predicate of a write: rows of the one account the caller is narrowed to.

    Unlike `owned` it does not open for callers who span accounts: bound to none, they touch no
    row. So the statement is the same for everybody and can be compiled with its module.
    """
    account: ColumnElement[str] = table.c[column]
    return account == bindparam(TENANT, type_=account.type)


def tenant_values(caller: Caller) -> dict[str, Any]:
    """The value of the placeholder that `owned` leaves."""
    return {TENANT: caller.account_id}


def is_uuid(value: object) -> bool:
    """Whether a client's id can be the id of a row keyed by `uuid`; if not, it reads as absent."""
    return isinstance(value, str) and _UUID(value) is not None


class Transactional(Database, Protocol):
    """A database on which a transaction can be begun."""

    def transaction(self) -> AbstractAsyncContextManager[Transactional]:
        """Begin a transaction; it commits when the block ends, and rolls back on an exception.

        Inside a transaction this is a savepoint: only what the block did is taken back.
        """


class Databases(Protocol):
    """Where a caller's database comes from; the pool is one."""

    def as_caller(self, caller: Caller) -> Transactional:
        """The database as this caller sees it, row-level security included."""

"""Batch reads described by a row and the query it comes from.

`One` answers one row a key, `Many` a list of rows a key; both are reads in the sense of `base`:
callables `(database, caller, keys) -> list in key order`, one statement however many keys.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Generic, NamedTuple, Self, TypeVar

from orjson import Fragment
from sqlalchemy import ColumnElement, Select, Subquery, literal_column, select, true

from auth.caller import Caller
from datasources.base import Database, Statement, owned, tenant_values
from datasources.keys import Keys
from datasources.narrowing import Narrowed, narrow_row, variant
from datasources.trees import (
    Here,
    Key,
    Related,
    Tree,
    Unwritable,
    Written,
    WrittenRow,
    belongs,
    is_writable,
    object_text,
)

__all__ = [
    "Many",
    "One",
    "Read",
    "check_columns",
    "row_columns",
]

RowT = TypeVar("RowT", bound=NamedTuple)


def row_columns(row: type[NamedTuple], source: Any) -> list[ColumnElement[Any]]:
    """The columns of `source` named as the fields of a row, in the row's order."""
    return [source.c[name] for name in row._fields]


def check_columns(row: type[NamedTuple], source: Select[Any], *others: str | None) -> None:
    """Refuse a description whose source lacks a column it names. Raises `LookupError`."""
    have = set(source.selected_columns.keys())
    missing = [name for name in (*row._fields, *others) if name is not None and name not in have]
    if missing:
        raise LookupError(f"The source of {row.__name__} selects no {', '.join(missing)}.")


class Read(Generic[RowT]):
    """What `One` and `Many` share: the statement for a caller of one account, or of all."""

    _is_relating = True
    """Whether rows can be found from the columns of another row, one at a time."""

    def __init__(
        self,
        row: type[RowT],
        source: Select[Any],
        *,
        key: str | tuple[str, ...] = "id",
        tenant: str | None = "account_id",
        order: Sequence[str] = (),
    ) -> None:
        """Describe a read.

        `source` selects columns named as the row's fields, and the key and tenant columns;
        `tenant` None marks data that belongs to no account and everybody may read.
        """
        check_columns(row, source, *([key] if isinstance(key, str) else key), tenant, *order)
        self.row = row
        self._origin = source
        self._source = source.subquery("source")
        names = (key,) if isinstance(key, str) else key
        self._keys = Keys(names, [self._source.c[name].type for name in names], tenant)
        self._tenant = tenant
        self._order = order
        self._statements: dict[tuple[bool, bool, bool], Statement] = {}
        self._narrowed: Narrowed[Self] = Narrowed(row)
        self._written: Written[Self] | None = None

    def narrow(self, columns: frozenset[str]) -> Self:
        """The same read of rows that have these columns only."""
        return self._narrowed.get(self, columns, columns, lambda: self._with(columns))

    def _with(self, columns: frozenset[str]) -> Self:
        return variant(self, row=narrow_row(self.row, columns), _statements={})

    def written(self, tree: Tree, columns: frozenset[str] | None) -> Self:
        """The same read of rows that are JSON already, where PostgreSQL can write the tree.

        Where what it writes is not sound, as where it cannot, rows of these columns are read.
        """
        rows = self if columns is None else self.narrow(columns)
        if not is_writable(tree, self._source):
            return rows
        return variant(rows, row=WrittenRow, _statements={}, _written=Written(tree, rows))

    def related(self, keys: Sequence[Key], *_request: Any) -> Related:
        """The rows of a key, beside the row that has it. Raises `Unwritable`."""
        if not self._is_relating:
            raise Unwritable("Rows that are worked out are worked out for all keys at once.")
        source = self._origin.subquery()
        order = [source.c[name] for name in self._order]
        belonging = belongs(source, self._keys.names, keys, self._tenant)
        return Related(source, belonging, self._tenant, order)

    def _shown(self, source: Subquery, caller: Caller) -> list[ColumnElement[Any]]:
        if self._written is None:
            return row_columns(self.row, source)
        here = Here(source, caller, self._tenant)
        return [object_text(self._written.tree, here).label("text")]

    def _statement(self, caller: Caller, *, is_single: bool) -> Statement:
        shape = (caller.spans_accounts, caller.account_id is None, is_single)
        statement = self._statements.get(shape)
        if statement is None:
            query = self._select_one(caller) if is_single else self._select(caller)
            statement = self._statements[shape] = Statement(query)
        return statement

    def _select_one(self, caller: Caller) -> Select[Any]:
        """The rows of one key: a statement whose plan PostgreSQL keeps."""
        source = self._source
        query = select(literal_column("1"), *self._shown(source, caller)).select_from(source)
        query = query.where(self._keys.matches_one(source, caller), self._visible(source, caller))
        return query.order_by(*[source.c[name] for name in self._order])

    def _select(self, caller: Caller) -> Select[Any]:
        source = self._source
        parent = self._keys.parents(caller)
        query = select(parent.c.ordinal, *self._shown(source, caller)).select_from(
            parent.join(source, self._keys.matches(source, parent, caller))
        )
        query = query.where(self._visible(source, caller))
        return query.order_by(parent.c.ordinal, *[source.c[name] for name in self._order])

    def _visible(self, source: Subquery, caller: Caller) -> ColumnElement[bool]:
        return true() if self._tenant is None else owned(source, caller, column=self._tenant)

    async def _rows(
        self, database: Database, caller: Caller, keys: Sequence[Hashable]
    ) -> list[tuple[int, Any]]:
        """Position of the key and row, for every row found."""
        usable = self._keys.usable(caller, keys)
        if not usable:
            return []
        values = self._keys.values(caller, usable) | tenant_values(caller)
        is_single = len(usable) == 1 and self._is_relating
        statement = self._statement(caller, is_single=is_single)
        records = await database.fetch(statement, **values)
        if self._written is not None:
            if any(record[1] is None for record in records):
                return await self._written.rows._rows(database, caller, keys)  # noqa: SLF001 - of its own class
            return [(usable[record[0] - 1][0], Fragment(record[1])) for record in records]
        make = self.row._make
        return [(usable[record[0] - 1][0], make(record[1:])) for record in records]


class One(Read[RowT]):
    """One row a key, None where there is none or the caller may not know of it."""

    async def __call__(
        self, database: Database, caller: Caller, keys: Sequence[Hashable]
    ) -> list[RowT | None]:
        """Read the rows of these keys, in the order of the keys."""
        found: list[RowT | None] = [None] * len(keys)
        for position, row in await self._rows(database, caller, keys):
            found[position] = row
        return found


class Many(Read[RowT]):
    """A short list of rows a key, bounded by the domain; lists that can grow are pages."""

    async def __call__(
        self, database: Database, caller: Caller, keys: Sequence[Hashable]
    ) -> list[list[RowT]]:
        """Read the lists of these keys, in the order of the keys."""
        found: list[list[RowT]] = [[] for _ in keys]
        for position, row in await self._rows(database, caller, keys):
            found[position].append(row)
        return found

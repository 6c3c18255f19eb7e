"""Keyset pages of many parents in one statement (Relay cursor connections).

`Pages` describes a list that can grow: where its rows come from, which parents it hangs off, how it
may be filtered and sorted. One call reads one page for every parent asked for, through a lateral
join, so that the page of one parent never costs more because there are others.

A cursor holds the sort values and the id of a row, so it stays good while rows come and go.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, Self, TypeVar, cast, overload

import asyncpg
import orjson
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Subquery,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    true,
    tuple_,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.types import NullType

from auth.caller import Caller
from datasources.base import Database, Statement, owned, tenant_values
from datasources.conditions import Condition
from datasources.narrowing import Narrowed, narrow_row, variant
from datasources.reads import check_columns, key_arrays, parents_of, row_columns, usable_keys

__all__ = [
    "BadCursor",
    "Cursors",
    "Listing",
    "Order",
    "Page",
    "PageRequest",
    "Pages",
    "Sorting",
    "beyond",
]

RowT = TypeVar("RowT", bound=NamedTuple)

Order = tuple[str, ...]
"""Columns of the source a list is sorted by, most significant first; the id follows by itself."""


class BadCursor(ValueError):  # noqa: N818 - named for what it is
    """A cursor that this list did not hand out, or that belongs to another sort order."""


class Sorting(NamedTuple):
    """How a list is sorted: the name of an order and its direction."""

    name: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page of a list; `filters` are (name, value) pairs in any order, values hashable."""

    size: int
    cursor: str | None = None
    """Cursor to continue after, or before when reading backwards; None starts at the end."""
    backwards: bool = False
    sorting: Sorting | None = None
    filters: tuple[tuple[str, Hashable], ...] = ()


class Page(NamedTuple, Generic[RowT]):
    """A page of one parent's list."""

    rows: tuple[RowT, ...]
    cursors: Sequence[str]
    """Made when they are looked at; none where the list was narrowed to have none."""
    has_next: bool
    has_previous: bool


class Cursors(Sequence[str]):
    """The cursors of a page's rows, each made when it is looked at."""

    def __init__(self, records: Sequence[Any], sorting: Sorting, width: int) -> None:
        """Take records whose last `width` values are those the list is sorted by, as text."""
        self._records = records
        self._sorting = sorting
        self._width = width

    def __len__(self) -> int:
        return len(self._records)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return Cursors(self._records[index], self._sorting, self._width)
        values = list(self._records[index][-self._width :])
        position = [self._sorting.name, int(self._sorting.descending), *values]
        return urlsafe_b64encode(orjson.dumps(position)).decode()


class Listing(Protocol):
    """A list that can grow, whatever answers it: `Pages`, or several of them as one."""

    @property
    def row(self) -> type[NamedTuple]:
        """Class of the list's rows."""

    @property
    def orders(self) -> Mapping[str, Order]:
        """The orders it can be sorted by."""

    @property
    def default(self) -> Sorting:
        """How it is sorted when nothing is said."""

    @property
    def conditions(self) -> Mapping[str, Condition]:
        """The filters it takes."""

    async def read(
        self, database: Database, caller: Caller, request: PageRequest, parents: Sequence[Hashable]
    ) -> list[Page[Any]]:
        """One page for each parent, in the order of the parents. Raises `BadCursor`."""

    async def count(
        self,
        database: Database,
        caller: Caller,
        filters: tuple[tuple[str, Hashable], ...],
        parents: Sequence[Hashable],
    ) -> list[int]:
        """How many rows match for each parent, in the order of the parents."""


class Pages(Generic[RowT]):
    """A list that can grow, described once; see the module."""

    def __init__(
        self,
        row: type[RowT],
        source: Select[Any],
        *,
        parent: str | tuple[str, ...] | None = "account_id",
        orders: Mapping[str, Order],
        default: Sorting,
        conditions: Mapping[str, Condition] | None = None,
        tenant: str | None = "account_id",
        id: str = "id",
    ) -> None:
        """Describe a list.

        `source` selects columns named as the row's fields, and every column that `parent`,
        `orders` and `tenant` name; sort columns are never null. `parent` None is a list that hangs
        off nothing (all accounts): its only key is None. `conditions` may refer to the tables of
        `source`'s own FROM clause: they are applied inside it.
        """
        parents = (parent,) if isinstance(parent, str) else (parent or ())
        sorts = [name for order in orders.values() for name in order]
        check_columns(row, source, *parents, *sorts, tenant, id)
        self.row = row
        self.orders = orders
        self.default = default
        self.conditions = dict(conditions or {})
        self._source = source
        self._parent = parents
        self._tenant = tenant
        self._id = id
        columns = source.selected_columns
        untyped = [name for name in sorts if isinstance(columns[name].type, NullType)]
        if untyped:
            raise LookupError(
                f"Give {', '.join(untyped)} a type, such as func.lower(…, type_=Text())."
            )
        self._types = [columns[name].type for name in self._parent]
        self._statements: dict[Hashable, Statement] = {}
        self._counts: dict[Hashable, Statement] = {}
        self._has_cursors = True
        self._narrowed: Narrowed[Self] = Narrowed(row)

    def narrow(self, columns: frozenset[str], *, cursors: bool = True) -> Self:
        """The same list of rows that have these columns only, its pages with or without cursors."""
        return self._narrowed.get(
            self, columns, (columns, cursors), lambda: self._with(columns, cursors=cursors)
        )

    def _with(self, columns: frozenset[str], *, cursors: bool) -> Self:
        row = narrow_row(self.row, columns)
        return variant(self, row=row, _statements={}, _has_cursors=cursors)

    async def read(
        self,
        database: Database,
        caller: Caller,
        request: PageRequest,
        parents: Sequence[Hashable],
    ) -> list[Page[RowT]]:
        """One page for each parent, in the order of the parents.

        Raises `BadCursor`.
        """
        sorting = request.sorting or self.default
        after = self._decode(request.cursor, sorting) if request.cursor is not None else None
        buckets: list[list[Any]] = [[] for _ in parents]
        usable = self._usable(caller, parents)
        if usable:
            continued = after is not None
            statement = self._page_statement(caller, request, sorting, with_cursor=continued)
            values = self._values(caller, request, usable)
            values["size"] = request.size + 1
            values |= {f"after_{i}": value for i, value in enumerate(after or ())}
            for record in await self._fetch_page(database, statement, values, after):
                buckets[usable[record[0] - 1][0]].append(record)
        return [self._page(bucket, request, sorting) for bucket in buckets]

    async def count(
        self,
        database: Database,
        caller: Caller,
        filters: tuple[tuple[str, Hashable], ...],
        parents: Sequence[Hashable],
    ) -> list[int]:
        """How many rows match for each parent, in the order of the parents."""
        counts = [0] * len(parents)
        usable = self._usable(caller, parents)
        if usable:
            request = PageRequest(size=0, filters=filters)
            statement = self._count_statement(caller, request)
            values = self._values(caller, request, usable)
            for record in await database.fetch(statement, **values):
                counts[usable[record[0] - 1][0]] = record[1]
        return counts

    async def _fetch_page(
        self,
        database: Database,
        statement: Statement,
        values: dict[str, Any],
        after: list[str] | None,
    ) -> list[asyncpg.Record]:
        try:
            return await database.fetch(statement, **values)
        except asyncpg.DataError as error:
            if after is None:
                raise
            raise BadCursor("This is not a cursor of this list.") from error

    # --- values -----------------------------------------------------------------------------

    def _usable(self, caller: Caller, parents: Sequence[Hashable]) -> list[tuple[int, Hashable]]:
        if self._tenant is not None and not caller.spans_accounts and caller.account_id is None:
            return []
        if not self._parent:
            return list(enumerate(parents))
        return usable_keys(parents, self._types)

    def _values(
        self, caller: Caller, request: PageRequest, usable: Sequence[tuple[int, Hashable]]
    ) -> dict[str, Any]:
        values = tenant_values(caller)
        if self._parent:
            values |= key_arrays([key for _, key in usable], len(self._parent))
        for name, value in request.filters:
            values[f"where_{name}"] = self.conditions[name].prepare(value)
        return values

    def _decode(self, cursor: str, sorting: Sorting) -> list[str]:
        try:
            name, descending, *values = orjson.loads(urlsafe_b64decode(cursor))
        except (ValueError, binascii.Error, TypeError) as error:
            raise BadCursor("This is not a cursor of this list.") from error
        expected = len(self.orders[sorting.name]) + 1
        wrong_order = (name, bool(descending)) != (sorting.name, sorting.descending)
        if wrong_order or len(values) != expected or not all(isinstance(v, str) for v in values):
            raise BadCursor("This cursor belongs to another list or another sort order.")
        return cast("list[str]", values)

    def _page(self, records: list[Any], request: PageRequest, sorting: Sorting) -> Page[RowT]:
        more = len(records) > request.size
        records = records[: request.size]
        if request.backwards:
            records.reverse()
        width = len(self.row._fields)
        make = self.row._make
        continued = request.cursor is not None
        return Page(
            rows=tuple(make(record[1 : 1 + width]) for record in records),
            cursors=Cursors(records, sorting, len(self.orders[sorting.name]) + 1)
            if records and self._has_cursors
            else (),
            has_next=continued if request.backwards else more,
            has_previous=more if request.backwards else continued,
        )

    # --- statements -------------------------------------------------------------------------

    def _page_statement(
        self, caller: Caller, request: PageRequest, sorting: Sorting, *, with_cursor: bool
    ) -> Statement:
        names = frozenset(name for name, _ in request.filters)
        shape = (caller.spans_accounts, names, sorting, request.backwards, with_cursor)
        statement = self._statements.get(shape)
        if statement is None:
            descending = sorting.descending != request.backwards
            query = self._page_query(
                caller, names, sorting.name, descending=descending, with_cursor=with_cursor
            )
            statement = self._statements[shape] = Statement(query)
        return statement

    def _page_query(
        self,
        caller: Caller,
        names: frozenset[str],
        order: str,
        *,
        descending: bool,
        with_cursor: bool,
    ) -> Select[Any]:
        source = self._filtered(names)
        keys = [source.c[name] for name in (*self.orders[order], self._id)]
        sorts = [key.label(f"sort_{i}") for i, key in enumerate(keys)]
        lateral = select(*row_columns(self.row, source), *sorts).where(
            self._visible(source, caller)
        )
        if with_cursor:
            lateral = lateral.where(beyond(keys, descending=descending))
        directed = [key.desc() if descending else key.asc() for key in keys]
        lateral = lateral.order_by(*directed).limit(bindparam("size", type_=Integer()))
        return self._joined(lateral, source, keys, descending=descending)

    def _joined(
        self,
        lateral: Select[Any],
        source: Subquery,
        keys: Sequence[ColumnElement[Any]],
        *,
        descending: bool,
    ) -> Select[Any]:
        """The lateral query run for every parent, rows in order within each."""
        if self._parent:
            parent = parents_of(self._types)
            page = lateral.where(self._of_parent(source, parent)).lateral("page")
            ordinal = parent.c.ordinal
            origin: FromClause = parent.join(page, true())
        else:
            page = lateral.lateral("page")
            ordinal = literal_column("1")
            origin = page
        raw = [page.c[f"sort_{i}"] for i in range(len(keys))]
        return (
            select(
                ordinal.label("ordinal"),
                *row_columns(self.row, page),
                *([sql_cast(column, Text) for column in raw] if self._has_cursors else []),
            )
            .select_from(origin)
            .order_by(ordinal, *[c.desc() if descending else c.asc() for c in raw])
        )

    def _count_statement(self, caller: Caller, request: PageRequest) -> Statement:
        names = frozenset(name for name, _ in request.filters)
        shape = (caller.spans_accounts, names)
        statement = self._counts.get(shape)
        if statement is None:
            statement = self._counts[shape] = Statement(self._count_query(caller, names))
        return statement

    def _count_query(self, caller: Caller, names: frozenset[str]) -> Select[Any]:
        source = self._filtered(names)
        counted = select(func.count().label("total")).select_from(source)
        counted = counted.where(self._visible(source, caller))
        if not self._parent:
            total = counted.subquery("counted")
            return select(literal_column("1").label("ordinal"), total.c.total)
        parent = parents_of(self._types)
        each = counted.where(self._of_parent(source, parent)).lateral("counted")
        return select(parent.c.ordinal, each.c.total).select_from(parent.join(each, true()))

    def _filtered(self, names: frozenset[str]) -> Subquery:
        return self._where(self._source, names)

    def _where(self, query: Select[Any], names: frozenset[str]) -> Subquery:
        for name in sorted(names):
            query = query.where(self.conditions[name].predicate(f"where_{name}"))
        return query.subquery("source")

    def _visible(self, source: Subquery, caller: Caller) -> ColumnElement[bool]:
        return true() if self._tenant is None else owned(source, caller, column=self._tenant)

    def _of_parent(self, source: Subquery, parent: Any) -> ColumnElement[bool]:
        return and_(*[source.c[name] == parent.c[f"k{i}"] for i, name in enumerate(self._parent)])


def beyond(keys: Sequence[ColumnElement[Any]], *, descending: bool) -> ColumnElement[bool]:
    """`(sort…, id) > (cursor…)`, the row comparison an index can walk."""
    cursor = tuple_(
        *[sql_cast(bindparam(f"after_{i}", type_=Text()), key.type) for i, key in enumerate(keys)]
    )
    row = tuple_(*keys)
    return row < cursor if descending else row > cursor

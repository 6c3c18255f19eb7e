"""Keyset pages of many parents in one statement (Relay cursor connections).

`Pages` describes a list that can grow: where its rows come from, which parents it hangs off, how it
may be filtered and sorted. One call reads one page for every parent asked for, through a lateral
join, so that the page of one parent never costs more because there are others.

What a page is, is said in `paging`.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, Self, TypeVar, cast

import asyncpg
import orjson
from orjson import Fragment
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    Text,
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
from datasources.keys import Keys, Usable
from datasources.narrowing import Narrowed, narrow_row, variant
from datasources.paging import (
    BadCursor,
    Cursors,
    Filters,
    Order,
    Page,
    PageRequest,
    Shape,
    Sorting,
)
from datasources.reads import check_columns, row_columns
from datasources.trees import (
    Here,
    Key,
    Related,
    Tree,
    Unwritable,
    Written,
    WrittenRow,
    array_text,
    belongs,
    is_writable,
    object_text,
)

__all__ = ["Pages", "beyond"]

RowT = TypeVar("RowT", bound=NamedTuple)


class Pages(Generic[RowT]):
    """A list that can grow, described once; see the module."""

    _is_relating = True
    """Whether the rows of one parent can be found without working out those of all."""

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
        self._tenant = tenant
        self._id = id
        columns = source.selected_columns
        untyped = [name for name in sorts if isinstance(columns[name].type, NullType)]
        if untyped:
            raise LookupError(
                f"Give {', '.join(untyped)} a type, such as func.lower(…, type_=Text())."
            )
        self._parents = Keys(parents, [columns[name].type for name in parents], tenant)
        self._statements: dict[Hashable, Statement] = {}
        self._counts: dict[Hashable, Statement] = {}
        self._has_cursors = True
        self._is_joined = False
        self._narrowed: Narrowed[Self] = Narrowed(row)
        self._written: Written[Self] | None = None

    def narrow(self, columns: frozenset[str], *, cursors: bool = True) -> Self:
        """The same list of rows that have these columns only, its pages with or without cursors."""
        return self._narrowed.get(
            self, columns, (columns, cursors), lambda: self._with(columns, cursors=cursors)
        )

    def _with(self, columns: frozenset[str], *, cursors: bool) -> Self:
        row = narrow_row(self.row, columns)
        return variant(self, row=row, _statements={}, _has_cursors=cursors)

    def written(
        self, tree: Tree, columns: frozenset[str] | None, *, cursors: bool, joined: bool = False
    ) -> Self:
        """The same list of rows that are JSON already, where PostgreSQL can write the tree.

        Where what it writes is not sound, as where it cannot, rows of these columns are read.
        Where nothing else of a page is asked for, its rows can be `joined`: one array, written.
        """
        rows = self if columns is None else self.narrow(columns, cursors=cursors)
        if not is_writable(tree, self._filtered({})):
            return rows
        return variant(
            self,
            row=WrittenRow,
            _statements={},
            _has_cursors=cursors,
            _is_joined=joined and self._is_relating,
            _written=Written(tree, rows),
        )

    def _asked(self, filters: tuple[tuple[str, Hashable], ...]) -> tuple[tuple[str, Hashable], ...]:
        """The filters that are meant where these are given: for lists that imply some."""
        return filters

    def related(self, keys: Sequence[Key], request: PageRequest) -> Related:
        """The first rows of a key's list, beside the row that has it. Raises `Unwritable`."""
        if not self._is_relating or request.cursor is not None or request.backwards:
            raise Unwritable("Only the beginning of a list is read beside another row.")
        given = self._asked(request.filters)
        filters = {name: self.conditions[name].fixed(value) for name, value in given}
        source = self._filtered(filters).element.subquery()
        sorting = request.sorting or self.default
        columns = [source.c[name] for name in (*self.orders[sorting.name], self._id)]
        order = _directed(columns, descending=sorting.descending)
        belonging = belongs(source, self._parents.names, keys, self._tenant)
        return Related(source, belonging, self._tenant, order)

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
        usable = self._parents.usable(caller, parents)
        if usable:
            filters = self._asked(request.filters)
            shape = Shape(
                filters=frozenset(name for name, _ in filters),
                sorting=sorting,
                backwards=request.backwards,
                with_cursor=after is not None,
                single=len(usable) == 1 and self._is_relating,
            )
            statement = self._page_statement(caller, shape)
            values = self._values(caller, filters, usable)
            values["size"] = request.size + (0 if self._is_joined else 1)
            values |= {f"after_{i}": value for i, value in enumerate(after or ())}
            records = await self._fetch_page(database, statement, values, after)
            if self._written is not None and any(record[1] is None for record in records):
                return await self._written.rows.read(database, caller, request, parents)
            if len(usable) == 1:
                buckets[usable[0][0]] = records
            else:
                for record in records:
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
        usable = self._parents.usable(caller, parents)
        if usable:
            meant = self._asked(filters)
            single = len(usable) == 1 and self._is_relating
            statement = self._count_statement(caller, meant, single=single)
            values = self._values(caller, meant, usable)
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

    def _values(
        self, caller: Caller, filters: tuple[tuple[str, Hashable], ...], usable: Usable
    ) -> dict[str, Any]:
        values = self._parents.values(caller, usable) | tenant_values(caller)
        for name, value in filters:
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
        if self._is_joined:
            array: Any = Fragment(records[0][1]) if records else ()
            return Page(array, (), has_next=False, has_previous=False)
        more = len(records) > request.size
        records = records[: request.size]
        if request.backwards:
            records.reverse()
        width = len(self.row._fields)
        make = self.row._make
        continued = request.cursor is not None
        return Page(
            rows=tuple(make(record[1 : 1 + width]) for record in records)
            if self._written is None
            else cast("Any", tuple(Fragment(record[1]) for record in records)),
            cursors=Cursors(records, sorting, len(self.orders[sorting.name]) + 1)
            if records and self._has_cursors
            else (),
            has_next=continued if request.backwards else more,
            has_previous=more if request.backwards else continued,
        )

    # --- statements -------------------------------------------------------------------------

    def _page_statement(self, caller: Caller, shape: Shape) -> Statement:
        key = (caller.spans_accounts, caller.account_id is None, shape)
        statement = self._statements.get(key)
        if statement is None:
            statement = self._statements[key] = Statement(self._page_query(caller, shape))
        return statement

    def _page_query(self, caller: Caller, shape: Shape) -> Select[Any]:
        source = self._filtered(self._bound(shape.filters))
        keys = [source.c[name] for name in (*self.orders[shape.sorting.name], self._id)]
        query = select(*self._shown(source, caller)).select_from(source)
        query = query.where(self._visible(source, caller))
        if shape.with_cursor:
            query = query.where(beyond(keys, descending=shape.descending))
        query = query.order_by(*_directed(keys, descending=shape.descending))
        query = query.limit(bindparam("size", type_=Integer()))
        if self._is_joined:
            return self._joined(query, source, keys, caller, shape)
        if shape.single or not self._parents.names:
            return self._of_one(query, source, keys, caller)
        return self._of_many(query, source, keys, caller, shape)

    def _of_one(
        self,
        query: Select[Any],
        source: Subquery,
        keys: Sequence[ColumnElement[Any]],
        caller: Caller,
    ) -> Select[Any]:
        """The page of one parent: a statement whose plan PostgreSQL keeps."""
        query = query.where(self._parents.matches_one(source, caller))
        shown = [literal_column("1").label("ordinal"), *query.selected_columns]
        sorts = [sql_cast(key, Text) for key in keys] if self._has_cursors else []
        return query.with_only_columns(*shown, *sorts)

    def _of_many(
        self,
        query: Select[Any],
        source: Subquery,
        keys: Sequence[ColumnElement[Any]],
        caller: Caller,
        shape: Shape,
    ) -> Select[Any]:
        """The same run for every parent, rows in order within each."""
        parent = self._parents.parents(caller)
        sorts = [key.label(f"sort_{i}") for i, key in enumerate(keys)]
        matching = self._parents.matches(source, parent, caller)
        page = query.add_columns(*sorts).where(matching).lateral("page")
        raw = [page.c[f"sort_{i}"] for i in range(len(keys))]
        return (
            select(
                parent.c.ordinal.label("ordinal"),
                *row_columns(self.row, page),
                *([sql_cast(column, Text) for column in raw] if self._has_cursors else []),
            )
            .select_from(parent.join(page, true()))
            .order_by(parent.c.ordinal, *_directed(raw, descending=shape.descending))
        )

    def _joined(
        self,
        query: Select[Any],
        source: Subquery,
        keys: Sequence[ColumnElement[Any]],
        caller: Caller,
        shape: Shape,
    ) -> Select[Any]:
        """One row a parent: the array of its page."""
        if shape.single or not self._parents.names:
            query = query.where(self._parents.matches_one(source, caller))
            ordinal: ColumnElement[Any] = literal_column("1").label("ordinal")
            return select(*[ordinal, _array(query, keys, shape)])
        parent = self._parents.parents(caller)
        query = query.where(self._parents.matches(source, parent, caller)).correlate(parent)
        array = select(_array(query, keys, shape)).scalar_subquery()
        return select(parent.c.ordinal, array).select_from(parent)

    def _shown(self, source: Subquery, caller: Caller) -> list[ColumnElement[Any]]:
        if self._written is None:
            return row_columns(self.row, source)
        here = Here(source, caller, self._tenant)
        return [object_text(self._written.tree, here).label("text")]

    def _count_statement(
        self, caller: Caller, filters: tuple[tuple[str, Hashable], ...], *, single: bool
    ) -> Statement:
        names = frozenset(name for name, _ in filters)
        shape = ((caller.spans_accounts, caller.account_id is None), names, single)
        statement = self._counts.get(shape)
        if statement is None:
            query = self._count_query(caller, names, single=single)
            statement = self._counts[shape] = Statement(query)
        return statement

    def _count_query(self, caller: Caller, names: frozenset[str], *, single: bool) -> Select[Any]:
        source = self._filtered(self._bound(names))
        counted = select(func.count().label("total")).select_from(source)
        counted = counted.where(self._visible(source, caller))
        if single or not self._parents.names:
            counted = counted.where(self._parents.matches_one(source, caller))
            return counted.with_only_columns(literal_column("1"), *counted.selected_columns)
        parent = self._parents.parents(caller)
        matching = self._parents.matches(source, parent, caller)
        each = counted.where(matching).lateral("counted")
        return select(parent.c.ordinal, each.c.total).select_from(parent.join(each, true()))

    def _filtered(self, filters: Filters) -> Subquery:
        return self._where(self._source, filters)

    def _where(self, query: Select[Any], filters: Filters) -> Subquery:
        return query.where(*[filters[name] for name in sorted(filters)]).subquery("source")

    def _bound(self, names: frozenset[str]) -> Filters:
        """The predicates of filters whose values are given with the call."""
        return {name: self.conditions[name].predicate(f"where_{name}") for name in names}

    def _visible(self, source: Subquery, caller: Caller) -> ColumnElement[bool]:
        return true() if self._tenant is None else owned(source, caller, column=self._tenant)


def _directed(
    columns: Sequence[ColumnElement[Any]], *, descending: bool
) -> list[ColumnElement[Any]]:
    return [column.desc() if descending else column.asc() for column in columns]


def _array(
    query: Select[Any], keys: Sequence[ColumnElement[Any]], shape: Shape
) -> ColumnElement[str]:
    """The rows of a page as one array, in the order of the list, whichever way it was read."""
    if not shape.backwards:
        return array_text(query.subquery("page").c.text)
    sorts = [key.label(f"sort_{i}") for i, key in enumerate(keys)]
    page = query.add_columns(*sorts).subquery("page")
    raw = [page.c[sort.name] for sort in sorts]
    ordered = select(page.c.text).order_by(*_directed(raw, descending=shape.sorting.descending))
    return array_text(ordered.subquery("ordered").c.text)


def beyond(keys: Sequence[ColumnElement[Any]], *, descending: bool) -> ColumnElement[bool]:
    """`(sort…, id) > (cursor…)`, the row comparison an index can walk."""
    cursor = tuple_(
        *[sql_cast(bindparam(f"after_{i}", type_=Text()), key.type) for i, key in enumerate(keys)]
    )
    row = tuple_(*keys)
    return row < cursor if descending else row > cursor

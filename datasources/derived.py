"""Reads of rows that are worked out rather than stored, such as groups implied by their members.

What `reads` and `pages` do one parent at a time through an index would here work the rows out
again for every parent. These say first which keys matter, as a condition that reaches into the
source, and then work out the rows of all of them at once.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    Integer,
    Select,
    Text,
    bindparam,
    func,
    select,
)
from sqlalchemy import cast as sql_cast

from auth.caller import Caller
from datasources.base import Database
from datasources.pages import Pages, beyond
from datasources.paging import Shape
from datasources.reads import One, Read

__all__ = ["DerivedOne", "DerivedPages", "Value"]

RowT = TypeVar("RowT", bound=NamedTuple)


class DerivedOne(One[RowT]):
    """One row a key, as `One`, over rows that are worked out."""

    _is_relating = False

    def _select(self, caller: Caller) -> Select[Any]:
        return super()._select(caller).where(self._keys.matches_any(self._source, caller))


class Value(Read[RowT]):
    """One value a key: what a row of one column holds, or a value of its own where there is none.

    `derived` says that the source's rows are worked out.
    """

    _is_relating = False

    def __init__(
        self,
        row: type[RowT],
        source: Select[Any],
        *,
        key: str | tuple[str, ...],
        otherwise: Any = None,
        derived: bool = False,
        tenant: str | None = "account_id",
    ) -> None:
        """Describe a read of values; see `Read`."""
        super().__init__(row, source, key=key, tenant=tenant)
        self._otherwise = otherwise
        self._derived = derived

    def _select(self, caller: Caller) -> Select[Any]:
        query = super()._select(caller)
        if self._derived:
            query = query.where(self._keys.matches_any(self._source, caller))
        return query

    async def __call__(
        self, database: Database, caller: Caller, keys: Sequence[Hashable]
    ) -> list[Any]:
        """Read the values of these keys, in the order of the keys."""
        found: list[Any] = [self._otherwise] * len(keys)
        for position, row in await self._rows(database, caller, keys):
            found[position] = row[0]
        return found


class DerivedPages(Pages[RowT]):
    """Keyset pages, as `Pages`, over rows that are worked out."""

    _is_relating = False

    def _page_query(self, caller: Caller, shape: Shape) -> Select[Any]:
        source = self._filtered(self._bound(shape.filters))
        keys = [source.c[name] for name in (*self.orders[shape.sorting.name], self._id)]
        directed = [key.desc() if shape.descending else key.asc() for key in keys]
        parent = self._parents.parents(caller)
        position = func.row_number().over(partition_by=parent.c.ordinal, order_by=directed)
        shown = keys if self._has_cursors else []
        sorts = [sql_cast(key, Text).label(f"sort_{i}") for i, key in enumerate(shown)]
        query = select(
            parent.c.ordinal,
            *self._shown(source, caller),
            *sorts,
            position.label("position"),
        ).select_from(parent.join(source, self._parents.matches(source, parent, caller)))
        query = query.where(
            self._visible(source, caller), self._parents.matches_any(source, caller)
        )
        if shape.with_cursor:
            query = query.where(beyond(keys, descending=shape.descending))
        page = query.subquery("page")
        *columns, place = page.c
        size = bindparam("size", type_=Integer())
        return select(*columns).where(place <= size).order_by(page.c.ordinal, place)

    def _count_query(
        self,
        caller: Caller,
        names: frozenset[str],
        *,
        single: bool,
    ) -> Select[Any]:
        source = self._filtered(self._bound(names))
        parent = self._parents.parents(caller)
        return (
            select(parent.c.ordinal, func.count().label("total"))
            .select_from(parent.join(source, self._parents.matches(source, parent, caller)))
            .where(self._visible(source, caller), self._parents.matches_any(source, caller))
            .group_by(parent.c.ordinal)
        )

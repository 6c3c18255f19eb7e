"""Pages of lists (Relay cursor connections): what is asked for, what comes back, what is a list.

A cursor holds the sort values and the id of a row, so it stays good while rows come and go.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, overload

import orjson
from sqlalchemy import ColumnElement

from auth.caller import Caller
from datasources.base import Database
from datasources.conditions import Condition

__all__ = [
    "BadCursor",
    "Cursors",
    "Filters",
    "Listing",
    "Order",
    "Page",
    "PageRequest",
    "Shape",
    "Sorting",
]

RowT = TypeVar("RowT", bound=NamedTuple)

Order = tuple[str, ...]
"""Columns of the source a list is sorted by, most significant first; the id follows by itself."""


Filters = Mapping[str, ColumnElement[bool]]
"""The predicates of the filters asked for, by the filters' names."""


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


class Shape(NamedTuple):
    """What of a page's request is part of the text of its statement."""

    filters: frozenset[str]
    """Names of the filters asked for."""
    sorting: Sorting
    backwards: bool
    with_cursor: bool
    single: bool
    """Whether it is the page of one parent."""

    @property
    def descending(self) -> bool:
        """Which way the statement reads."""
        return self.sorting.descending != self.backwards


class Page(NamedTuple, Generic[RowT]):
    """A page of one parent's list."""

    rows: Sequence[RowT]
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

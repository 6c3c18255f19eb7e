"""Rows of only some columns: what an operation does not ask for is not read.

A read or list that can be narrowed has a method `narrow`, which answers the same read with narrower
rows. A narrow row is of a class of its own that lacks the other columns, so that whoever reads what
was not asked for finds out; its class knows the `wide` one it stands for.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Hashable
from copy import copy
from typing import Any, Generic, NamedTuple, TypeVar

__all__ = ["Narrowed", "narrow_row", "narrowed", "variant", "wide_row"]

T = TypeVar("T")

_MOST = 256
"""Narrow forms kept of one read; clients choose the columns, so there must be an end."""


def narrowed(read: T, columns: frozenset[str] | None, **options: Any) -> T:
    """The read with rows of these columns; itself for None, or where it cannot be narrowed."""
    narrow: Callable[..., T] | None = getattr(read, "narrow", None)
    return read if columns is None or narrow is None else narrow(columns, **options)


def narrow_row(row: type[Any], columns: frozenset[str]) -> type[Any]:
    """The class of a row's values at some columns, in the row's order, at least the first."""
    names = [name for name in row._fields if name in columns] or [row._fields[0]]
    make: Any = namedtuple
    narrow: type[Any] = make(row.__name__, names)
    narrow.wide = wide_row(row)
    return narrow


def wide_row(row: type[Any]) -> type[Any]:
    """The class that a narrow row's stands for; the class itself if it is not narrow."""
    wide: type[Any] = getattr(row, "wide", row)
    return wide


def variant(original: T, **attributes: Any) -> T:
    """A copy with some attributes of its own."""
    made = copy(original)
    vars(made).update(attributes)
    return made


class Narrowed(Generic[T]):
    """Narrow forms of one read, each made once."""

    def __init__(self, row: type[NamedTuple]) -> None:
        self._all = frozenset(row._fields)
        self._made: dict[Hashable, T] = {}

    def get(self, wide: T, columns: frozenset[str], key: Hashable, make: Callable[[], T]) -> T:
        """The form for these columns; the wide one where nothing would be left out or told."""
        if not columns <= self._all or len(self._made) >= _MOST:
            return wide
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = make()
        return made

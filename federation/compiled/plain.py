"""Objects that hold nothing but columns of leaves, and of such objects: answered with no waiting.

The general way completes a field at a time and knows where every value stands, for the errors there
may be. Here values are only looked at, by their types, and written. Where anything is not as it
should be nothing is answered, and the general way is gone. PERF: bench/access, bench/list; for one
object that takes a third of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

from orjson import Fragment

from federation.compiled.column import holds, is_absent
from federation.compiled.leaves import LeafWriter

__all__ = ["Plain", "PlainColumn", "PlainLeaves", "PlainObjects", "PlainRows", "is_special"]

_NULL = type(None)


class Plain(Protocol):
    """Values of one position that need no waiting."""

    def written(self, values: Sequence[Any]) -> Sequence[Any] | None:
        """The values completed; None where that takes a closer look."""


class PlainLeaves:
    """Scalars or enums."""

    __slots__ = ("_kinds", "_write")

    def __init__(self, writer: LeafWriter, *, is_required: bool) -> None:
        self._kinds = writer.plain if is_required else writer.plain | {_NULL}
        self._write = writer.write

    def written(self, values: Sequence[Any]) -> Sequence[Any] | None:
        """The values, all of which are of types that are written as they are."""
        if not self._kinds.issuperset(map(type, values)):
            return None
        if self._write is None:
            return values
        try:
            return self._write(values)
        except Exception:  # noqa: BLE001 - told value by value, the general way
            return None


class PlainObjects:
    """Objects of one type."""

    __slots__ = ("_rows",)

    def __init__(self, rows: PlainRows) -> None:
        self._rows = rows

    def written(self, values: Sequence[Any]) -> Sequence[Any] | None:
        """One dictionary a value, all of which are there and not written yet."""
        return None if holds(is_special, values) else self._rows.written(values)


class PlainColumn(NamedTuple):
    """A field that is an attribute of its row."""

    name: str
    values: Plain


class PlainRows:
    """What is asked of rows."""

    __slots__ = ("_build", "_get", "_is_single", "_parts")

    def __init__(
        self,
        columns: Sequence[PlainColumn],
        build: Callable[[Sequence[Sequence[Any]], int], list[Any]],
    ) -> None:
        """Take the columns, at least one, and what makes dictionaries of lists of values."""
        self._get = attrgetter(*[column.name for column in columns])
        self._is_single = len(columns) == 1
        self._parts = [column.values.written for column in columns]
        self._build = build

    def written(self, rows: Sequence[Any]) -> list[Any] | None:
        """One dictionary a row; None where that takes a closer look."""
        try:
            found = list(map(self._get, rows))
        except Exception:  # noqa: BLE001 - told row by row, the general way
            return None
        lists: Iterable[Sequence[Any]]
        lists = [found] if self._is_single else zip(*found, strict=True)
        columns: list[Sequence[Any]] = []
        # There are none where there are no rows.
        for write, values in zip(self._parts, lists, strict=False):
            written = write(values)
            if written is None:
                return None
            columns.append(written)
        return self._build(columns, len(rows))


def is_special(kind: type) -> bool:
    """Whether values of a type are no rows: null, an error, or JSON that is written already."""
    return kind is Fragment or is_absent(kind)

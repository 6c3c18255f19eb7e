"""Which positions of the data tree the fetches of a plan answer, enter and read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from federation.execution.answers import answered
from federation.execution.collect import collect_fields, selection_sets
from federation.plan import Fetch, PathSegment, RequiredField, RequiredType

__all__ = ["Occupied"]

_Place: TypeAlias = tuple[Fetch, Sequence[PathSegment]]


class Occupied:
    """One position, over all object types, and those below it."""

    __slots__ = ("_below", "answers", "is_read")

    def __init__(self) -> None:
        self.answers = 0
        """How many fetches answer it."""
        self.is_read = False
        """Whether a fetch enters it, or takes its value for a representation."""
        self._below: dict[str, Occupied] = {}

    @classmethod
    def by(cls, places: Iterable[_Place]) -> Occupied:
        """The positions of fetches, each given once for every path it is for."""
        root = cls()
        for fetch, path in places:
            entered = root
            for segment in path:
                entered = entered.at((segment.key,))
                entered.is_read = True
            _read(entered, fetch.requires)
            for source in (source for value in fetch.contexts for source in value.sources):
                _read(root.at(each.key for each in path[: source.depth]), source.selections)
            _answer(entered, fetch)
        return root

    @property
    def is_untouched(self) -> bool:
        """Whether the value stays what the one fetch that answers it has answered."""
        return self.answers == 1 and not self.is_read

    def at(self, path: Iterable[str]) -> Occupied:
        """The position at a path."""
        place = self
        for key in path:
            place = place._below.setdefault(key, Occupied())
        return place


def _read(place: Occupied, entries: Iterable[RequiredField | RequiredType]) -> None:
    for entry in entries:
        inner = place
        if isinstance(entry, RequiredField):
            inner = place.at((entry.key,))
            inner.is_read = True
        _read(inner, entry.selections)


def _answer(entered: Occupied, fetch: Fetch) -> None:
    fragments, sets = answered(fetch)
    renames = {rename.alias: rename.key for rename in fetch.renames}
    waiting = [(entered, sets)]
    while waiting:
        above, selected = waiting.pop()
        fields = collect_fields(selected, fragments, lambda _condition: True, {})
        for key, nodes in fields.items():
            place = above.at((renames.get(key, key),))
            place.answers += 1
            waiting.append((place, selection_sets(nodes)))

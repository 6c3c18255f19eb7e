"""Where in the response the values of a list stand; worked out only when an error needs it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any, Protocol

from graphql.pyutils import Path

__all__ = ["FieldPlace", "ItemPlace", "PickedPlace", "Place", "RootPlace"]


class Place(Protocol):
    """The positions of a list of values."""

    def path(self, index: int) -> Path | None:
        """Path of one of the values; None for the response itself."""


class RootPlace:
    """The response itself."""

    def path(self, _index: int) -> None:
        """The path of what stands nowhere."""
        return


class FieldPlace:
    """The values of one field, one for each object."""

    __slots__ = ("_key", "_objects", "_type_name")

    def __init__(self, objects: Place, key: str, type_name: str) -> None:
        self._objects = objects
        self._key = key
        self._type_name = type_name

    def path(self, index: int) -> Path:
        """The object's path and the response key."""
        return Path(self._objects.path(index), self._key, self._type_name)


class ItemPlace:
    """The items of several lists, one list after the other."""

    def __init__(self, place: Place, lists: Sequence[Sequence[Any]]) -> None:
        self._place = place
        self._lists = lists

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(map(len, self._lists))]

    def path(self, index: int) -> Path:
        """The list's path and the item's index in it."""
        number = bisect_right(self._starts, index) - 1
        return Path(self._place.path(number), index - self._starts[number], None)


class PickedPlace:
    """Some of the values of a place."""

    __slots__ = ("_picked", "_place")

    def __init__(self, place: Place, picked: Sequence[int]) -> None:
        self._place = place
        self._picked = picked

    def path(self, index: int) -> Path | None:
        """The path the value had before some were left out."""
        return self._place.path(self._picked[index])

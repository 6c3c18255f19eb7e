"""Lists of values with what failed among them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from graphql import GraphQLError, Undefined

from federation.compiled.places import PickedPlace, Place
from federation.compiled.site import Site

__all__ = [
    "NO_FAILURES",
    "Column",
    "Failures",
    "Present",
    "holds",
    "is_absent",
    "present",
    "put_back",
]

Failures = Mapping[int, GraphQLError]
NO_FAILURES: Failures = MappingProxyType({})

_ABSENT = frozenset({type(None), type(Undefined)})


class Column(NamedTuple):
    """Completed values of one list of positions; a value that failed is None."""

    values: Sequence[Any]
    failures: Failures = NO_FAILURES
    has_null: bool = True
    """False only when no value is None."""


def put_back(values: Sequence[Any], picked: Sequence[int], column: Column) -> Column:
    """Completed values at the positions they were picked from; the others stay as they are."""
    answers = list(values)
    for index, answer in zip(picked, column.values, strict=True):
        answers[index] = answer
    return Column(answers, {picked[at]: error for at, error in column.failures.items()})


class Present(NamedTuple):
    """The values that are there, of a list that also holds nulls and exceptions."""

    values: Sequence[Any]
    place: Place
    picked: Sequence[int] | None
    """Which positions they come from; None for all."""
    failures: Failures
    size: int

    def spread(self, column: Column) -> Column:
        """Their completed values, back at the positions they come from."""
        if self.picked is None:
            return column
        values: list[Any] = [None] * self.size
        for index, value in zip(self.picked, column.values, strict=True):
            values[index] = value
        failures = dict(self.failures)
        failures.update({self.picked[at]: error for at, error in column.failures.items()})
        return Column(values, failures)


def holds(is_meant: Callable[[type], bool], values: Sequence[Any]) -> bool:
    """Whether any of the values is of such a type; one look at each type among them.

    PERF: bench/access; many lists have one value.
    """
    if len(values) == 1:
        return is_meant(type(values[0]))
    return any(map(is_meant, set(map(type, values))))


def is_absent(kind: type) -> bool:
    """Whether values of a type stand for null or for an error."""
    return kind in _ABSENT or issubclass(kind, Exception)


def present(values: Sequence[Any], place: Place, site: Site) -> Present:
    """Leave out nulls, and turn exceptions into errors at their places."""
    if not holds(is_absent, values):
        return Present(values, place, None, NO_FAILURES, len(values))
    picked: list[int] = []
    failures: dict[int, GraphQLError] = {}
    for index, value in enumerate(values):
        if isinstance(value, Exception):
            failures[index] = site.located(value, place, index)
        elif value is not None and value is not Undefined:
            picked.append(index)
    there = [values[index] for index in picked]
    return Present(there, PickedPlace(place, picked), picked, failures, len(values))

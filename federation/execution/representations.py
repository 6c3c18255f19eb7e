"""Entity representations: what `_entities` is asked for, and where its answers belong."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from federation.execution.types import AbstractTypes, is_of_type, type_name
from federation.plan import RequiredField, RequiredType

__all__ = ["Batch", "Representing"]

_ABSENT: Any = object()
_EXACT = frozenset({str, int, type(None)})
"""Python types of which equal values are equal in JSON: not so True and 1, or 0.0 and -0.0."""


class Batch(NamedTuple):
    """Distinct representations, and for each the objects it stands for."""

    representations: list[dict[str, Any]]
    places: list[list[dict[str, Any]]]


class Representing:
    """Makes the representations of one entity fetch."""

    def __init__(self, requires: Sequence[RequiredType], abstract: AbstractTypes) -> None:
        self._requires = requires
        self._abstract = abstract
        self._plain: dict[str | None, _Plain | None] = {}
        names = {entry.type_name for entry in requires}
        self._names = names.union(*(abstract.get(name, ()) for name in names))

    def batch(self, objects: Iterable[dict[str, Any]]) -> Batch:
        """Representations of the objects that can be represented; equal ones are sent once.

        An object that lacks a required field, because the subgraph that should have answered it
        failed, has no representation; neither has one whose required fields are all null.
        """
        batch = Batch([], [])
        index: dict[Hashable, int] = {}
        for item in objects:
            plain = self._plain_of(type_name(item))
            # PERF: bench.federation; an object whose equal is known costs one look-up.
            common = None if plain is None else plain.identity(item)
            if common is not None and common in index:
                batch.places[index[common]].append(item)
                continue
            if plain is not None and common is not None:
                representation: dict[str, Any] | None = plain.representation(common)
            else:
                representation = _represent(item, self._requires, self._abstract)
            if representation is None:
                continue
            identity = common or _identity(representation)
            position = index.setdefault(identity, len(batch.places))
            if position == len(batch.places):
                batch.representations.append(representation)
                batch.places.append([])
            batch.places[position].append(item)
        return batch

    def _plain_of(self, runtime: str | None) -> _Plain | None:
        """How objects of a runtime type are represented, where all required fields are leaves."""
        if runtime in self._plain:
            return self._plain[runtime]
        plain = _plain(runtime, self._requires, self._abstract)
        # Names come from outside: only those that can be meant are remembered.
        if runtime is None or runtime in self._names:
            self._plain[runtime] = plain
        return plain


class _Plain:
    """Representations of one type that hold nothing but leaves."""

    def __init__(self, name: str, keys: Mapping[str, str]) -> None:
        """Take the fields required, and under which key each stands in the data."""
        self._name = name
        self._names = ("__typename", *keys)
        self._values = itemgetter(*keys.values())
        self._is_single = len(keys) == 1

    def identity(self, item: dict[str, Any]) -> tuple[Any, ...] | None:
        """What equal representations have in common; None where that takes a closer look."""
        try:
            found = self._values(item)
        except KeyError:
            return None
        if self._is_single:
            return (self._name, found) if type(found) is str else None
        is_exact = _EXACT.issuperset(map(type, found)) and found != (None,) * len(found)
        return (self._name, *found) if is_exact else None

    def representation(self, identity: tuple[Any, ...]) -> dict[str, Any]:
        """The representation of objects that have this in common."""
        return dict(zip(self._names, identity, strict=True))


def _plain(
    runtime: str | None, requires: Iterable[RequiredType], abstract: AbstractTypes
) -> _Plain | None:
    matching = [entry for entry in requires if is_of_type(runtime, entry.type_name, abstract)]
    keys: dict[str, str] = {}
    for entry in matching:
        for field in entry.selections:
            if isinstance(field, RequiredType) or field.selections:
                return None
            if field.name != "__typename":
                keys[field.name] = field.key
    if not keys:
        return None
    return _Plain(_name_sent(matching[0], runtime), keys)


def _name_sent(entry: RequiredType, runtime: str | None) -> str:
    return entry.represent_as or runtime or entry.type_name


def _represent(
    item: dict[str, Any], requires: Sequence[RequiredType], abstract: AbstractTypes
) -> dict[str, Any] | None:
    runtime = type_name(item)
    matching = [entry for entry in requires if is_of_type(runtime, entry.type_name, abstract)]
    if not matching:
        return None
    representation: dict[str, Any] = {"__typename": _name_sent(matching[0], runtime)}
    for entry in matching:
        if not _take(representation, item, entry.selections, abstract):
            return None
    holds_value = any(
        value is not None for name, value in representation.items() if name != "__typename"
    )
    return representation if holds_value or len(representation) == 1 else None


def _take(
    into: dict[str, Any],
    item: dict[str, Any],
    selections: Sequence[RequiredField | RequiredType],
    abstract: AbstractTypes,
) -> bool:
    """Copy the selected fields; False when one is absent."""
    for entry in selections:
        if isinstance(entry, RequiredType):
            if not _take_of_type(into, item, entry, abstract):
                return False
        elif entry.name != "__typename" or "__typename" not in into:
            value = item.get(entry.key, _ABSENT)
            taken = _select(value, entry.selections, abstract) if entry.selections else value
            if taken is _ABSENT:
                return False
            into[entry.name] = taken
    return True


def _take_of_type(
    into: dict[str, Any], item: dict[str, Any], entry: RequiredType, abstract: AbstractTypes
) -> bool:
    runtime = type_name(item)
    if not is_of_type(runtime, entry.type_name, abstract):
        return True
    if runtime is not None:
        into.setdefault("__typename", entry.represent_as or runtime)
    return _take(into, item, entry.selections, abstract)


def _select(
    value: Any, selections: Sequence[RequiredField | RequiredType], abstract: AbstractTypes
) -> Any:
    """Reduce a composite value to what is required of it."""
    if isinstance(value, dict):
        taken: dict[str, Any] = {}
        return taken if _take(taken, value, selections, abstract) else _ABSENT
    if isinstance(value, list):
        items = [_select(item, selections, abstract) for item in value]
        return _ABSENT if any(item is _ABSENT for item in items) else items
    return value


def _identity(representation: dict[str, Any]) -> bytes:
    # PERF: bench/local; JSON tells 1, true and "1" apart, which hashing tuples would not.
    try:
        return orjson.dumps(representation)
    except TypeError:  # an integer beyond 64 bits, or a custom scalar's own class
        return repr(representation).encode()

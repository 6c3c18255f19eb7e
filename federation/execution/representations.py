"""Entity representations: what `_entities` is asked for, and where its answers belong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import orjson

from federation.execution.types import AbstractTypes, is_of_type, type_name
from federation.plan import RequiredField, RequiredType

__all__ = ["Batch", "build_batch"]

_ABSENT: Any = object()


class Batch(NamedTuple):
    """Distinct representations, and for each the objects it stands for."""

    representations: list[dict[str, Any]]
    places: list[list[dict[str, Any]]]


def build_batch(
    objects: Iterable[dict[str, Any]],
    requires: Sequence[RequiredType],
    abstract: AbstractTypes,
) -> Batch:
    """Representations of the objects that can be represented; equal ones are sent once.

    An object that lacks a required field, because the subgraph that should have answered it
    failed, has no representation; neither has one whose required fields are all null.
    """
    batch = Batch([], [])
    index: dict[bytes, int] = {}
    for item in objects:
        representation = _represent(item, requires, abstract)
        if representation is None:
            continue
        identity = _identity(representation)
        position = index.setdefault(identity, len(batch.places))
        if position == len(batch.places):
            batch.representations.append(representation)
            batch.places.append([])
        batch.places[position].append(item)
    return batch


def _represent(
    item: dict[str, Any], requires: Sequence[RequiredType], abstract: AbstractTypes
) -> dict[str, Any] | None:
    runtime = type_name(item)
    matching = [entry for entry in requires if is_of_type(runtime, entry.type_name, abstract)]
    if not matching:
        return None
    first = matching[0]
    representation = {"__typename": first.represent_as or runtime or first.type_name}
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

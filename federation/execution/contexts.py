"""Values that entities are given by the objects above them, and who is given the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import orjson

from federation.execution.types import AbstractTypes, is_of_type, type_name
from federation.plan import (
    ContextSource,
    ContextValue,
    PathSegment,
    RequiredField,
    RequiredType,
)

__all__ = ["Group", "grouped"]

Group: TypeAlias = tuple[dict[str, Any], list[dict[str, Any]]]
"""Values by variable, and the objects that are given them."""

_ABSENT: Any = object()


def grouped(
    root: dict[str, Any],
    path: Sequence[PathSegment],
    contexts: Sequence[ContextValue],
    abstract: AbstractTypes,
) -> Iterable[Group]:
    """The objects at a path, those with equal values together.

    An object lacks a value where the subgraph failed that should have answered it, or where it is
    null and the variable may not be: it is left out.
    """
    groups: dict[bytes, Group] = {}
    for chain in _chains(root, path):
        values = _values(chain, contexts, abstract)
        if values is not None:
            _, objects = groups.setdefault(_identity(values), (values, []))
            objects.append(chain[-1])
    return groups.values()


def _chains(
    root: dict[str, Any], path: Sequence[PathSegment]
) -> Iterator[tuple[dict[str, Any], ...]]:
    """Every object at a path, after those above it, outermost first."""
    if not path:
        yield (root,)
        return
    segment, *rest = path
    for item in _items(root.get(segment.key)):
        if segment.types is None or type_name(item) in {None, *segment.types}:
            for chain in _chains(item, rest):
                yield (root, *chain)


def _items(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from _items(entry)


def _values(
    chain: Sequence[dict[str, Any]], contexts: Iterable[ContextValue], abstract: AbstractTypes
) -> dict[str, Any] | None:
    values: dict[str, Any] = {}
    for context in contexts:
        value = _value(chain, context.sources, abstract)
        if value is _ABSENT or (value is None and context.type.endswith("!")):
            return None
        values[context.variable] = value
    return values


def _value(
    chain: Sequence[dict[str, Any]], sources: Iterable[ContextSource], abstract: AbstractTypes
) -> Any:
    """The value of the nearest object that sets it."""
    for source in sources:
        item = chain[source.depth]
        if source.types is None or type_name(item) in {None, *source.types}:
            return _read(item, source.selections, abstract)
    return _ABSENT


def _read(
    value: Any, selections: Sequence[RequiredField | RequiredType], abstract: AbstractTypes
) -> Any:
    """The one value that selections lead to, in the lists on the way."""
    if not selections or value is None or value is _ABSENT:
        return value
    if isinstance(value, list):
        items = [_read(item, selections, abstract) for item in value]
        return _ABSENT if any(item is _ABSENT for item in items) else items
    if not isinstance(value, dict):
        return _ABSENT
    for entry in selections:
        if isinstance(entry, RequiredType):
            if is_of_type(type_name(value), entry.type_name, abstract):
                return _read(value, entry.selections, abstract)
        elif entry.name != "__typename":
            return _read(value.get(entry.key, _ABSENT), entry.selections, abstract)
    return _ABSENT


def _identity(values: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(values)
    except TypeError:  # an integer beyond 64 bits, or a custom scalar's own class
        return repr(values).encode()

"""Which JSON values a leaf type lets through (specification section 3.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import GraphQLEnumType, GraphQLScalarType

__all__ = ["JSON_TYPES", "accepted_types", "leaf_completion"]

JSON_TYPES: frozenset[type] = frozenset({str, int, float, bool, list, dict})

_BUILT_IN: dict[str, frozenset[type]] = {
    "String": frozenset({str}),
    "ID": frozenset({str}),
    "Boolean": frozenset({bool}),
    "Int": frozenset({int}),
    "Float": frozenset({float, int}),
}


def accepted_types(leaf: GraphQLScalarType | GraphQLEnumType) -> frozenset[type]:
    """Python types whose values need no further look; custom scalars take any JSON value."""
    if isinstance(leaf, GraphQLEnumType):
        return frozenset()
    return _BUILT_IN.get(leaf.name, JSON_TYPES)


def leaf_completion(leaf: GraphQLScalarType | GraphQLEnumType) -> Callable[[Any], Any]:
    """Completion of a value whose type is not among the accepted ones; None refuses it."""
    if isinstance(leaf, GraphQLEnumType):
        names = frozenset(leaf.values)
        return lambda value: value if isinstance(value, str) and value in names else None
    if leaf.name == "ID":
        return _id
    accepted = _BUILT_IN.get(leaf.name)
    if accepted is None:
        return lambda value: value
    # A subclass is still a value of the type, but True is no number.
    classes = tuple(accepted)
    return lambda value: value if _is_value_of(value, classes) else None


def _id(value: Any) -> str | None:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _is_value_of(value: Any, classes: tuple[type, ...]) -> bool:
    return isinstance(value, classes) and not (isinstance(value, bool) and bool not in classes)

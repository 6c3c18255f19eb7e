"""Scalars and enums written as whole lists.

How a type is written is decided once, when the operation is compiled. A list all of whose values
are of types that are written as they are costs one look at the types among them; whatever else is
in a list is written value by value with the type's own `coerce_output_value`, so that the answer,
and every error, is graphql-core's.

A host may attach to a scalar or enum, under `extensions`:

    plain           frozenset[type]: values of these Python types are written as they are
    write_column    function from a list of values, None among them, to the list written, which is
                    used for the types in `plain`; what it raises means: write them one by one
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any, NamedTuple

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
)
from graphql.pyutils import inspect

__all__ = ["LeafWriter", "leaf_writer", "write_leaf"]

WriteColumn = Callable[[Sequence[Any]], Sequence[Any]]


class LeafWriter(NamedTuple):
    """How lists of one leaf type are written when all is as it should be."""

    plain: frozenset[type]
    write: WriteColumn | None = None


def leaf_writer(type_: GraphQLLeafType) -> LeafWriter:
    """The writer of a leaf type."""
    extensions = type_.extensions or {}
    if "plain" in extensions:
        return LeafWriter(extensions["plain"], extensions.get("write_column"))
    return _SPECIFIED.get(type_.name, _NOTHING) if _is_specified(type_) else _NOTHING


def write_leaf(type_: GraphQLLeafType, value: Any) -> Any:
    """One value, as CompleteValue writes a leaf. Raises what the type raises."""
    written = type_.coerce_output_value(value)
    if written is None or written is Undefined:
        raise TypeError(
            f"Expected `{inspect(type_)}.coerce_output_value({inspect(value)})` to return "
            f"non-nullable value, returned: {inspect(written)}"
        )
    return written


def _ints(values: Sequence[Any]) -> Sequence[Any]:
    numbers = [value for value in values if value is not None]
    if numbers and not (min(numbers) >= GRAPHQL_MIN_INT and max(numbers) <= GRAPHQL_MAX_INT):
        raise ValueError("not all are 32 bits wide")
    return values


def _floats(values: Sequence[Any]) -> Sequence[Any]:
    if not all(isfinite(value) for value in values if value is not None):
        raise ValueError("not all are finite")
    return values


_NOTHING = LeafWriter(frozenset())
_SPECIFIED = {
    GraphQLString.name: LeafWriter(frozenset({str})),
    GraphQLID.name: LeafWriter(frozenset({str})),
    GraphQLBoolean.name: LeafWriter(frozenset({bool})),
    GraphQLInt.name: LeafWriter(frozenset({int}), _ints),
    GraphQLFloat.name: LeafWriter(frozenset({float}), _floats),
}
_OUTPUT = {
    type_.name: type_.coerce_output_value
    for type_ in (GraphQLString, GraphQLID, GraphQLBoolean, GraphQLInt, GraphQLFloat)
}


def _is_specified(type_: GraphQLLeafType) -> bool:
    """Whether it writes as the specified scalar of its name does, and not in a way of its own."""
    return type_.coerce_output_value == _OUTPUT.get(type_.name)

"""Arguments as GraphQL delivers them, turned into what resolvers take: snake_case, plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, cast

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
)
from strawberry.utils.str_converters import to_camel_case

from datasources.paging import Listing, PageRequest, Sorting
from resolvers.errors import BadUserInput
from resolvers.filters import conditions_of, filters_of
from schema.base.json_values import NUL, check_json

__all__ = [
    "DEFAULT_PAGE_SIZE",
    "MAX_PAGE_SIZE",
    "check_page",
    "page_request",
    "plain_arguments",
    "to_path",
]

DEFAULT_PAGE_SIZE = 25
MAX_PAGE_SIZE = 200
_PLAIN_NUMBER = 2**63
"""Numbers nearer to 0 are fine whatever they are for."""


def plain_arguments(
    arguments: Mapping[str, GraphQLArgument], values: Mapping[str, Any]
) -> dict[str, Any]:
    """The given arguments under their Python names; what was left out stays out."""
    return {
        _python_name(arguments[name]) or name: _reader_of(arguments[name].type)(value)
        for name, value in values.items()
    }


def _python_name(field: Any) -> str | None:
    definition = (field.extensions or {}).get("strawberry-definition")
    return getattr(definition, "python_name", None)


_READER = "plain-reader"
"""Key of an input type's function among its extensions. PERF: bench/usage; made once a type, it
reads an input of nine fields in a fifth of the time that looking through the type takes."""


def _reader_of(type_: GraphQLInputType) -> Callable[[Any], Any]:
    if isinstance(type_, GraphQLNonNull):
        return _reader_of(type_.of_type)
    if isinstance(type_, GraphQLList):
        read = _reader_of(type_.of_type)
        return lambda value: None if value is None else [read(item) for item in value]
    if not isinstance(type_, GraphQLInputObjectType):
        return _plain_leaf
    if _READER not in type_.extensions:
        type_.extensions[_READER] = _object_reader(type_)
    return cast("Callable[[Any], Any]", type_.extensions[_READER])


def _object_reader(type_: GraphQLInputObjectType) -> Callable[[Any], Any]:
    readers: dict[str, tuple[str, Callable[[Any], Any]]] = {}

    def read_object(value: Any) -> Any:
        if value is None:
            return None
        plain = {}
        for name, item in value.items():
            if name not in readers:
                field = type_.fields[name]
                readers[name] = (_python_name(field) or name, _reader_of(field.type))
            python_name, read = readers[name]
            plain[python_name] = read(item)
        return plain

    return read_object


def _plain_leaf(value: Any) -> Any:
    """The value, unless it is text or JSON that PostgreSQL has no form for."""
    # PERF: bench/usage; most are text, which is known by its class alone.
    if value.__class__ is not str and isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        if "\0" in value:
            raise BadUserInput(NUL)
        return value
    is_number = isinstance(value, int | float)
    if isinstance(value, dict | list) or (is_number and not abs(value) < _PLAIN_NUMBER):
        check_json(value)
    return value


def page_request(pages: Listing, arguments: Mapping[str, Any]) -> PageRequest:
    """The page that Relay's arguments ask for. Raises `BadUserInput`."""
    first, last = arguments.get("first"), arguments.get("last")
    after, before = arguments.get("after"), arguments.get("before")
    backwards = last is not None or (before is not None and first is None)
    if first is not None and last is not None:
        raise BadUserInput("Ask for a page from the start (first) or the end (last), not both.")
    if after is not None and backwards:
        raise BadUserInput("after goes with first; use before with last.")
    if before is not None and not backwards:
        raise BadUserInput("before goes with last; use after with first.")
    given = {**(arguments.get("filter") or {}), **_conditions(arguments)}
    return PageRequest(
        size=_size("last" if backwards else "first", last if backwards else first),
        cursor=before if backwards else after,
        backwards=backwards,
        sorting=_sorting(pages, arguments.get("order_by")),
        filters=filters_of(conditions_of(given)),
    )


def check_page(pages: Listing, field: GraphQLField) -> None:
    """Refuse a list whose filter or order names what it does not know. Raises `LookupError`."""
    asked = (
        _condition_names(field.args.get("filter"))
        | _conditions(
            {_python_name(argument) or name: None for name, argument in field.args.items()}
        ).keys()
    )
    unknown = (asked - set(pages.conditions)) | (_order_names(field) - set(pages.orders))
    if unknown:
        raise LookupError(f"The pages of {pages.row.__name__} do not know {sorted(unknown)}.")


_RELAY = frozenset({"first", "after", "last", "before", "filter", "order_by"})


def _conditions(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are conditions, beside those that every list takes."""
    return {name: value for name, value in arguments.items() if name not in _RELAY}


def _condition_names(argument: GraphQLArgument | None) -> set[str]:
    if argument is None:
        return set()
    names: set[str] = set()
    for name, field in cast("GraphQLInputObjectType", get_named_type(argument.type)).fields.items():
        python_name = _python_name(field) or name
        nested = get_named_type(field.type)
        if isinstance(nested, GraphQLInputObjectType):
            names |= {f"{python_name}_{end}" for end in nested.fields}
        else:
            names.add(python_name)
    return names


def _order_names(field: GraphQLField) -> set[str]:
    argument = field.args.get("orderBy")
    if argument is None:
        return set()
    order = cast("GraphQLInputObjectType", get_named_type(argument.type))
    return set(cast("GraphQLEnumType", get_named_type(order.fields["field"].type)).values)


def _size(name: str, asked: int | None) -> int:
    if asked is None:
        return DEFAULT_PAGE_SIZE
    if not 0 <= asked <= MAX_PAGE_SIZE:
        raise BadUserInput(f"{name} may be 0 to {MAX_PAGE_SIZE}; {asked} was asked for.")
    return asked


def _sorting(pages: Listing, order: Mapping[str, str] | None) -> Sorting | None:
    if order is None:
        return None
    if order["field"] not in pages.orders:
        raise BadUserInput(f"This list cannot be sorted by {order['field']}.")
    return Sorting(order["field"], descending=order["direction"] == "DESC")


def to_path(path: tuple[str, ...]) -> list[str]:
    """The path of a user error as the client knows it, below `input`."""
    return ["input", *[to_camel_case(name) for name in path]]

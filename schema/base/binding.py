"""Turns the declarations kept with fields into graphql-core resolvers.

Strawberry says what the graph looks like; what a field does is said by its declaration. The same
declarations are open to any other way of executing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from enum import Enum
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

from datasources.made import made_row
from datasources.narrowing import wide_row
from schema.base.batches import batched, is_missing, key_getter, known
from schema.base.columns import enum_columns, scalar_columns
from schema.base.entities import entities_batch, entities_resolver
from schema.base.fields import (
    Column,
    Computed,
    Declaration,
    Events,
    Found,
    Made,
    Many,
    One,
    Outcome,
    PageOf,
    Reference,
    Write,
    declaration_of,
)
from schema.base.inputs import check_page, page_request, plain_arguments
from schema.base.moves import move_to
from schema.base.rows import ConnectionRow, PayloadRow
from schema.base.trees import BOUND, DEFINITION, Bound, entity_of
from schema.base.writes import written

if TYPE_CHECKING:
    from schema.base.modules import Entity

__all__ = ["bind"]

_REPRESENTATION = "_Any"
"""Scalar of representations, whose values stay as they are."""


def bind(schema: GraphQLSchema, types: Mapping[str, type]) -> None:
    """Give every declared field of a built schema its resolver."""
    entities = {name: cast("Any", cls).__entity__ for name, cls in types.items()}
    names = _names_of_rows(schema)
    for named in schema.type_map.values():
        if isinstance(named, GraphQLEnumType):
            _bind_enum(named)
        elif isinstance(named, GraphQLScalarType):
            named.extensions = {**(named.extensions or {}), **scalar_columns(named.name)}
            if named.name == _REPRESENTATION:
                # Strawberry's own function does the same, but nobody can tell.
                _set_methods(named, coerce_input_value=GraphQLScalarType.parse_value)
        elif isinstance(named, GraphQLInterfaceType | GraphQLUnionType):
            named.resolve_type = _resolve_type(names)
            named.extensions = {**(named.extensions or {}), "type_of": partial(_type_of, names)}
        elif isinstance(named, GraphQLObjectType):
            named.is_type_of = None
            entity = entity_of(named)
            row = getattr(entity, "row", None)
            if entity is not None:
                move = partial(move_to, entity)
                named.extensions = {**(named.extensions or {}), "move": move}
            for field in named.fields.values():
                _bind_field(field, row, entities)
    query = schema.query_type
    if query is not None and "_entities" in query.fields:
        field = query.fields["_entities"]
        field.resolve = entities_resolver(entities)
        field.extensions = {**(field.extensions or {}), **entities_batch(entities)}


def _names_of_rows(schema: GraphQLSchema) -> dict[type, str]:
    names: dict[type, str] = {}
    for named in schema.type_map.values():
        if isinstance(named, GraphQLObjectType):
            entity = entity_of(named)
            if entity is not None:
                names[entity.row] = named.name
    return names


def _resolve_type(names: Mapping[type, str]) -> Callable[..., str | None]:
    def resolve_type(value: Any, _info: Any, _abstract: Any) -> str | None:
        return _type_of(names, value)

    return resolve_type


def _type_of(names: Mapping[type, str], value: Any) -> str | None:
    return names.get(wide_row(type(value)))


def _bind_enum(named: GraphQLEnumType) -> None:
    """Rows hold an enum's name as text, so that is what goes out."""
    allowed = frozenset(named.values)

    def write(value: Any) -> str:
        text = value.value if isinstance(value, Enum) else value
        if text not in allowed:
            raise ValueError(f"{named.name} has no value {text!r}.")
        return cast("str", text)

    if not named.name.startswith("__"):
        _set_methods(named, serialize=write, coerce_output_value=write)
        named.extensions = {**(named.extensions or {}), **enum_columns(allowed)}


def _set_methods(named: Any, **methods: Callable[..., Any]) -> None:
    """Give one instance methods of its own."""
    for name, method in methods.items():
        setattr(named, name, method)


def _bind_field(field: GraphQLField, row: type | None, entities: Mapping[str, Entity]) -> None:
    definition = (field.extensions or {}).get(DEFINITION)
    if definition is None:
        return
    declaration = declaration_of(definition)
    if isinstance(declaration, Events):
        field.subscribe = partial(_subscribe, declaration.source, field)
    if declaration is not None:
        python_name = definition.python_name
        field.resolve = _resolver(declaration, python_name, field, entities)
        answers = batched(declaration, python_name, field, entities)
        entity = entities.get(get_named_type(field.type).name)
        bound = Bound(declaration, python_name, row, entity)
        field.extensions = {**field.extensions, **answers, BOUND: bound}


def _resolver(  # noqa: PLR0911 - one return a kind of declaration
    declaration: Declaration, name: str, field: GraphQLField, entities: Mapping[str, Entity]
) -> Callable[..., Any]:
    match declaration:  # a table: one line a kind
        case Column(of):
            return _column(of or name)
        case One(read, by):
            return _one(read, by)
        case Found(read, key):
            return partial(_found, read, key, field)
        case Many(read, by, limited):
            return _many(read, by, limited=limited)
        case PageOf(pages, by):
            check_page(pages, field)
            return partial(_page, pages, key_getter(by), field)
        case Reference(by):
            return _reference(entities[get_named_type(field.type).name], by)
        case Made(row, columns):
            return partial(_made, row, key_getter(tuple(columns.values())), tuple(columns), field)
        case Computed(resolve):
            return partial(_computed, resolve, field)
        case Outcome(otherwise):
            return _outcome(name, otherwise)
        case Write():
            return partial(_write, declaration, name, field)
        case Events():
            return _event


def _column(name: str) -> Callable[..., Any]:
    get = attrgetter(name)

    def resolve(row: Any, _info: Any) -> Any:
        return get(row)

    return resolve


def _outcome(name: str, otherwise: Any) -> Callable[..., Any]:
    def resolve(row: PayloadRow, _info: Any) -> Any:
        return otherwise if row.result is None else getattr(row.result, name)

    return resolve


def _one(read: Any, by: tuple[str, ...]) -> Callable[..., Any]:
    key_of = key_getter(by)

    def resolve(row: Any, info: Any) -> Awaitable[Any] | None:
        key = key_of(row)
        return None if is_missing(key) else info.context.load(read, key)

    return resolve


async def _found(
    read: Any, key_of: Callable[..., Any], field: GraphQLField, row: Any, info: Any, **values: Any
) -> Any:
    key = await known(key_of(info.context, row, **plain_arguments(field.args, values)))
    return None if is_missing(key) else await info.context.load(read, key)


def _many(read: Any, by: tuple[str, ...], *, limited: bool) -> Callable[..., Any]:
    key_of = key_getter(by)

    async def resolve(row: Any, info: Any, first: int | None = None) -> Any:
        key = key_of(row)
        rows = [] if is_missing(key) else await info.context.load(read, key)
        return rows[:first] if limited else rows

    return resolve


def _page(
    pages: Any,
    key_of: Callable[[Any], Any],
    field: GraphQLField,
    row: Any,
    _info: Any,
    **values: Any,
) -> ConnectionRow:
    request = page_request(pages, plain_arguments(field.args, values))
    return ConnectionRow(pages, request, key_of(row))


def _reference(entity: Entity, by: tuple[str, ...]) -> Callable[..., Any]:
    if entity.read is not None:
        return _one(entity.read, by)
    key_of, row_class = key_getter(by), entity.row

    def resolve(row: Any, _info: Any) -> Any:
        key = key_of(row)
        return None if is_missing(key) else row_class(key)

    return resolve


def _made(
    row_class: type[Any],
    key_of: Callable[[Any], Any],
    names: tuple[str, ...],
    field: GraphQLField,
    row: Any,
    _info: Any,
    **values: Any,
) -> Any:
    return made_row(row_class, names, key_of(row), plain_arguments(field.args, values))


def _computed(
    resolve: Callable[..., Any], field: GraphQLField, row: Any, info: Any, **values: Any
) -> Any:
    return resolve(info.context, row, **plain_arguments(field.args, values))


def _subscribe(
    source: Callable[..., AsyncIterator[Any]],
    field: GraphQLField,
    _row: object,
    info: Any,
    **values: Any,
) -> AsyncIterator[Any]:
    return source(info.context, **plain_arguments(field.args, values))


def _event(row: Any, _info: Any, **_values: Any) -> Any:
    """What a subscription shows of an event is the event itself."""
    return row


def _write(
    declaration: Write, name: str, field: GraphQLField, _row: Any, info: Any, **values: Any
) -> Awaitable[PayloadRow]:
    return written(declaration, name, field, info.context, values)

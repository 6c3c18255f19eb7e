"""A schema with every wrapping of list and non-null around every kind of type, and its answers.

What a field answers is drawn from a seed, the object and the field, so it is the same whoever asks
and in whatever order: values, nulls, failures, values of the wrong kind, at once or after a wait.
Each field is declared in one of the ways there are, beside its resolver, which answers the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLFloat,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

__all__ = ["KINDS", "root", "zoo"]

KINDS = ("resolver", "column", "batch", "late batch", "each", "late each")
"""How a field can be declared."""


class World(NamedTuple):
    """What all objects of one request have in common."""

    types: Mapping[str, Any]
    """Types of the fields, which are the same for all objects."""
    seed: int
    trouble: float
    """How likely things go wrong."""
    waits: bool
    """Whether anything may have to be awaited."""


class ZooError(Exception):
    """A failing field."""


class Row:
    """An object; its attributes are its fields' answers."""

    def __init__(self, origin: str, type_name: str, world: World) -> None:
        self.origin = origin
        self.type_name = type_name
        self.world = world

    def __getattr__(self, name: str) -> Any:
        if name not in self.world.types:
            raise AttributeError(name)
        return self.answer(name, {})

    def __repr__(self) -> str:
        return self.origin

    def answer(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """The raw value of a field; raises for some."""
        origin = f"{self.origin}.{name}{arguments or ''}"
        draw = Random(f"{self.world.seed} {origin}")  # noqa: S311 - a test's dice
        if draw.random() < self.world.trouble:
            raise ZooError(f"{origin} fails")
        return _value(draw, self.world.types[name], origin, self.world)

    def tried(self, name: str, arguments: Mapping[str, Any]) -> Any:
        """The raw value, or what it raises."""
        try:
            return self.answer(name, arguments)
        except ZooError as error:
            return error


async def later(value: Any) -> Any:
    await asyncio.sleep(0)
    if isinstance(value, ZooError):
        raise value
    return value


def _value(draw: Random, type_: Any, origin: str, world: World) -> Any:
    if is_non_null_type(type_):
        type_ = type_.of_type
    elif draw.random() < 0.1:
        return None
    if draw.random() < world.trouble:
        wrong = [None, object, ZooError(f"{origin} is one"), GraphQLError("told"), 2**40]
        return draw.choice(wrong)
    if is_list_type(type_):
        return _list(draw, type_.of_type, origin, world)
    if is_leaf_type(type_):
        return draw.choice(LEAVES[type_.name])
    return Row(origin, draw.choice(POSSIBLE.get(type_.name, (type_.name,))), world)


def _list(draw: Random, item: Any, origin: str, world: World) -> Any:
    items = [_value(draw, item, f"{origin}[{at}]", world) for at in range(draw.randrange(4))]
    shape = draw.randrange(6 if world.waits else 3)
    if shape == 1:
        return tuple(items)
    if shape == 2:
        return (entry for entry in items)
    if shape == 3:
        return [later(entry) if draw.random() < 0.5 else entry for entry in items]
    return _streamed(items) if shape == 4 else items


async def _streamed(items: Sequence[Any]) -> AsyncIterator[Any]:
    for entry in items:
        await asyncio.sleep(0)
        yield entry


def even(value: Any) -> int:
    if not isinstance(value, int) or value % 2:
        raise GraphQLError("Not an even number.")
    return value


COLOR = GraphQLEnumType("Color", {"RED": 1, "GREEN": 2})
EVEN = GraphQLScalarType("Even", coerce_output_value=even, coerce_input_value=even)
LEAVES: dict[str, list[Any]] = {
    "Int": [0, 1, -5, True, 2.0, "7"],
    "Float": [0.5, 1, 2.5],
    "String": ["a", "b", "", 3],
    "Color": [1, 2],
    "Even": [0, 2, 4],
}
POSSIBLE = {"Pet": ("Cat", "Dog"), "Either": ("Cat", "Rock")}


def zoo(kind_of: Callable[[str], str], *, waits: bool) -> GraphQLSchema:
    """The schema; `kind_of` says how a field is declared, `waits` whether any may wait."""
    types: dict[str, Any] = {}

    def fields() -> dict[str, GraphQLField]:
        return {
            name: _field(name, type_, kind_of(name), waits=waits)
            for name, type_ in _typed(types).items()
        }

    pet = types["Pet"] = GraphQLInterfaceType("Pet", fields, resolve_type=_type_of)
    cat = types["Cat"] = GraphQLObjectType("Cat", fields, interfaces=[pet])
    is_type_of = _is_dog if waits else None
    dog = GraphQLObjectType("Dog", fields, interfaces=[pet], is_type_of=is_type_of)
    rock = GraphQLObjectType("Rock", fields, is_type_of=_is_rock)
    resolve = _type_of_later if waits else _type_of
    types["Either"] = GraphQLUnionType("Either", [cat, rock], resolve_type=resolve)
    query, mutation = GraphQLObjectType("Query", fields), GraphQLObjectType("Mutation", fields)
    return GraphQLSchema(query, mutation, types=[dog, rock])


def root(schema: GraphQLSchema, seed: int, trouble: float, *, waits: bool) -> Row:
    """The object that an operation on the schema starts from."""
    assert schema.query_type is not None
    types = {name: field.type for name, field in schema.query_type.fields.items()}
    return Row("root", "Query", World(types, seed, trouble, waits))


def wrappings(type_: Any, depth: int) -> Iterator[Any]:
    """The type in every wrapping of list and non-null up to a depth of lists."""
    yield type_
    yield GraphQLNonNull(type_)
    if depth:
        for inner in (type_, GraphQLNonNull(type_)):
            yield from wrappings(GraphQLList(inner), depth - 1)


def _typed(types: Mapping[str, Any]) -> dict[str, Any]:
    """Names and types of the fields that every object has."""
    twice = (GraphQLInt, COLOR, types["Cat"], types["Either"])
    bases = (*twice, GraphQLFloat, GraphQLString, EVEN, types["Pet"])
    return {
        f"{base.name.lower()}{number}": type_
        for base in bases
        for number, type_ in enumerate(wrappings(base, 2 if base in twice else 1))
    }


def _type_of(source: Any, _info: Any, _abstract: Any) -> Any:
    """The type's name; nothing for what is no object, and for some a name that is none."""
    if not isinstance(source, Row):
        return None
    if source.world.trouble and source.origin.endswith("1]"):
        return Random(source.origin).choice([source.type_name, "Nobody", "Color", "Query", 7])  # noqa: S311 - a test's dice
    return source.type_name


async def _type_of_later(source: Any, info: Any, abstract: Any) -> Any:
    await asyncio.sleep(0)
    return _type_of(source, info, abstract)


def _is_rock(source: Any, _info: Any) -> bool:
    return isinstance(source, Row) and source.type_name == "Rock"


async def _is_dog(source: Any, _info: Any) -> bool:
    if not isinstance(source, Row):
        raise ZooError("no object at all")
    return source.type_name == "Dog"


def _field(name: str, type_: Any, kind: str, *, waits: bool) -> GraphQLField:
    """One field, whose declaration and resolver answer the same."""
    is_late = waits and kind.startswith("late")

    def asked(source: Any) -> Row:
        if not isinstance(source, Row):
            raise ZooError(f"{source} is no object")
        return source

    def one(source: Any, arguments: Mapping[str, Any]) -> Any:
        row = asked(source)
        return later(row.tried(name, arguments)) if is_late else row.answer(name, arguments)

    def tried(source: Any, arguments: Mapping[str, Any]) -> Any:
        try:
            row = asked(source)
            return row.tried(name, arguments) if is_late else row.answer(name, arguments)
        except (ZooError, AttributeError) as error:
            return error

    def resolve(source: Any, _info: Any, **arguments: Any) -> Any:
        return one(source, arguments)

    def batch(arguments: Any) -> Any:
        def values(_context: Any, rows: Sequence[Any]) -> Any:
            found = [tried(row, arguments) for row in rows]
            return later(found) if is_late else found

        return values

    def each(arguments: Any) -> Any:
        return lambda _context, row: one(row, arguments)

    declarations: dict[str, dict[str, Any]] = {
        "resolver": {},
        "column": {"column": name},
        "batch": {"batch": lambda _wanted: batch},
        "each": {"each": lambda _wanted: each},
    }
    declaration = declarations[kind.removeprefix("late ")]
    takes = {} if kind == "column" else {"of": GraphQLArgument(EVEN)}
    if kind == "column":
        return GraphQLField(type_, takes, resolve=_attribute(name), extensions=declaration)
    return GraphQLField(type_, takes, resolve=resolve, extensions=declaration)


def _attribute(name: str) -> Callable[..., Any]:
    return lambda source, _info: getattr(source, name)

"""Worlds: what must be so for a query to have its expected answer.

The expected answers of a suite are laid over each other: what is found at one path, or has one
key, is one object. The answer of the case in question counts first, as some suites let subgraphs
disagree. What no answer tells, such as keys that no client asked for, is made up when it is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import orjson
from graphql import (
    FieldNode,
)

from federation.join import CompositeType, Kind
from federation.supergraph import Supergraph

__all__ = ["Thing", "World", "slot"]


class Thing:
    """An object: its type, if known, and the values of its fields by name and arguments."""

    def __init__(self, types: frozenset[str]) -> None:
        """Args: the object types it may be of."""
        self.types = types
        self.values: dict[str, Any] = {}
        self.same: Thing | None = None
        """The object that this one has turned out to be."""

    def itself(self) -> Thing:
        """The object it has turned out to be, or itself."""
        return self if self.same is None else self.same.itself()

    @property
    def type(self) -> str:
        """Its type, or the first it may be of."""
        return min(self.itself().types)


def slot(name: str, arguments: Mapping[str, Any]) -> str:
    """How a field's value is kept: by its name and what is given to it."""
    return f"{name}{orjson.dumps(dict(arguments), option=orjson.OPT_SORT_KEYS).decode()}"


class World:
    """Everything that the answers of a suite tell, as one case needs it."""

    def __init__(self, supergraph: Supergraph) -> None:
        """Make a world in which nothing is known yet."""
        self._types = supergraph.types
        self._possible = supergraph.possible
        self._schema = supergraph.api_schema
        self._numbers = count(1001)
        self.roots = {name: Thing(frozenset({name})) for name in supergraph.roots.values()}
        self.things: list[Thing] = list(self.roots.values())
        self.calls: list[str] = []
        """Fields of the mutation, in the order in which they must be called."""
        self.asked: set[str] = set()
        """Names of all fields that the case's query selects."""

    def new(self, type_name: str) -> Thing:
        """An object of a type, or of one of its object types."""
        thing = Thing(self._possible.get(type_name, frozenset({type_name})))
        self.things.append(thing)
        return thing

    def narrow(self, thing: Thing, types: frozenset[str]) -> None:
        """Learn which types an object may be of; what contradicts is left aside."""
        thing = thing.itself()
        thing.types = (thing.types & types) or thing.types

    def value(self, thing: Thing, name: str, arguments: Mapping[str, Any]) -> Any:
        """A field's value, made up if no answer tells it."""
        values, at = thing.itself().values, slot(name, arguments)
        if at not in values:
            values[at] = self._made_up(thing, name)
        return values[at]

    def field_type(self, thing: Thing, name: str) -> str:
        """Named type of a field, whichever of its possible types the object has."""
        owners = (self._types[type_name] for type_name in sorted(thing.itself().types))
        return next(owner.fields[name].type_name for owner in owners if name in owner.fields)

    def possible(self, type_name: str) -> frozenset[str]:
        """Object types of a type."""
        return self._possible.get(type_name, frozenset({type_name}))

    def unite(self, one: Any, other: Any) -> Any:
        """Two values of one field: objects are one object, else the first counts."""
        if isinstance(one, Thing) and isinstance(other, Thing):
            self._unite(one.itself(), other.itself())
        elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            for first, second in zip(one, other, strict=True):
                self.unite(first, second)
        return one

    def _unite(self, one: Thing, other: Thing) -> None:
        if one is other or not one.types & other.types:
            return
        other.same = one
        one.types &= other.types
        for at, value in other.values.items():
            one.values[at] = self.unite(one.values[at], value) if at in one.values else value

    def _made_up(self, thing: Thing, name: str) -> Any:
        field = self._types[thing.type].fields[name]
        if field.type_name in self._types:
            made: Any = self.new(field.type_name)
        else:
            made = self._leaf(field.type_name, f"{thing.type} {name}")
        for sign in reversed(field.type):
            made = [made] if sign == "]" else made
        return made

    def _leaf(self, type_name: str, about: str) -> Any:
        number = next(self._numbers)
        if type_name in {"Int", "Float"}:
            return number
        if type_name == "Boolean":
            return True
        enum = self._schema.type_map.get(type_name)
        values = getattr(enum, "values", None)
        return next(iter(values)) if values else f"{about} {number}"

    def join_equal_keys(self) -> None:
        """Objects of one type with one key are one, until no more are found."""
        joined = True
        while joined:
            joined = False
            known: dict[tuple[str, bytes], Thing] = {}
            for thing in [entry for entry in self.things if entry.same is None]:
                for key in self._keys(thing) if thing.same is None else ():
                    first = known.setdefault(key, thing).itself()
                    if first is not thing.itself():
                        self._unite(first, thing)
                        joined = True

    def _keys(self, thing: Thing) -> Iterator[tuple[str, bytes]]:
        if len(thing.types) > 1:
            return
        for names in _leaf_keys(self._types[thing.type]):
            slots = [slot(name, {}) for name in names]
            if all(thing.values.get(at) is not None for at in slots):
                values = [thing.values[at] for at in slots]
                yield f"{thing.type} {names}", orjson.dumps(values)


def _leaf_keys(entry: CompositeType) -> set[tuple[str, ...]]:
    """Keys made of leaves alone."""
    return {
        tuple(node.name.value for node in key.selection.selections if isinstance(node, FieldNode))
        for keys in entry.keys.values()
        for key in keys
        if entry.kind is Kind.OBJECT
        if all(
            isinstance(node, FieldNode) and node.selection_set is None
            for node in key.selection.selections
        )
    }

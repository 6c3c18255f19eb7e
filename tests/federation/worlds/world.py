"""Objects with values that depend on nothing but a seed and who they are.

However a graph is cut, every subgraph and the whole see the same world, so their answers must be
the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

from graphql import (
    FieldNode,
    GraphQLError,
    InlineFragmentNode,
    ListTypeNode,
    NonNullTypeNode,
    OperationType,
    SelectionSetNode,
    TypeNode,
    parse_type,
    value_from_ast_untyped,
)

from tests.federation.worlds.universe import Universe

__all__ = ["Thing", "World"]

_MANY = 3
"""Objects of a type."""


class Thing(NamedTuple):
    """One object."""

    type_name: str
    number: int


class World:
    """All values of one universe."""

    def __init__(self, universe: Universe, seed: int, *, failing: float = 0, null: float = 0.2):
        self.universe = universe
        self.violations: list[str] = []
        """What subgraphs were asked that they cannot answer."""
        self.mutations: list[str] = []
        """Fields of the mutation root that were called, in order."""
        self._seed = seed
        self._mutation = universe.supergraph.roots.get(OperationType.MUTATION)
        self._failing = failing
        self._null = null

    def things(self, type_name: str) -> list[Thing]:
        """All objects of an object type."""
        return [Thing(type_name, index) for index in range(_MANY)]

    def value(
        self, thing: Thing, field: str, arguments: Mapping[str, Any], given: Any = None
    ) -> Any:
        """The value of a field; `given` is what a subgraph was given of what it requires."""
        requirement = self.universe.requirement(thing.type_name, field)
        if requirement is not None and given is None:
            given = self.selected(thing, requirement)
        known = self._known_arguments(thing.type_name, field, arguments)
        if thing.type_name == self._mutation:
            self.mutations.append(f"{field} {known}")
        parts = [self._seed, *thing, field, known, given if requirement is not None else None]
        random = Random(json.dumps(parts, sort_keys=True))  # noqa: S311 - no secret
        at = (thing.type_name, field)
        if random.random() < self._failing and not self._is_vital(at):
            raise GraphQLError(f"{thing} has no {field}.")
        return self._any(self._type(thing.type_name, field), thing, field, random)

    def selected(self, thing: Thing, selection: SelectionSetNode) -> dict[str, Any]:
        """A required selection, as JSON without type names."""
        found: dict[str, Any] = {}
        for node in selection.selections:
            if isinstance(node, FieldNode) and node.name.value != "__typename":
                arguments = {
                    argument.name.value: value_from_ast_untyped(argument.value)
                    for argument in node.arguments or ()
                }
                value = self.value(thing, node.name.value, arguments)
                found[node.name.value] = self._reduced(value, node.selection_set)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else None
                if condition is None or thing.type_name in self.universe.possible(condition):
                    found |= self.selected(thing, node.selection_set)
        return found

    def _reduced(self, value: Any, selection: SelectionSetNode | None) -> Any:
        if isinstance(value, Thing):
            assert selection is not None
            return self.selected(value, selection)
        if isinstance(value, list):
            return [self._reduced(item, selection) for item in value]
        return value

    def _is_vital(self, at: tuple[str, str]) -> bool:
        return at in self.universe.keys or at in self.universe.required

    def _known_arguments(
        self, type_name: str, field: str, arguments: Mapping[str, Any]
    ) -> dict[str, Any]:
        """With defaults; what only some subgraphs declare is their own business."""
        declared = self.universe.arguments.get((type_name, field), {})
        known = {name: arguments.get(name, default) for name, default in declared.items()}
        return {name: value for name, value in known.items() if value is not None}

    def _type(self, type_name: str, field: str) -> TypeNode:
        owners = self.universe.owners(type_name, field)
        types = [parse_type(own.type) for own in owners.values()]
        if not types:
            types = [parse_type(self.universe.types[type_name].fields[field].type)]
        return _strictest(types)

    def _any(self, type_: TypeNode, thing: Thing, field: str, random: Random) -> Any:
        is_key = (thing.type_name, field) in self.universe.keys
        if not isinstance(type_, NonNullTypeNode):
            if random.random() < self._null and not is_key:
                return None
        else:
            type_ = type_.type
        if isinstance(type_, ListTypeNode):
            count = 2 if is_key else random.randrange(4)
            return [self._any(type_.type, thing, field, random) for _ in range(count)]
        return self._one(type_.name.value, thing, field, random, is_key=is_key)  # type: ignore[attr-defined]

    def _one(self, name: str, thing: Thing, field: str, random: Random, *, is_key: bool) -> Any:
        if name in self.universe.types:
            candidates = self.universe.candidates(thing.type_name, field)
            if not candidates:
                return None
            chosen = random.choice(candidates)
            if chosen in self.universe.supergraph.roots.values():
                return Thing(chosen, 0)
            return Thing(chosen, thing.number if is_key else random.randrange(_MANY))
        if name in self.universe.enum_values:
            return random.choice(self.universe.enum_values[name])
        unique = crc32(f"{thing.type_name}.{field}".encode()) % 1_000_000 + thing.number
        match name:
            case "Int":
                return unique if is_key else random.randrange(100)
            case "Float":
                return unique + 0.5 if is_key else random.randrange(100) + 0.5
            case "Boolean":
                return random.random() < 0.5
        text = f"{thing.type_name}{thing.number}.{field}"
        return text if is_key else f"{text}#{random.randrange(10_000)}"


def _strictest(types: list[TypeNode]) -> TypeNode:
    """Non-null wherever one of the types is."""
    inner: list[Any] = [
        type_.type if isinstance(type_, NonNullTypeNode) else type_ for type_ in types
    ]
    if all(isinstance(type_, ListTypeNode) for type_ in inner):
        below = _strictest([type_.type for type_ in inner])
        inner = [ListTypeNode(type=below)]
    strictest: TypeNode = inner[0]
    if any(isinstance(type_, NonNullTypeNode) for type_ in types):
        strictest = NonNullTypeNode(type=inner[0])
    return strictest

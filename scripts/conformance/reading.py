"""Reading worlds off the expected answers of a suite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    get_variable_values,
    parse,
    validate,
)
from graphql.utilities import value_from_ast_untyped

from federation.supergraph import Supergraph
from scripts.conformance.suites import Case
from scripts.conformance.world import Thing, World, slot

__all__ = ["world_of"]


def world_of(supergraph: Supergraph, case: Case, others: Iterable[Case]) -> World:
    """What must be so for a case to be answered as expected, and the others as far as it allows."""
    world = World(supergraph)
    schema = supergraph.api_schema
    for entry in (case, *(other for other in others if other is not case)):
        if "data" in entry.expected and not validate(schema, parse(entry.query)):
            _Reading(world, schema, entry, is_own=entry is case).read()
    world.join_equal_keys()
    return world


class _Asked(NamedTuple):
    """A field that a query asks for."""

    key: str
    node: FieldNode
    conditions: tuple[str, ...]
    """Type conditions that it stands under."""


class _Reading:
    """Reads what one case's answer tells."""

    def __init__(self, world: World, schema: GraphQLSchema, case: Case, *, is_own: bool) -> None:
        document = parse(case.query)
        operations = [n for n in document.definitions if isinstance(n, OperationDefinitionNode)]
        self._operation = operations[0]
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        declared = self._operation.variable_definitions or ()
        values = get_variable_values(schema, declared, dict(case.variables))
        self._variables = {} if isinstance(values, list) else values.coerced
        self._data = case.expected["data"]
        self._world = world
        self._schema = schema
        self._is_own = is_own

    def read(self) -> None:
        root = self._schema.get_root_type(self._operation.operation)
        if root is None or self._data is None:
            return
        thing = self._world.roots[root.name]
        self._object(thing, (self._operation.selection_set,), self._data)
        if self._is_own and root is self._schema.mutation_type:
            self._world.calls = [
                slot(entry.node.name.value, self._arguments(entry.node))
                for entry in self._fields((self._operation.selection_set,))
                if entry.node.name.value != "__typename"
            ]

    def _object(
        self, thing: Thing, sets: Sequence[SelectionSetNode], data: Mapping[str, Any]
    ) -> None:
        asked: dict[str, list[_Asked]] = {}
        for entry in self._fields(sets):
            asked.setdefault(entry.key, []).append(entry)
            if self._is_own:
                self._world.asked.add(entry.node.name.value)
        for key, entries in asked.items():
            self._learn_type(thing, entries, is_there=key in data)
        for key, entries in asked.items():
            if key in data and entries[0].node.name.value == "__typename":
                self._world.narrow(thing, frozenset({data[key]}))
            elif key in data:
                self._field(thing, entries, data[key])

    def _learn_type(self, thing: Thing, entries: Sequence[_Asked], *, is_there: bool) -> None:
        """A key is there if a type condition holds under which it is asked for."""
        holding = [self._holding(entry.conditions) for entry in entries]
        if is_there and all(types is not None for types in holding):
            self._world.narrow(thing, frozenset().union(*(types or () for types in holding)))
        elif not is_there:
            for types in holding:
                self._world.narrow(thing, thing.itself().types - (types or frozenset()))

    def _holding(self, conditions: Sequence[str]) -> frozenset[str] | None:
        """Object types for which conditions hold; None: there are none."""
        members = [self._world.possible(condition) for condition in conditions]
        return frozenset.intersection(*members) if members else None

    def _field(self, thing: Thing, entries: Sequence[_Asked], data: Any) -> None:
        node = entries[0].node
        sets = [entry.node.selection_set for entry in entries if entry.node.selection_set]
        at, values = slot(node.name.value, self._arguments(node)), thing.itself().values
        value = self._value(self._world.field_type(thing, node.name.value), sets, data)
        values[at] = self._world.unite(values[at], value) if at in values else value

    def _value(self, type_name: str, sets: Sequence[SelectionSetNode], data: Any) -> Any:
        if isinstance(data, list):
            return [self._value(type_name, sets, entry) for entry in data]
        if not sets or data is None:
            return data
        thing = self._world.new(type_name)
        self._object(thing, sets, data)
        return thing

    def _arguments(self, node: FieldNode) -> dict[str, Any]:
        return {
            argument.name.value: value_from_ast_untyped(argument.value, self._variables)
            for argument in node.arguments or ()
        }

    def _fields(
        self, sets: Iterable[SelectionSetNode], conditions: tuple[str, ...] = ()
    ) -> Iterator[_Asked]:
        """The fields that are asked for, as `@skip` and `@include` leave them."""
        for node in (node for selections in sets for node in selections.selections):
            if not self._is_taken(node):
                continue
            if isinstance(node, FieldNode):
                yield _Asked(node.alias.value if node.alias else node.name.value, node, conditions)
                continue
            part: Any = node
            if isinstance(node, FragmentSpreadNode):
                part = self._fragments[node.name.value]
            named = (part.type_condition.name.value,) if part.type_condition else ()
            yield from self._fields((part.selection_set,), (*conditions, *named))

    def _is_taken(self, node: Any) -> bool:
        for directive in node.directives or ():
            value = value_from_ast_untyped(directive.arguments[0].value, self._variables)
            if value is (directive.name.value == "skip"):
                return False
        return True

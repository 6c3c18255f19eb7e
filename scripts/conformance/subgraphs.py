"""Subgraphs that know a world and answer for their part of it, strictly.

A subgraph refuses what no correct gateway asks of it: a field that belongs to another subgraph and
was not promised by `@provides`, a field with `@requires` without what it requires, an entity that
does not exist, a field that is of no use to the query, a mutation out of order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionSetNode,
)
from graphql.utilities import value_from_ast_untyped

from federation.join import Key, SubgraphInfo
from federation.supergraph import Supergraph
from scripts.conformance.executable import executable
from scripts.conformance.world import Thing, World, slot

__all__ = ["DerivedSubgraph"]


class _Held(NamedTuple):
    """An object in the hands of a subgraph."""

    thing: Thing
    known: Mapping[str, Any]
    """What the gateway told of it."""
    provided: tuple[SelectionSetNode, ...]
    """What the subgraph has promised to know of it."""


class DerivedSubgraph:
    """One subgraph; `world` is set before each case."""

    def __init__(self, supergraph: Supergraph, info: SubgraphInfo, sdl: str) -> None:
        self.world: World | None = None
        self._types = supergraph.types
        self._possible = supergraph.possible
        self._roots = supergraph.roots
        self._graph = info.graph_enum
        self._needed = _needed(supergraph)
        self.schema = self._executable(sdl)

    def _executable(self, sdl: str) -> GraphQLSchema:
        schema = executable(sdl, [name for name in self._types if self._keys(name)])
        for type_ in schema.type_map.values():
            if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("_"):
                for field in type_.fields.values():
                    field.resolve = self._resolve
            elif isinstance(type_, (GraphQLInterfaceType, GraphQLUnionType)):
                type_.resolve_type = self._resolve_type
        query = schema.query_type
        assert query is not None  # noqa: S101 - every subgraph has one by now
        query.fields["_service"].resolve = lambda *_: {"sdl": sdl}
        if "_entities" in query.fields:
            query.fields["_entities"].resolve = self._entities
        return schema

    def _keys(self, type_name: str) -> tuple[Key, ...]:
        entry = self._types.get(type_name)
        return () if entry is None else entry.keys.get(self._graph, ())

    def _entities(
        self, _root: Any, _info: Any, representations: list[dict[str, Any]]
    ) -> list[_Held | GraphQLError]:
        return [self._entity(item) for item in representations]

    def _entity(self, representation: dict[str, Any]) -> _Held | GraphQLError:
        name = representation.get("__typename", "")
        possible = self._possible.get(name, frozenset({name}))
        for thing in self._existing():
            if thing.types <= possible and any(
                self._is_meant(thing, representation, key.selection)
                for key in self._keys(name)
                if key.is_resolvable
            ):
                return _Held(thing, representation, ())
        return GraphQLError(f"There is no such entity: {representation}.")

    def _existing(self) -> list[Thing]:
        return [thing for thing in self._the_world.things if thing.same is None]

    @property
    def _the_world(self) -> World:
        assert self.world is not None  # noqa: S101 - set before each case
        return self.world

    def _is_meant(self, thing: Thing, given: Any, selection: SelectionSetNode) -> bool:
        """Whether what is given of an object tells all of a selection, as it is."""
        if not isinstance(given, Mapping):
            return False
        for node in selection.selections:
            if isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else thing.type
                applies = thing.type in self._possible.get(condition, {condition})
                if applies and not self._is_meant(thing, given, node.selection_set):
                    return False
            elif isinstance(node, FieldNode) and node.name.value != "__typename":
                if node.name.value not in given:
                    return False
                value = self._the_world.value(thing, node.name.value, _arguments(node, {}))
                if not self._agrees(value, given[node.name.value], node.selection_set):
                    return False
        return True

    def _agrees(self, value: Any, given: Any, selection: SelectionSetNode | None) -> bool:
        if isinstance(value, list) and isinstance(given, list):
            return len(value) == len(given) and all(
                self._agrees(one, other, selection) for one, other in zip(value, given, strict=True)
            )
        if isinstance(value, Thing) and selection is not None:
            return self._is_meant(value.itself(), given, selection)
        return bool(value == given)

    def _resolve_type(self, held: Any, info: GraphQLResolveInfo[Any], _type: Any) -> str:
        name: str = held.thing.type
        if isinstance(info.schema.type_map.get(name), GraphQLObjectType):
            return name
        # An interface object stands for all object types of the interface.
        interfaces = self._types[name].interfaces.get("", frozenset())
        return next((entry for entry in sorted(interfaces) if self._keys(entry)), name)

    def _resolve(self, held: Any, info: GraphQLResolveInfo[Any], **_values: Any) -> Any:
        world, node = self._the_world, info.field_nodes[0]
        type_name, name = self._composed_name(info), node.name.value
        arguments = _arguments(node, info.variable_values)
        if held is None:
            self._note_call(world, type_name, slot(name, arguments))
            held = _Held(world.roots[type_name], {}, ())
        self._check(held, type_name, name)
        value = world.value(held.thing, name, arguments)
        return self._held(value, self._provided(held, type_name, name))

    def _composed_name(self, info: GraphQLResolveInfo[Any]) -> str:
        """Name of the parent type in the supergraph, where root types may be called otherwise."""
        if info.parent_type is info.schema.get_root_type(info.operation.operation):
            return self._roots[info.operation.operation]
        return info.parent_type.name

    def _note_call(self, world: World, type_name: str, call: str) -> None:
        if type_name == "Mutation":
            if not world.calls or world.calls[0] != call:
                raise GraphQLError(f"{call} is called out of order.")
            world.calls.pop(0)

    def _check(self, held: _Held, type_name: str, name: str) -> None:
        declared = self._types[type_name].fields[name].graphs.get(self._graph)
        is_promised = any(name == node.name.value for node in _fields(held.provided))
        if name not in self._the_world.asked | self._needed:
            raise GraphQLError(f"{type_name}.{name} is of no use to the query.")
        if declared is None or is_promised:
            return
        if declared.is_external and not self._is_key_field(type_name, name):
            raise GraphQLError(f"{type_name}.{name} is resolved by another subgraph.")
        if declared.requires and not self._is_meant(held.thing, held.known, declared.requires):
            raise GraphQLError(f"{type_name}.{name} lacks what it requires: {held.known}.")

    def _is_key_field(self, type_name: str, name: str) -> bool:
        return any(
            name == node.name.value
            for key in self._keys(type_name)
            for node in _fields((key.selection,))
        )

    def _provided(self, held: _Held, type_name: str, name: str) -> tuple[SelectionSetNode, ...]:
        declared = self._types[type_name].fields[name].graphs.get(self._graph)
        own = declared.provides if declared is not None else None
        nested = (node.selection_set for node in _fields(held.provided) if node.name.value == name)
        return tuple(selection for selection in (own, *nested) if selection is not None)

    def _held(self, value: Any, provided: tuple[SelectionSetNode, ...]) -> Any:
        if isinstance(value, list):
            return [self._held(entry, provided) for entry in value]
        return _Held(value.itself(), {}, provided) if isinstance(value, Thing) else value


def _needed(supergraph: Supergraph) -> frozenset[str]:
    """Names of fields that keys and requirements select."""
    selections: list[SelectionSetNode] = []
    for entry in supergraph.types.values():
        selections += (key.selection for keys in entry.keys.values() for key in keys)
        for field in entry.fields.values():
            for declared in field.graphs.values():
                selections += filter(None, (declared.requires, declared.provides))
                selections += (argument.selection for argument in declared.contexts)
    return frozenset(_names(selections))


def _names(selections: Iterable[SelectionSetNode]) -> Iterator[str]:
    for node in _fields(selections):
        yield node.name.value
        if node.selection_set is not None:
            yield from _names((node.selection_set,))


def _fields(selections: Iterable[SelectionSetNode]) -> Iterator[FieldNode]:
    for node in (node for selection in selections for node in selection.selections):
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _fields((node.selection_set,))


def _arguments(node: FieldNode, variables: Any) -> dict[str, Any]:
    values = getattr(variables, "coerced", variables)
    return {
        argument.name.value: value_from_ast_untyped(argument.value, values)
        for argument in node.arguments or ()
    }

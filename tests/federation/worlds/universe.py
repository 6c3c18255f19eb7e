"""What a supergraph says about the objects that can exist behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from typing import Any

from graphql import (
    EnumTypeDefinitionNode,
    FieldNode,
    GraphQLSchema,
    InlineFragmentNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    SelectionSetNode,
    build_ast_schema,
)
from graphql.utilities import value_from_ast_untyped

from federation.api_schema import api_document
from federation.join import CompositeType, GraphField, Kind, applied
from federation.supergraph import Supergraph

__all__ = ["Universe"]


class Universe:
    """The types of a supergraph, as far as their objects' values depend on them."""

    def __init__(self, supergraph: Supergraph) -> None:
        self.supergraph = supergraph
        self.types = supergraph.types
        self.api: GraphQLSchema = build_ast_schema(api_document(supergraph.document))
        self.keys = frozenset(self._key_coordinates())
        """Coordinates that tell objects apart, those of nested objects included."""
        self.required = frozenset(self._required_coordinates())
        """Coordinates that some subgraph is given by the gateway."""
        self.owners = cache(self._owners)
        self.candidates = cache(self._candidates)

    def possible(self, name: str) -> frozenset[str]:
        """Object types behind a name in the whole supergraph."""
        return self.supergraph.possible.get(name, frozenset((name,)))

    def requirement(self, type_name: str, field: str) -> SelectionSetNode | None:
        """What a field is computed from, unless some subgraph resolves it from nothing."""
        owners = self.owners(type_name, field)
        selections = [own.requires for own in owners.values()]
        found = [selection for selection in selections if selection is not None]
        return found[0] if found and len(found) == len(selections) else None

    @cached_property
    def types_agree(self) -> bool:
        """Whether every subgraph declares every field with the composed type.

        One that knows an interface as an object does not: a failure elsewhere hides its type.
        """
        return not any(entry.interface_objects for entry in self.types.values()) and all(
            own.type == joined.type
            for entry in self.types.values()
            for joined in entry.fields.values()
            for own in joined.graphs.values()
        )

    @cached_property
    def enum_values(self) -> dict[str, list[str]]:
        """Values of enums that clients and all subgraphs know."""
        values = {}
        for node in self.supergraph.document.definitions:
            if isinstance(node, EnumTypeDefinitionNode):
                values[node.name.value] = self._common_values(node)
        return values

    @cached_property
    def arguments(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Composed arguments of every field with their defaults, None where there is none."""
        return {
            (node.name.value, field.name.value): {
                argument.name.value: _default(argument) for argument in field.arguments or ()
            }
            for node in self.supergraph.document.definitions
            if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode))
            for field in node.fields or ()
        }

    def _common_values(self, node: EnumTypeDefinitionNode) -> list[str]:
        graphs = {entry["graph"] for entry in applied(node.directives, "join__type")}
        api = self.api.type_map.get(node.name.value)
        visible = getattr(api, "values", None)
        return [
            value.name.value
            for value in node.values or ()
            if {entry["graph"] for entry in applied(value.directives, "join__enumValue")} >= graphs
            and (visible is None or value.name.value in visible)
        ]

    def _owners(self, type_name: str, field: str) -> dict[str, GraphField]:
        """Who resolves a field of an object type, interface objects included."""
        found = dict(self._resolving(self.types[type_name], field))
        for name in sorted(self.types[type_name].interfaces.get("", ())):
            interface = self.types[name]
            for graph, own in self._resolving(interface, field):
                if graph in interface.interface_objects:
                    found.setdefault(graph, own)
        return found

    def _resolving(self, entry: CompositeType, field: str) -> Iterator[tuple[str, GraphField]]:
        joined = entry.fields.get(field)
        for graph, own in joined.graphs.items() if joined else ():
            if not own.is_external:
                yield graph, own

    def _candidates(self, type_name: str, field: str) -> tuple[str, ...]:
        """Object types a composite field can answer with, as all that resolve it must agree."""
        owners = self.owners(type_name, field)
        known = [self._known(graph, own.type_name) for graph, own in owners.items()]
        common = frozenset.intersection(*known) if known else frozenset()
        return tuple(sorted(name for name in common if name in self.api.type_map)) or tuple(
            sorted(common)
        )

    def _known(self, graph: str, name: str) -> frozenset[str]:
        entry = self.types[name]
        if graph in entry.interface_objects:
            return self.possible(name)
        if entry.kind is Kind.UNION:
            return entry.members.get(graph, frozenset())
        if entry.kind is Kind.OBJECT:
            return frozenset((name,))
        names = set()
        for member in self.possible(name):
            if name in self.types[member].interfaces.get(graph, ()):
                names.add(member)
        for other in self.types.values():
            # An interface object may implement a further interface.
            if graph in other.interface_objects and name in other.interfaces.get(graph, ()):
                names |= self.possible(other.name)
        return frozenset(names)

    def _key_coordinates(self) -> Iterator[tuple[str, str]]:
        for entry in self.types.values():
            for keys in entry.keys.values():
                for key in keys:
                    yield from self._coordinates(entry.name, key.selection)

    def _required_coordinates(self) -> Iterator[tuple[str, str]]:
        for entry in self.types.values():
            for joined in entry.fields.values():
                for own in joined.graphs.values():
                    if own.requires is not None:
                        yield from self._coordinates(entry.name, own.requires)

    def _coordinates(
        self, type_name: str, selection: SelectionSetNode
    ) -> Iterator[tuple[str, str]]:
        for node in selection.selections:
            if isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                name = condition.name.value if condition else type_name
                yield from self._coordinates(name, node.selection_set)
            elif isinstance(node, FieldNode) and node.name.value != "__typename":
                yield from self._coordinates_of(type_name, node)

    def _coordinates_of(self, type_name: str, node: FieldNode) -> Iterator[tuple[str, str]]:
        name = node.name.value
        holders: Iterable[str] = (type_name, *self.possible(type_name))
        yield from ((holder, name) for holder in holders)
        if node.selection_set is not None:
            below = {
                self.types[holder].fields[name].type_name
                for holder in holders
                if name in self.types[holder].fields
            }
            for inner in below:
                yield from self._coordinates(inner, node.selection_set)


def _default(argument: InputValueDefinitionNode) -> Any:
    node = argument.default_value
    return None if node is None else value_from_ast_untyped(node)

"""What a client selects, read with the schemas of those who answer it in this process.

The same as `federation.compiled.declared.Wanted` says of one schema, over several: a field that
another schema answers than the one its object is from has a `move`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    SelectionSetNode,
    TypeNameMetaFieldDef,
    get_named_type,
)

from federation.compiled.declared import Move, Wanted, WantedField
from federation.compiled.sources import fixed_arguments
from federation.execution.collect import selection_sets
from federation.execution.selections import Selections
from federation.supergraph import Supergraph

__all__ = ["TYPE_NAME", "SpanningWalk", "Unspanned"]

TYPE_NAME = "__typename"


class Unspanned(LookupError):  # noqa: N818 - named for what it is
    """Something that these schemas do not answer together."""


class _Objects:
    """What is asked of the objects of a field; see `declared.Wanted`."""

    is_whole = True
    columns: frozenset[str] | None = None

    def __init__(
        self,
        walk: SpanningWalk,
        graph: str,
        type_: GraphQLNamedType,
        sets: Sequence[SelectionSetNode],
    ) -> None:
        self._walk = walk
        self._graph = graph
        self._type = type_
        self._sets = sets

    @cached_property
    def fields(self) -> Sequence[WantedField]:
        """What is asked of the objects, in the order of the response; of one type only."""
        type_, selected = self._type, self._walk.selected(self._type, self._sets)
        if not isinstance(type_, GraphQLObjectType):
            return ()
        return [self._walk.asked(self._graph, type_, *entry) for entry in selected.items()]

    def below(self, name: str) -> Wanted | None:
        """What is asked of a field of the objects; None when it is not asked for at all."""
        return next((asked.wanted for asked in self.fields if asked.name == name), None)

    def of(self, type_name: str) -> Wanted:
        """What is asked of those objects that are of one type, where the field's is abstract."""
        return self._walk.of(self._graph, type_name, self._sets)


class SpanningWalk:
    """What a client selects, read with the schemas of those who answer it."""

    def __init__(
        self,
        supergraph: Supergraph,
        schemas: Mapping[str, GraphQLSchema],
        selections: Selections,
        most: int,
    ) -> None:
        """Take the schemas by the names of their subgraphs, and how many fields are looked at."""
        self._supergraph = supergraph
        self._schemas = schemas
        self._selections = selections
        self._left = most

    def objects(
        self, graph: str, type_: GraphQLNamedType, sets: Sequence[SelectionSetNode]
    ) -> _Objects:
        """What is selected of objects that a subgraph answers with."""
        return _Objects(self, graph, type_, sets)

    def of(self, graph: str, type_name: str, sets: Sequence[SelectionSetNode]) -> _Objects:
        """The same of a type by its name."""
        return self.objects(graph, self._schemas[graph].type_map[type_name], sets)

    def from_the_fullest(
        self, name: str, sets: Sequence[SelectionSetNode]
    ) -> list[tuple[str, GraphQLField]]:
        """Who answers a root field, first the subgraph that answers most of what is asked of it."""
        found: list[tuple[int, str, GraphQLField]] = []
        for graph, schema in self._schemas.items():
            root = schema.query_type
            if root is not None and name in root.fields and self._answers(graph, root.name, name):
                field = root.fields[name]
                found.append((self._number(graph, get_named_type(field.type), sets), graph, field))
        return [(graph, field) for _, graph, field in sorted(found, key=lambda one: -one[0])]

    def _number(self, graph: str, type_: GraphQLNamedType, sets: Sequence[SelectionSetNode]) -> int:
        """How many of the fields selected of a type a subgraph answers."""
        selected = self.selected(type_, sets).values()
        return sum(self._answers(graph, type_.name, nodes[0].name.value) for nodes in selected)

    def selected(
        self, type_: GraphQLNamedType, sets: Sequence[SelectionSetNode]
    ) -> Mapping[str, list[FieldNode]]:
        """Fields by response key; none where the objects may be of several types."""
        ours = self._supergraph.api_schema.get_type(type_.name)
        if not isinstance(type_, GraphQLObjectType) or not isinstance(ours, GraphQLObjectType):
            return {}
        return self._selections.fields(ours, sets)

    def asked(
        self, graph: str, type_: GraphQLObjectType, key: str, nodes: list[FieldNode]
    ) -> WantedField:
        """One field of objects; of another subgraph where this one does not answer it.

        Raises `Unspanned` where nobody does.
        """
        name = nodes[0].name.value
        self._left -= 1
        if name == TYPE_NAME:
            named = self.objects(graph, get_named_type(TypeNameMetaFieldDef.type), ())
            return WantedField(key, name, type_.name, TypeNameMetaFieldDef, {}, named)
        owner = graph if self._answers(graph, type_.name, name) else self._owner(type_.name, name)
        there: Any = self._schemas[owner].get_type(type_.name)
        if self._left < 0 or name not in getattr(there, "fields", ()):
            raise Unspanned
        field: GraphQLField = there.fields[name]
        below = get_named_type(field.type)
        if below.name in self._supergraph.opaque:
            raise Unspanned
        return WantedField(
            key,
            name,
            type_.name,
            field,
            fixed_arguments(field, nodes[0]),
            self.objects(owner, below, selection_sets(nodes)),
            None if owner == graph else Move(type_, there),
        )

    def _owner(self, type_name: str, name: str) -> str:
        for graph in self._schemas:
            if self._answers(graph, type_name, name):
                return graph
        raise Unspanned

    def _answers(self, graph: str, type_name: str, name: str) -> bool:
        """Whether a subgraph resolves a field of a type, by what the supergraph says.

        Nobody does for certain where labels decide who takes over from whom.
        """
        type_ = self._supergraph.types.get(type_name)
        field = None if type_ is None else type_.fields.get(name)
        if field is None or any(each.override for each in field.graphs.values()):
            return False
        declared = field.graphs.get(self._supergraph.subgraphs[graph].graph_enum)
        return declared is not None and not declared.is_external

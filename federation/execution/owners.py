"""Which of several schemas answers a field, by what the supergraph says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphql import (
    FieldNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
)

from federation.compiled.compile import Answered
from federation.execution.selections import Selections
from federation.join import GraphField
from federation.supergraph import Supergraph

__all__ = ["Owners", "Unspanned"]


class Unspanned(LookupError):  # noqa: N818 - named for what it is
    """Something that these schemas do not answer together."""


class Owners:
    """The subgraphs in this process, and what each of them answers."""

    def __init__(self, supergraph: Supergraph, schemas: Mapping[str, GraphQLSchema]) -> None:
        """Take the schemas by the names of their subgraphs."""
        self.supergraph = supergraph
        self.schemas = schemas
        self._graphs = {
            id(type_): graph
            for graph, schema in schemas.items()
            for type_ in schema.type_map.values()
            if is_composite_type(type_)
        }

    def graph_of(self, type_: GraphQLNamedType) -> str:
        """The subgraph whose schema has this very type."""
        return self._graphs[id(type_)]

    def answered(self, type_: GraphQLObjectType, name: str) -> Answered:
        """Who answers a field of a subgraph's type: that subgraph where it does.

        Raises `Unspanned` where nobody does, or where what it answers is opaque.
        """
        graph = self.graph_of(type_)
        owner = graph if self.answers(graph, type_.name, name) else self._owner(type_.name, name)
        there = self.schemas[owner].get_type(type_.name)
        if not isinstance(there, GraphQLObjectType) or name not in there.fields:
            raise Unspanned
        field = there.fields[name]
        if get_named_type(field.type).name in self.supergraph.opaque:
            raise Unspanned
        return Answered(field, there)

    def names(self, type_: GraphQLObjectType) -> frozenset[str]:
        """The fields of a subgraph's type that it answers itself."""
        graph = self.graph_of(type_)
        return frozenset(name for name in type_.fields if self.answers(graph, type_.name, name))

    def lacks(self, here: GraphQLObjectType, answered: Answered, name: str) -> bool:
        """Whether a field needs others of its object that are not all single values of `here`.

        What comes from objects above it is never there.
        """
        declared = self._declared(self.graph_of(answered.type), here.name, name)
        if declared is None or (declared.requires is None and not declared.contexts):
            return False
        required = declared.requires
        if required is None or declared.contexts or answered.type is here:
            return True
        names = self.names(here)
        return not all(
            isinstance(node, FieldNode) and not node.selection_set and node.name.value in names
            for node in required.selections
        )

    def answers(self, graph: str, type_name: str, name: str) -> bool:
        """Whether a subgraph resolves a field of a type.

        Nobody does for certain where labels decide who takes over from whom.
        """
        declared = self._declared(graph, type_name, name)
        return declared is not None and not declared.is_external

    def from_the_fullest(
        self, name: str, sets: Sequence[SelectionSetNode], selections: Selections
    ) -> list[Answered]:
        """Who answers a root field, first the subgraph that answers most of what is asked of it."""
        found: list[tuple[int, Answered]] = []
        for graph, schema in self.schemas.items():
            root = schema.query_type
            if root is not None and name in root.fields and self.answers(graph, root.name, name):
                type_ = get_named_type(root.fields[name].type)
                selected = self.selected(type_, sets, selections).values()
                own = [self.answers(graph, type_.name, node.name.value) for node, *_ in selected]
                found.append((sum(own), Answered(root.fields[name], root)))
        return [answered for _, answered in sorted(found, key=lambda one: -one[0])]

    def selected(
        self, type_: GraphQLNamedType, sets: Sequence[SelectionSetNode], selections: Selections
    ) -> Mapping[str, list[FieldNode]]:
        """Fields by response key; none where the objects may be of several types."""
        ours = self.supergraph.api_schema.get_type(type_.name)
        if not isinstance(type_, GraphQLObjectType) or not isinstance(ours, GraphQLObjectType):
            return {}
        return selections.fields(ours, sets)

    def _owner(self, type_name: str, name: str) -> str:
        for graph in self.schemas:
            if self.answers(graph, type_name, name):
                return graph
        raise Unspanned

    def _declared(self, graph: str, type_name: str, name: str) -> GraphField | None:
        type_ = self.supergraph.types.get(type_name)
        field = None if type_ is None else type_.fields.get(name)
        if field is None or any(each.override for each in field.graphs.values()):
            return None
        return field.graphs.get(self.supergraph.subgraphs[graph].graph_enum)

"""The composed schema as the engine holds it: consumer schema, subgraphs and join index."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property

from graphql import (
    DirectiveNode,
    DocumentNode,
    GraphQLDeferDirective,
    GraphQLError,
    GraphQLSchema,
    GraphQLStreamDirective,
    OperationType,
    SchemaDefinitionNode,
    parse,
)

from federation.access import AccessRule, access_rules
from federation.access_through import transitive_rules
from federation.api_schema import api_document
from federation.errors import SupergraphError
from federation.join import (
    CompositeType,
    SubgraphInfo,
    applied,
    composite_types,
    possible_types,
    subgraphs,
)
from federation.opaque import opaque_types
from federation.validity import build_served_schema

__all__ = ["AccessRule", "SubgraphInfo", "Supergraph", "digest_of"]


class Supergraph:
    """One composed schema; immutable, shared by everything that plans and executes over it."""

    def __init__(self, sdl: str, document: DocumentNode) -> None:
        """Index a supergraph; `parse` is the way to make one from text."""
        self.document = document
        self.digest = digest_of(sdl)
        """Identifies the schema that is live."""
        listed = tuple(subgraphs(document))
        self.subgraphs: Mapping[str, SubgraphInfo] = {info.name: info for info in listed}
        """Subgraphs by name."""
        self.graphs: Mapping[str, SubgraphInfo] = {info.graph_enum: info for info in listed}
        """The same by the value of `join__Graph`."""
        self.types: Mapping[str, CompositeType] = composite_types(document)
        """Composite types, inaccessible ones included: keys and requirements may use them."""
        self.possible: Mapping[str, frozenset[str]] = possible_types(self.types)
        """Object types an abstract type stands for in the whole supergraph."""
        self.requirements: Mapping[str, AccessRule] = transitive_rules(
            access_rules(document), self.types
        )
        """Access rules by coordinate ; those of what a field is made from count."""
        self.roots: Mapping[OperationType, str] = _roots(document)
        """Names of the root types by kind of operation."""

    @classmethod
    def parse(cls, sdl: str) -> Supergraph:
        """Read a supergraph in the form of the join specification, versions 0.3 to 0.5.

        Raises:
            SupergraphError: the text is not GraphQL, or not such a supergraph.
        """
        try:
            document = parse(sdl, no_location=True)
        except GraphQLError as error:
            raise SupergraphError(f"The supergraph is not GraphQL: {error.message}") from error
        _require_join(document)
        supergraph = cls(sdl, document)
        if not supergraph.subgraphs:
            raise SupergraphError("The supergraph lists no subgraphs in the enum join__Graph.")
        return supergraph

    @cached_property
    def api_schema(self) -> GraphQLSchema:
        """The schema clients see: validated once, introspected and executed against.

        Raises:
            SupergraphError: what is left without join and inaccessible parts is not a schema.
        """
        try:
            schema, mistakes = build_served_schema(
                api_document(self.document), allow_incomplete=True
            )
        except (GraphQLError, TypeError) as error:
            raise SupergraphError(f"The supergraph has no valid API schema: {error}") from error
        if mistakes:
            text = "\n".join(mistake.message for mistake in mistakes)
            raise SupergraphError(f"The supergraph has no valid API schema: {text}")
        return schema

    @cached_property
    def opaque(self) -> frozenset[str]:
        """Types whose values may be something that the API schema has no name for.

        Enums and abstract types of which a part is inaccessible, and interfaces that a subgraph
        knows as an object.
        """
        return frozenset(opaque_types(self.document, self.types, self.possible, self.api_schema))

    @cached_property
    def operation_schema(self) -> GraphQLSchema:
        """The same with the directives of incremental delivery: what operations are valid against.

        Introspection does not show them, because not every client may use them.
        """
        schema = self.api_schema
        known = {directive.name for directive in schema.directives}
        delaying = (GraphQLDeferDirective, GraphQLStreamDirective)
        added = [directive for directive in delaying if directive.name not in known]
        arguments = schema.to_kwargs()
        arguments["directives"] = (*schema.directives, *added)
        return GraphQLSchema(**arguments)


def digest_of(sdl: str) -> str:
    """What identifies the text of a supergraph: its SHA-256 in hexadecimal."""
    return hashlib.sha256(sdl.encode()).hexdigest()


def _require_join(document: DocumentNode) -> None:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode):
            _check_version(definition.directives or ())
            return
    raise SupergraphError("The supergraph has no schema definition with @link.")


def _check_version(directives: tuple[DirectiveNode, ...]) -> None:
    for link in applied(directives, "link"):
        url = str(link.get("url", ""))
        if "/join/v" in url:
            if url.rsplit("/v", 1)[1] in {"0.1", "0.2"}:
                raise SupergraphError(f"{url} is too old: compose with join v0.3 or later.")
            return
    raise SupergraphError("The schema links no join specification: this is not a supergraph.")


def _roots(document: DocumentNode) -> dict[OperationType, str]:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode):
            return {entry.operation: entry.type.name.value for entry in definition.operation_types}
    return {}

"""Executable schemas of subgraph documents, without what only composition reads."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from graphql import (
    REMOVE,
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    GraphQLObjectType,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    Visitor,
    build_ast_schema,
    extend_schema,
    parse,
    visit,
)

__all__ = ["executable"]

_KEPT = frozenset({"deprecated", "specifiedBy", "oneOf"})
_EXTENSIONS = (ObjectTypeExtensionNode, InterfaceTypeExtensionNode)
_FEDERATION = """
scalar _Any
type _Service { sdl: String! }
extend type Query { _service: _Service! }
"""


def executable(sdl: str, entities: Collection[str]) -> GraphQLSchema:
    """A subgraph's schema with `_service`, and `_entities` for those of some types it has."""
    document = _whole(visit(parse(sdl), _WithoutFederation()))
    schema = build_ast_schema(document, assume_valid_sdl=True)
    names = [name for name in entities if isinstance(schema.type_map.get(name), GraphQLObjectType)]
    text = _FEDERATION
    if names:
        text += f"union _Entity = {' | '.join(names)}\n"
        text += "extend type Query { _entities(representations: [_Any!]!): [_Entity]! }"
    return extend_schema(schema, parse(text))


def _whole(document: DocumentNode) -> DocumentNode:
    """The document with definitions of all types that it only extends."""
    defined = {
        node.name.value for node in document.definitions if isinstance(node, TypeDefinitionNode)
    }
    nodes: list[DefinitionNode] = []
    for node in document.definitions:
        if isinstance(node, _EXTENSIONS) and node.name.value not in defined:
            defined.add(node.name.value)
            kind = (
                ObjectTypeDefinitionNode
                if isinstance(node, ObjectTypeExtensionNode)
                else InterfaceTypeDefinitionNode
            )
            nodes.append(kind(name=node.name, interfaces=node.interfaces, fields=node.fields))
        else:
            nodes.append(node)
    if "Query" not in defined:
        nodes.extend(parse("type Query { _: Int }").definitions)
    return DocumentNode(definitions=tuple(nodes))


class _WithoutFederation(Visitor):
    """Drops what only composition reads."""

    def enter_directive(self, node: DirectiveNode, *_context: Any) -> Any:
        return None if node.name.value in _KEPT else REMOVE

    def enter_directive_definition(self, _node: DirectiveDefinitionNode, *_context: Any) -> Any:
        return REMOVE

    def enter_schema_extension(self, _node: SchemaExtensionNode, *_context: Any) -> Any:
        return REMOVE

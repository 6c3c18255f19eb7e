"""Whether the types of one subgraph are valid GraphQL, looked at alone.

GraphQL's rules for type systems are run (section 3), except that a subgraph need not have a query
type, nor fields in its root types: Federation gives each a `Query._service`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from graphql import (
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    GraphQLError,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    build_ast_schema,
)

from federation.validity import broken_rules

__all__ = ["errors_of_types"]


def errors_of_types(
    document: DocumentNode, prelude: Iterable[DefinitionNode]
) -> Iterator[GraphQLError]:
    """Yield an error for each broken rule, such as an interface implemented incompletely.

    Args:
        document: of a subgraph, valid by GraphQL's rules for documents.
        prelude: what it relies on without writing it.
    """
    own = list(_with_bases(document))
    names = _names(own)
    relied = [node for node in prelude if _name(node) not in names]
    schema = build_ast_schema(DocumentNode(definitions=(*relied, *own)), assume_valid_sdl=True)
    roots = {
        root.name
        for root in (schema.query_type, schema.mutation_type, schema.subscription_type)
        if root is not None
    }
    tolerated = {f"Type {name} must define one or more fields." for name in roots}
    tolerated.add("Query root type must be provided.")
    for error in broken_rules(schema):
        if error.message not in tolerated:
            yield error


def _with_bases(document: DocumentNode) -> Iterator[DefinitionNode]:
    """The definitions, where the first extension of a type defined elsewhere defines it."""
    defined = _names(node for node in document.definitions if isinstance(node, TypeDefinitionNode))
    for node in document.definitions:
        if isinstance(node, TypeExtensionNode) and node.name.value not in defined:
            defined.add(node.name.value)
            yield _definition(node)
        else:
            yield node


def _definition(node: TypeExtensionNode) -> TypeDefinitionNode:
    match node:
        case ObjectTypeExtensionNode():
            return ObjectTypeDefinitionNode(
                name=node.name, interfaces=node.interfaces, fields=node.fields, loc=node.loc
            )
        case InterfaceTypeExtensionNode():
            return InterfaceTypeDefinitionNode(
                name=node.name, interfaces=node.interfaces, fields=node.fields, loc=node.loc
            )
        case UnionTypeExtensionNode():
            return UnionTypeDefinitionNode(name=node.name, types=node.types, loc=node.loc)
        case EnumTypeExtensionNode():
            return EnumTypeDefinitionNode(name=node.name, values=node.values, loc=node.loc)
        case InputObjectTypeExtensionNode():
            return InputObjectTypeDefinitionNode(name=node.name, fields=node.fields, loc=node.loc)
        case ScalarTypeExtensionNode():
            return ScalarTypeDefinitionNode(name=node.name, loc=node.loc)
    raise TypeError(f"{node.kind} extends no kind of type.")


def _names(nodes: Iterable[DefinitionNode]) -> set[str]:
    return {node.name.value for node in nodes if isinstance(node, TypeDefinitionNode)}


def _name(node: DefinitionNode) -> str | None:
    return node.name.value if isinstance(node, TypeDefinitionNode) else None

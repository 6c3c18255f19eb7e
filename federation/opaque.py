"""Types whose values may be something that clients must not see, or have no name for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    GraphQLEnumType,
    GraphQLSchema,
    is_abstract_type,
)

from federation.join import CompositeType

__all__ = ["opaque_types"]


def opaque_types(
    document: DocumentNode,
    types: Mapping[str, CompositeType],
    possible: Mapping[str, frozenset[str]],
    schema: GraphQLSchema,
) -> Iterator[str]:
    """Names of the enums and abstract types of an API schema that hide a part of themselves.

    Args:
        document: The supergraph.
        types: Its composite types.
        possible: Object types of its abstract types, inaccessible ones included.
        schema: Its API schema.
    """
    for node in document.definitions:
        if isinstance(node, EnumTypeDefinitionNode):
            shown = schema.get_type(node.name.value)
            names = {value.name.value for value in node.values or ()}
            if isinstance(shown, GraphQLEnumType) and names != shown.values.keys():
                yield node.name.value
    for name, type_ in types.items():
        shown = schema.get_type(name)
        if is_abstract_type(shown):
            seen = {each.name for each in schema.get_possible_types(shown)}
            if type_.interface_objects or seen != possible[name]:
                yield name

"""The supergraph as text, one directive of a type a line: a new subgraph is a new line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from graphql import (
    DefinitionNode,
    DocumentNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    print_ast,
)

__all__ = ["print_supergraph"]


def print_supergraph(document: DocumentNode) -> str:
    """Print a composed document in its own order."""
    return "\n\n".join(map(_definition, document.definitions)) + "\n"


def _definition(node: DefinitionNode) -> str:
    if not isinstance(node, (SchemaDefinitionNode, TypeDefinitionNode)) or not node.directives:
        return print_ast(node)
    return "\n".join(_lines(node))


def _lines(node: SchemaDefinitionNode | TypeDefinitionNode) -> Iterator[str]:
    if node.description is not None:
        yield print_ast(node.description)
    head, *body = print_ast(replace(node, description=None, directives=())).splitlines()
    # A union's members follow "=", the fields of all others stand in braces.
    name, is_union, members = head.partition(" = ")
    yield name.removesuffix(" {")
    for directive in node.directives or ():
        yield f"  {print_ast(directive)}"
    if is_union:
        yield f"  = {members}"
    elif head.endswith("{"):
        yield "{"
    yield from body

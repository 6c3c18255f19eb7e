"""Types of fields and inputs: what fits all subgraphs.

What a field returns may differ between subgraphs in nullability and generality: clients see the
widest. What an argument takes must be what every subgraph accepts: the strictest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphql import ListTypeNode, NamedTypeNode, NonNullTypeNode, TypeNode

__all__ = ["is_subtype", "strictest", "type_text", "widest"]


def type_text(node: TypeNode) -> str:
    """A type reference as written in a document."""
    if isinstance(node, NonNullTypeNode):
        return f"{type_text(node.type)}!"
    if isinstance(node, ListTypeNode):
        return f"[{type_text(node.type)}]"
    assert isinstance(node, NamedTypeNode)  # noqa: S101 - the only other kind of TypeNode
    return node.name.value


def is_subtype(narrow: TypeNode, wide: TypeNode, possible: Mapping[str, frozenset[str]]) -> bool:
    """Whether every value of one type is a value of the other (GraphQL section 3.6.1)."""
    if isinstance(wide, NonNullTypeNode):
        return isinstance(narrow, NonNullTypeNode) and is_subtype(narrow.type, wide.type, possible)
    if isinstance(narrow, NonNullTypeNode):
        return is_subtype(narrow.type, wide, possible)
    if isinstance(wide, ListTypeNode):
        return isinstance(narrow, ListTypeNode) and is_subtype(narrow.type, wide.type, possible)
    if isinstance(narrow, ListTypeNode):
        return False
    assert isinstance(narrow, NamedTypeNode)  # noqa: S101 - the only kind left
    assert isinstance(wide, NamedTypeNode)  # noqa: S101 - the only kind left
    name = narrow.name.value
    return name == wide.name.value or name in possible.get(wide.name.value, ())


def widest(types: Iterable[TypeNode], possible: Mapping[str, frozenset[str]]) -> TypeNode | None:
    """The type that all others are subtypes of; None if none of them is."""
    candidates = list(types)
    for wide in candidates:
        if all(is_subtype(narrow, wide, possible) for narrow in candidates):
            return wide
    return None


def strictest(types: Iterable[TypeNode]) -> TypeNode | None:
    """The type that is a subtype of all others; None if none of them is."""
    candidates = list(types)
    for narrow in candidates:
        if all(is_subtype(narrow, wide, {}) for wide in candidates):
            return narrow
    return None

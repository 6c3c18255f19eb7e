"""Unions: all members, each with the subgraphs that may return it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from federation.composition.merge.joins import join
from federation.composition.subgraph import Source, TypeDefinition

__all__ = ["merge_union"]


def merge_union(
    merged: TypeDefinition, sources: Sequence[Source[TypeDefinition]]
) -> TypeDefinition:
    """Fill in the members of a union."""
    members = tuple(
        dict.fromkeys(member for source in sources for member in source.definition.members)
    )
    joins = (
        join("unionMember", source.subgraph, member=member)
        for member in members
        for source in sources
        if member in source.definition.members
    )
    return replace(merged, members=members, directives=(*merged.directives, *joins))

"""The composed schema as a value: what rules judge and what is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from graphql import DirectiveDefinitionNode

from federation.composition.merge.composed import Composed
from federation.composition.subgraph import Source, Subgraph, TypeDefinition
from federation.composition.usage import Usage
from federation.errors import CompositionMistake

__all__ = ["MergedSchema", "Rule"]


@dataclass(frozen=True, slots=True)
class MergedSchema:
    """Composed types beside the subgraphs they come from."""

    subgraphs: Sequence[Subgraph]
    usages: Mapping[str, Usage]
    """What each subgraph does with its fields, by the subgraph's name."""
    sources: Mapping[str, Sequence[Source[TypeDefinition]]]
    """Definitions of each type in the subgraphs."""
    types: Mapping[str, TypeDefinition]
    """Composed types by name; directives hold those of the specification and the joins."""
    composed: Mapping[str, Composed]
    executable: Sequence[DirectiveDefinitionNode]


Rule: TypeAlias = Callable[[MergedSchema], Iterable[CompositionMistake]]
"""A check of the composed schema; yields what is wrong."""

"""What every merge needs to know of the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from federation.composition.report import Report
from federation.composition.subgraph import Field, Kind, Source, Subgraph, TypeDefinition, has
from federation.composition.usage import Usage
from federation.composition.vocabulary import INTERFACE_OBJECT

__all__ = ["MergeContext", "possible_types", "sources_by_type"]


@dataclass(frozen=True, slots=True)
class MergeContext:
    """The subgraphs, what is known of each, and where to report."""

    subgraphs: Sequence[Subgraph]
    usages: Mapping[str, Usage]
    """By the name of the subgraph."""
    sources: Mapping[str, Sequence[Source[TypeDefinition]]]
    """Definitions of each named type, in the order of the subgraphs."""
    possible: Mapping[str, frozenset[str]]
    """Subtypes of each interface and union in any subgraph."""
    composed: Mapping[str, bool]
    """Names of directives of the subgraphs' own that are carried over; True: security."""
    report: Report

    def is_external(self, type_name: str, source: Source[Field]) -> bool:
        """Whether a subgraph only mentions the field."""
        usage = self.usages[source.subgraph.name]
        return usage.is_external(type_name, source.definition)

    def is_interface_object(self, source: Source[TypeDefinition]) -> bool:
        """Whether a subgraph knows an interface as an object."""
        return has(source.definition.directives, INTERFACE_OBJECT)


def sources_by_type(
    subgraphs: Iterable[Subgraph],
) -> dict[str, list[Source[TypeDefinition]]]:
    """Definitions of each named type, by name."""
    sources: dict[str, list[Source[TypeDefinition]]] = {}
    for subgraph in subgraphs:
        for definition in subgraph.types.values():
            sources.setdefault(definition.name, []).append(Source(subgraph, definition))
    return sources


def possible_types(subgraphs: Iterable[Subgraph]) -> dict[str, frozenset[str]]:
    """Members of unions and implementations of interfaces, over all subgraphs."""
    possible: dict[str, set[str]] = {}
    for subgraph in subgraphs:
        for definition in subgraph.types.values():
            if definition.kind is Kind.UNION:
                possible.setdefault(definition.name, set()).update(definition.members)
            for interface in definition.interfaces:
                possible.setdefault(interface, set()).add(definition.name)
    return {name: frozenset(names) for name, names in possible.items()}

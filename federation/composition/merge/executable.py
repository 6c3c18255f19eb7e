"""Directives for operations: kept where every subgraph defines them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from graphql import DirectiveDefinitionNode, DirectiveLocation

from federation.composition.report import Report
from federation.composition.subgraph import Subgraph
from federation.composition.vocabulary import DIRECTIVES

__all__ = ["executable_directives"]

_EXECUTABLE = frozenset(
    location.name
    for location in (
        DirectiveLocation.QUERY,
        DirectiveLocation.MUTATION,
        DirectiveLocation.SUBSCRIPTION,
        DirectiveLocation.FIELD,
        DirectiveLocation.FRAGMENT_DEFINITION,
        DirectiveLocation.FRAGMENT_SPREAD,
        DirectiveLocation.INLINE_FRAGMENT,
        DirectiveLocation.VARIABLE_DEFINITION,
    )
)
_BUILT_IN = frozenset({"include", "skip", "defer", "stream"})


def executable_directives(
    subgraphs: Sequence[Subgraph], taken: Collection[str], report: Report
) -> Iterator[DirectiveDefinitionNode]:
    """Definitions common to all subgraphs, with the places and arguments common to all.

    Args:
        subgraphs: all of them.
        taken: names of directives that are composed for other reasons.
        report: takes a hint for each directive that only some define.
    """
    names = (
        {name for subgraph in subgraphs for name in subgraph.directives}
        - _BUILT_IN
        - DIRECTIVES.keys()
    )
    for name in sorted(names - set(taken)):
        definitions = [
            subgraph.directives[name] for subgraph in subgraphs if name in subgraph.directives
        ]
        locations = _common_locations(definitions)
        if not locations:
            continue
        if len(definitions) < len(subgraphs):
            report.hint(
                "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE",
                f'"@{name}" is left out: not all subgraphs define it.',
                f"@{name}",
                [subgraph for subgraph in subgraphs if name in subgraph.directives],
            )
            continue
        yield _common(definitions, locations)


def _common_locations(definitions: Sequence[DirectiveDefinitionNode]) -> frozenset[str]:
    locations = (
        {location.value for location in definition.locations} for definition in definitions
    )
    return _EXECUTABLE.intersection(*locations)


def _common(
    definitions: Sequence[DirectiveDefinitionNode], locations: Collection[str]
) -> DirectiveDefinitionNode:
    first = definitions[0]
    names = [{entry.name.value for entry in node.arguments or ()} for node in definitions]
    common = set.intersection(*names)
    return replace(
        first,
        repeatable=all(node.repeatable for node in definitions),
        locations=tuple(node for node in first.locations if node.value in locations),
        arguments=tuple(node for node in first.arguments or () if node.name.value in common),
    )

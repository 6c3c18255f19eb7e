"""Composition: subgraphs in, supergraph out.

The passes in order: read, merge, check the subgraphs and what came of them, print. Mistakes are
gathered pass by pass, so that their owners see all of one kind at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from federation.composition.document import supergraph_document
from federation.composition.graphs import graph_names
from federation.composition.merge.composed import composed_directives
from federation.composition.merge.context import MergeContext, possible_types, sources_by_type
from federation.composition.merge.executable import executable_directives
from federation.composition.merge.types import merge_types
from federation.composition.merged import MergedSchema, Rule
from federation.composition.print import print_supergraph
from federation.composition.read import read
from federation.composition.report import Report
from federation.composition.rules import MERGED_RULES, SUBGRAPH_RULES
from federation.composition.rules.api_schema import api_schema_is_valid
from federation.composition.satisfiability import everything_is_reachable
from federation.composition.source import Composition, SubgraphSource
from federation.composition.subgraph import Subgraph
from federation.composition.uncollected import uncollected
from federation.composition.usage import Usage

__all__ = ["compose"]


def compose(subgraphs: Sequence[SubgraphSource], rules: Iterable[Rule] = ()) -> Composition:
    """Compose subgraphs into one supergraph.

    Args:
        subgraphs: Federation 1 or 2 documents in any order; the result does not depend on it.
        rules: further checks of the host's own.

    Returns:
        The supergraph document and hints about it.

    Raises:
        CompositionError: one entry for each mistake, with the codes of the specification.
    """
    with uncollected():
        return _compose(subgraphs, rules)


def _compose(subgraphs: Sequence[SubgraphSource], rules: Iterable[Rule]) -> Composition:
    report = Report()
    parts = _read(subgraphs, report)
    report.raise_mistakes()
    _check_subgraphs(parts, report)
    report.raise_mistakes()
    merged = _merge(parts, report)
    report.raise_mistakes()
    for rule in (*MERGED_RULES, *rules):
        report.mistakes.extend(rule(merged))
    report.raise_mistakes()
    document = supergraph_document(merged)
    report.mistakes.extend(api_schema_is_valid(document))
    report.raise_mistakes()
    report.mistakes.extend(everything_is_reachable(merged))
    report.raise_mistakes()
    return Composition(print_supergraph(document), tuple(dict.fromkeys(report.hints)))


def _read(sources: Sequence[SubgraphSource], report: Report) -> list[Subgraph]:
    graphs = graph_names(source.name for source in sources)
    if len(graphs) < len(sources):
        report.mistake("INVALID_SUBGRAPH_NAME", "Two subgraphs have the same name.", None, ())
    ordered = sorted(sources, key=lambda source: source.name)
    parts = (read(source, graphs[source.name], report) for source in ordered)
    return [part for part in parts if part is not None]


def _check_subgraphs(parts: Sequence[Subgraph], report: Report) -> None:
    for part in parts:
        usage = Usage(part)
        for rule in SUBGRAPH_RULES:
            report.mistakes.extend(rule(usage))


def _merge(parts: Sequence[Subgraph], report: Report) -> MergedSchema:
    composed = composed_directives(parts, report)
    context = MergeContext(
        subgraphs=parts,
        usages={part.name: Usage(part) for part in parts},
        sources=sources_by_type(parts),
        possible=possible_types(parts),
        composed={name: entry.is_security for name, entry in composed.items()},
        report=report,
    )
    return MergedSchema(
        subgraphs=parts,
        usages=context.usages,
        sources=context.sources,
        types=merge_types(context),
        composed=composed,
        executable=tuple(executable_directives(parts, composed, report)),
    )

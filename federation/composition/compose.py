"""Composition: subgraphs in, supergraph out.

The passes in order: read, check the subgraphs, merge, check what came of them, cut out the
contract, print. Mistakes are gathered pass by pass, so that their owners see all of one kind at
once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphql import DocumentNode

from federation.composition.contract import apply_contract, unused_tags
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
from federation.composition.rules.inaccessible import nothing_refers_to_inaccessible
from federation.composition.rules.read_through import nothing_is_read_through
from federation.composition.rules.runtime_types import runtime_type_hints
from federation.composition.satisfiability import everything_is_reachable
from federation.composition.source import Composition, Contract, SubgraphSource
from federation.composition.subgraph import Subgraph
from federation.composition.uncollected import uncollected
from federation.composition.usage import Usage

__all__ = ["compose"]


def compose(
    subgraphs: Sequence[SubgraphSource],
    rules: Iterable[Rule] = (),
    contract: Contract | None = None,
) -> Composition:
    """Compose subgraphs into one supergraph.

    Args:
        subgraphs: Federation 1 or 2 documents in any order; the result does not depend on it.
        rules: further checks of the host's own.
        contract: which part of the graph clients get; all of it if None.

    Returns:
        The supergraph document and hints about it.

    Raises:
        CompositionError: one entry for each mistake, with the codes of the specification.
    """
    with uncollected():
        report = Report()
        merged = _merged(subgraphs, report)
        document = _checked(merged, rules, report)
        if contract is not None:
            document = _contracted(merged, contract, report)
        return Composition(print_supergraph(document), tuple(dict.fromkeys(report.hints)))


def _merged(subgraphs: Sequence[SubgraphSource], report: Report) -> MergedSchema:
    parts = _read(subgraphs, report)
    report.raise_mistakes()
    _check_subgraphs(parts, report)
    report.raise_mistakes()
    merged = _merge(parts, report)
    report.raise_mistakes()
    return merged


def _checked(merged: MergedSchema, rules: Iterable[Rule], report: Report) -> DocumentNode:
    for rule in (*MERGED_RULES, *rules):
        report.mistakes.extend(rule(merged))
    report.raise_mistakes()
    document = _document(merged, report)
    report.mistakes.extend(nothing_is_read_through(document))
    report.mistakes.extend(everything_is_reachable(merged))
    report.raise_mistakes()
    report.hints.extend(runtime_type_hints(merged))
    return document


def _contracted(merged: MergedSchema, contract: Contract, report: Report) -> DocumentNode:
    report.hints.extend(unused_tags(merged, contract))
    part = apply_contract(merged, contract)
    report.mistakes.extend(nothing_refers_to_inaccessible(part))
    report.raise_mistakes()
    return _document(part, report)


def _document(merged: MergedSchema, report: Report) -> DocumentNode:
    document = supergraph_document(merged)
    report.mistakes.extend(api_schema_is_valid(document))
    report.raise_mistakes()
    return document


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

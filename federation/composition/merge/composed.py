"""`@composeDirective`: directives of a subgraph's own that reach the supergraph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphql import DirectiveDefinitionNode

from federation.composition.report import Report
from federation.composition.subgraph import Applied, Subgraph, find_all
from federation.composition.vocabulary import COMPOSE_DIRECTIVE, DIRECTIVES
from federation.directives import Link, spec_name

__all__ = ["Composed", "composed_directives"]


@dataclass(frozen=True, slots=True)
class Composed:
    """One directive that is carried over."""

    name: str
    """As subgraphs apply it, without "@"."""
    spec_name: str
    """As its specification calls it."""
    link: Link
    """The newest link to that specification."""
    definition: DirectiveDefinitionNode

    @property
    def is_security(self) -> bool:
        """Whether dropping an application would open something."""
        return self.link.purpose == "SECURITY"


def composed_directives(subgraphs: Sequence[Subgraph], report: Report) -> dict[str, Composed]:
    """What all subgraphs together ask to be carried over, by name."""
    composed: dict[str, Composed] = {}
    for subgraph in subgraphs:
        for applied in find_all(subgraph.schema_directives, COMPOSE_DIRECTIVE):
            entry = _composed(subgraph, applied, report)
            if entry is None:
                continue
            present = composed.get(entry.name)
            if present is None or present.link.version < entry.link.version:
                composed[entry.name] = entry
    _check_one_name(subgraphs, composed, report)
    return dict(sorted(composed.items()))


def _composed(subgraph: Subgraph, applied: Applied, report: Report) -> Composed | None:
    written = str(applied.value("name"))
    name = written.removeprefix("@")
    problem = _problem(subgraph, written)
    if problem is not None:
        report.mistake(
            "DIRECTIVE_COMPOSITION_ERROR",
            f'@composeDirective(name: "{written}") in {subgraph.name}: {problem}',
            f"@{name}",
            [subgraph],
            applied.line,
        )
        return None
    found = spec_name(subgraph.links, name)
    definition = subgraph.directives.get(name)
    if found is None or definition is None:
        return None
    return Composed(name, found[1], found[0], definition)


def _problem(subgraph: Subgraph, written: str) -> str | None:
    name = written.removeprefix("@")
    if name == written:
        return 'the name must start with "@".'
    if name in DIRECTIVES:
        return "the name belongs to the Federation specification; import the directive as another."
    found = spec_name(subgraph.links, name)
    if found is None:
        return "the directive belongs to no specification that is linked."
    return None if name in subgraph.directives else "the directive is not defined."


def _check_one_name(
    subgraphs: Iterable[Subgraph], composed: Mapping[str, Composed], report: Report
) -> None:
    """Refuse a second name for a composed directive: what it says would be lost unseen."""
    for subgraph in subgraphs:
        for entry in composed.values():
            for local in _other_names(subgraph, entry):
                report.mistake(
                    "DIRECTIVE_COMPOSITION_ERROR",
                    f'"@{entry.name}" is called "@{local}" in {subgraph.name}; it must have one '
                    "name in all subgraphs.",
                    f"@{entry.name}",
                    [subgraph],
                )


def _other_names(subgraph: Subgraph, entry: Composed) -> Iterator[str]:
    for link in subgraph.links:
        if link.identity == entry.link.identity:
            for local, spec in link.imports.items():
                if spec == f"@{entry.spec_name}" and local != f"@{entry.name}":
                    yield local.removeprefix("@")

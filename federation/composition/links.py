"""Links of a subgraph: which version of Federation it speaks, and which links are understood."""

from __future__ import annotations

from graphql import DocumentNode

from federation.composition.report import Report
from federation.composition.subgraph import Subgraph
from federation.composition.vocabulary import FEDERATION, NEWEST, PRELUDE, SINCE, directives_of
from federation.directives import APOLLO, Link, links_of

__all__ = ["federation_links", "refuse_unknown_links"]

_KNOWN = frozenset(
    {"link", "federation", "tag", "inaccessible", "authenticated", "requiresScopes", "policy"}
    | {"cost", "cacheTag", "context"}
)


def federation_links(document: DocumentNode) -> tuple[tuple[Link, ...], bool]:
    """Links of a document, and whether it is a Federation 2 one.

    A document that links no Federation speaks Federation 1, whose directives go by bare names.
    """
    links = links_of(document)
    core = Link(f"{APOLLO}link", "link", (1, 0), "link", {"@link": "@link"}, f"{APOLLO}link/v1.0")
    if all(link.name != "link" for link in links):
        links = (core, *links)
    if any(link.identity == FEDERATION for link in links):
        return links, True
    return (*links, _federation_1()), False


def refuse_unknown_links(subgraph: Subgraph, report: Report) -> None:
    """Report what links ask for and composition does not know."""
    for link in subgraph.links:
        if link.identity == FEDERATION:
            _check_federation(link, subgraph, report)
        elif link.identity.startswith(APOLLO) and link.name not in _KNOWN and link.purpose:
            report.mistake(
                "UNKNOWN_LINK_SPEC",
                f'[{subgraph.name}] The specification "{link.url}" is needed for {link.purpose} '
                "but is not known.",
                None,
                [subgraph],
            )


def _check_federation(link: Link, subgraph: Subgraph, report: Report) -> None:
    if subgraph.is_federation_2 and not (2, 0) <= link.version <= NEWEST:
        report.mistake(
            "UNKNOWN_FEDERATION_LINK_VERSION",
            f'[{subgraph.name}] "{link.url}" is no known version of the Federation '
            f"specification; known are 2.0 to {NEWEST[0]}.{NEWEST[1]}.",
            None,
            [subgraph],
        )
    known = {f"@{name}" for name in directives_of(link.version)} | set(PRELUDE)
    for name in sorted(set(link.imports.values()) - known):
        report.mistake(
            "INVALID_LINK_DIRECTIVE_USAGE",
            f'[{subgraph.name}] Cannot import "{name}": {_why_unknown(link, name)}.',
            None,
            [subgraph],
        )


def _why_unknown(link: Link, name: str) -> str:
    since = SINCE.get(name.removeprefix("@"))
    if since is None:
        return "the Federation specification defines no such element"
    return f'it came with Federation {since[0]}.{since[1]}, and "{link.url}" is linked'


def _federation_1() -> Link:
    names = {f"@{name}": f"@{name}" for name in directives_of((1, 0))}
    names |= {"_FieldSet": "FieldSet", "FieldSet": "FieldSet"}
    return Link(FEDERATION, "federation", (1, 0), "federation", names, f"{FEDERATION}/v1.0")

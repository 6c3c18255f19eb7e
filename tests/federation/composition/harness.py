"""Subgraphs in, expectation out: composition tests are lists of documents."""

from collections.abc import Mapping

from graphql import DocumentNode, parse, print_ast

from federation.composition import Composition, Rule, SubgraphSource, compose
from federation.errors import CompositionError, CompositionMistake

HEAD = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [
  "@key", "@external", "@requires", "@provides", "@shareable", "@override", "@inaccessible",
  "@tag", "@extends", "@interfaceObject", "@composeDirective", "@authenticated",
  "@requiresScopes", "@policy", "@cost"
])
"""
"""Federation 2 with every directive imported by its own name."""


def composed(subgraphs: Mapping[str, str], *, head: str = HEAD) -> Composition:
    """Compose documents by name; each is preceded by `head`."""
    return compose(sources(subgraphs, head=head))


def sources(subgraphs: Mapping[str, str], *, head: str = HEAD) -> list[SubgraphSource]:
    return [
        SubgraphSource(name, f"http://{name}.test", head + sdl) for name, sdl in subgraphs.items()
    ]


def mistakes(
    subgraphs: Mapping[str, str], *, head: str = HEAD, rules: tuple[Rule, ...] = ()
) -> list[CompositionMistake]:
    """What composing them reports; empty if they compose."""
    try:
        compose(sources(subgraphs, head=head), rules)
    except CompositionError as error:
        return list(error.mistakes)
    return []


def codes(subgraphs: Mapping[str, str], *, head: str = HEAD) -> list[tuple[str, str | None]]:
    """Code and coordinate of each mistake."""
    return [(mistake.code, mistake.coordinate) for mistake in mistakes(subgraphs, head=head)]


def definition(composition: Composition, name: str) -> str:
    """One definition of the supergraph, in one line, without its description."""
    return definition_of(parse(composition.sdl, no_location=True), name)


def definition_of(document: DocumentNode, name: str) -> str:
    for node in document.definitions:
        named = getattr(node, "name", None)
        if (named.value if named is not None else "schema") == name:
            return " ".join(print_ast(node).split())
    raise AssertionError(f"{name} is not defined")

"""Whether a subgraph's document is valid GraphQL once the specification's names are defined.

GraphQL's own rules for schema documents are run, except the two that Federation relaxes: a type
may be extended that is defined elsewhere, and a document need not hold a whole schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    GraphQLError,
    TypeDefinitionNode,
    TypeExtensionNode,
    parse,
)
from graphql.validation import PossibleTypeExtensionsRule
from graphql.validation.specified_rules import specified_sdl_rules
from graphql.validation.validate import validate_sdl

from federation.composition.report import Report
from federation.composition.subgraph import Subgraph
from federation.composition.validate_types import errors_of_types
from federation.composition.vocabulary import (
    DIRECTIVES,
    MACHINERY_TYPES,
    PRELUDE,
    directives_of,
)
from federation.directives import APOLLO, Link

__all__ = ["validate_document"]

_RULES = tuple(rule for rule in specified_sdl_rules if rule is not PossibleTypeExtensionsRule)
_TOGETHER = {"cost": ("cost", "listSize"), "context": ("context", "fromContext")}
"""Directives of specifications that define more than one."""
_LINK = """
(url: String!, as: String, for: {prefix}Purpose, import: [{prefix}Import]) repeatable on SCHEMA
"""


def validate_document(document: DocumentNode, subgraph: Subgraph, report: Report) -> None:
    """Report INVALID_GRAPHQL for each rule of GraphQL that the document breaks."""
    prelude = tuple(_prelude(document, subgraph))
    whole = DocumentNode(definitions=(*prelude, *document.definitions))
    for error in validate_sdl(whole, rules=_RULES) or errors_of_types(document, prelude):
        report.mistake(
            "INVALID_GRAPHQL",
            f"[{subgraph.name}] {error.message}",
            None,
            [subgraph],
            _line(error),
        )


def _prelude(document: DocumentNode, subgraph: Subgraph) -> Iterator[DefinitionNode]:
    """Definitions the document may rely on without writing them."""
    text = "\n".join(_texts(subgraph.links))
    directives = {
        node.name.value
        for node in document.definitions
        if isinstance(node, DirectiveDefinitionNode)
    }
    types = {
        node.name.value for node in document.definitions if isinstance(node, TypeDefinitionNode)
    }
    extended = {
        node.name.value for node in document.definitions if isinstance(node, TypeExtensionNode)
    }
    text += "".join(f"\nscalar {name}" for name in sorted(extended - types))
    for node in parse(text, no_location=True).definitions:
        taken = directives if isinstance(node, DirectiveDefinitionNode) else types
        assert isinstance(node, (DirectiveDefinitionNode, TypeDefinitionNode))  # noqa: S101 - our own
        if node.name.value not in taken:
            taken.add(node.name.value)
            yield node


def _texts(links: tuple[Link, ...]) -> Iterator[str]:
    for name in sorted(MACHINERY_TYPES):
        yield f"scalar {name}"
    for link in links:
        if not link.identity.startswith(APOLLO):
            continue
        if link.name == "link":
            prefix = f"{link.namespace}__"
            yield f"scalar {prefix}Import\nscalar {prefix}Purpose"
            yield f"directive @{link.local('link')}{_LINK.format(prefix=prefix)}"
        else:
            yield from _federation_texts(link)


def _federation_texts(link: Link) -> Iterator[str]:
    local = {spec: name for name, spec in link.imports.items()}
    scalars = {name: local.get(name, f"{link.namespace}__{name}") for name in PRELUDE}
    for name in scalars.values():
        yield f"scalar {name}"
    for name, shape in _directives(link).items():
        yield f"directive @{link.local(name)}{_with_scalars(shape, scalars)}"


def _directives(link: Link) -> Mapping[str, str]:
    """Definitions that a link brings: those of its version, or of a specification by itself."""
    if link.name == "federation":
        return directives_of(link.version)
    names = _TOGETHER.get(link.name, (link.name,))
    return {name: DIRECTIVES[name] for name in names if name in DIRECTIVES}


def _with_scalars(shape: str, scalars: Mapping[str, str]) -> str:
    return re.sub(r"\b\w+\b", lambda word: scalars.get(word[0], word[0]), shape)


def _line(error: GraphQLError) -> int | None:
    return error.locations[0].line if error.locations else None

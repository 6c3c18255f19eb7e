"""Directives across documents: `@link`, and which specification a name belongs to.

A document says by `@link` (https://specs.apollo.dev/link/v1.0) which specifications it uses and
under which names; nothing may be recognised by its bare name alone once a link renames it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from graphql import (
    DirectiveNode,
    DocumentNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
)
from graphql.utilities import value_from_ast_untyped

__all__ = ["APOLLO", "Link", "arguments_of", "links_of", "parse_link", "spec_name"]

APOLLO = "https://specs.apollo.dev/"
"""Where the specifications of the Federation family live."""


class Link(NamedTuple):
    """One `@link`: a specification, and the names under which the document uses it."""

    identity: str
    """URL without the version."""
    name: str
    """Last part of the identity."""
    version: tuple[int, int]
    """Major and minor; (0, 0) when the URL states none."""
    namespace: str
    """Prefix of names that are not imported: `as:`, else the name."""
    imports: Mapping[str, str]
    """Local name to the specification's name, directives with their "@"."""
    url: str
    purpose: str | None = None
    """SECURITY or EXECUTION: whoever does not know the specification must refuse the document."""

    def local(self, directive: str) -> str:
        """Name under which the document applies a directive of the specification, without "@"."""
        for local, spec in self.imports.items():
            if spec == f"@{directive}":
                return local[1:]
        return self.namespace if directive == self.name else f"{self.namespace}__{directive}"

    def directive(self, local: str) -> str | None:
        """The specification's name of a directive the document applies, None if not one."""
        imported = self.imports.get(f"@{local}")
        if imported is not None:
            return imported[1:]
        if local == self.namespace:
            return self.name
        prefix = f"{self.namespace}__"
        return local.removeprefix(prefix) if local.startswith(prefix) else None

    def type(self, local: str) -> str | None:
        """The specification's name of a type the document uses, None if not one."""
        prefix = f"{self.namespace}__"
        return self.imports.get(local) or (
            local.removeprefix(prefix) if local.startswith(prefix) else None
        )


def links_of(document: DocumentNode) -> tuple[Link, ...]:
    """The links of a document, in order; malformed ones are left out."""
    applications = (
        directive
        for definition in document.definitions
        if isinstance(definition, (SchemaDefinitionNode, SchemaExtensionNode))
        for directive in definition.directives or ()
        if directive.name.value == "link" or "url" in arguments_of(directive)
    )
    return tuple(link for link in map(parse_link, applications) if link is not None)


def parse_link(directive: DirectiveNode) -> Link | None:
    """Read one application of `@link`; None if it has no URL."""
    arguments = arguments_of(directive)
    url = arguments.get("url")
    if not isinstance(url, str) or not url:
        return None
    identity, version = _split(url)
    name = identity.rsplit("/", 1)[-1]
    namespace, purpose = arguments.get("as"), arguments.get("for")
    return Link(
        identity=identity,
        name=name,
        version=version,
        namespace=str(namespace) if namespace else name,
        imports=dict(_imports(arguments.get("import"))),
        url=url,
        purpose=str(purpose) if purpose else None,
    )


def arguments_of(directive: DirectiveNode) -> dict[str, Any]:
    """Arguments of one application as plain values."""
    return {
        argument.name.value: value_from_ast_untyped(argument.value)
        for argument in directive.arguments or ()
    }


def spec_name(links: Iterable[Link], local: str) -> tuple[Link, str] | None:
    """The link a directive's local name belongs to and the specification's name of it."""
    candidates = [(link, link.directive(local)) for link in links]
    # An import claims the name before any namespace that happens to be spelled alike.
    candidates.sort(key=lambda candidate: f"@{local}" not in candidate[0].imports)
    return next(((link, name) for link, name in candidates if name is not None), None)


def _split(url: str) -> tuple[str, tuple[int, int]]:
    parts = urlsplit(url)._replace(query="", fragment="").geturl().rstrip("/").split("/")
    major, _, minor = parts[-1].removeprefix("v").partition(".")
    if parts[-1].startswith("v") and major.isdigit() and (minor or "0").isdigit():
        return "/".join(parts[:-1]), (int(major), int(minor or 0))
    return "/".join(parts), (0, 0)


def _imports(entries: object) -> Iterator[tuple[str, str]]:
    for entry in entries if isinstance(entries, list) else [entries]:
        if isinstance(entry, str):
            yield entry, entry
        elif isinstance(entry, dict) and isinstance(entry.get("name"), str):
            yield str(entry.get("as") or entry["name"]), entry["name"]

"""`@context` and `@fromContext`: values that a field is given by an object above it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/entities/use-contexts
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from graphql import GraphQLError, SelectionSetNode

from federation.composition.field_sets import parse_field_set
from federation.composition.subgraph import (
    Applied,
    Field,
    InputValue,
    Subgraph,
    find_all,
    has,
)
from federation.composition.vocabulary import CONTEXT, FROM_CONTEXT

__all__ = [
    "Contextual",
    "Reference",
    "composed_name",
    "contextual",
    "own_arguments",
    "parse_reference",
    "setters",
]

_IGNORED = r"(?:[\s,]|#[^\n\r]*)*"
_REFERENCE = re.compile(rf"{_IGNORED}\${_IGNORED}([A-Za-z_]\w*)(.*)", re.DOTALL)


class Reference(NamedTuple):
    """What `@fromContext(field:)` says: a context, and what to select where it is set."""

    context: str
    text: str
    """The selection as written, with or without braces."""

    @property
    def selection(self) -> SelectionSetNode | None:
        """The selection; None if there is none or it cannot be parsed."""
        try:
            return parse_field_set(self.text)
        except GraphQLError:
            return None


class Contextual(NamedTuple):
    """An argument that is filled in from a context."""

    argument: InputValue
    applied: Applied

    @property
    def reference(self) -> Reference | None:
        """What it is filled in with; None if the directive names no context."""
        return parse_reference(str(self.applied.value("field") or ""))


def parse_reference(text: str) -> Reference | None:
    """Split a text such as `$user { currency { code } }`; None if it names no context."""
    found = _REFERENCE.fullmatch(text)
    return None if found is None else Reference(found[1], found[2])


def contextual(field: Field) -> Iterator[Contextual]:
    """Arguments of a field that are filled in from contexts."""
    for argument in field.arguments.values():
        for applied in find_all(argument.directives, FROM_CONTEXT):
            yield Contextual(argument, applied)


def own_arguments(field: Field) -> Mapping[str, InputValue]:
    """Arguments of a field that clients give."""
    return {
        name: argument
        for name, argument in field.arguments.items()
        if not has(argument.directives, FROM_CONTEXT)
    }


def setters(subgraph: Subgraph, context: str) -> list[str]:
    """Types that set a context in a subgraph."""
    return [
        definition.name
        for definition in subgraph.types.values()
        if any(
            applied.value("name") == context for applied in find_all(definition.directives, CONTEXT)
        )
    ]


def composed_name(subgraph: Subgraph, context: str) -> str:
    """Name of a subgraph's context in the supergraph."""
    return f"{subgraph.name}__{context}"

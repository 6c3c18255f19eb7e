"""`@context` and `@fromContext` of one subgraph: where they may stand, and what they may select."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from federation.composition.contexts import Contextual, contextual, setters
from federation.composition.rules.context_values import selection_mistakes
from federation.composition.subgraph import (
    Applied,
    Field,
    Kind,
    Subgraph,
    TypeDefinition,
    find_all,
    has,
)
from federation.composition.usage import Usage
from federation.composition.vocabulary import CONTEXT, FROM_CONTEXT, INTERFACE_OBJECT, KEY
from federation.directives import APOLLO, spec_name
from federation.errors import CompositionMistake

__all__ = ["contexts_are_valid"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")


def contexts_are_valid(usage: Usage) -> Iterator[CompositionMistake]:
    """Yield CONTEXT_* mistakes and NO_CONTEXT_IN_SELECTION of one subgraph."""
    subgraph = usage.subgraph
    for definition in subgraph.types.values():
        for applied in find_all(definition.directives, CONTEXT):
            yield from _of_setter(subgraph, definition, applied)
        for field in (definition.fields or {}).values():
            for argument in contextual(field):
                yield from _of_argument(_Place(subgraph, definition, field, argument))
    yield from _of_directives(subgraph)


class _Place(NamedTuple):
    """An argument with `@fromContext`, and where it stands."""

    subgraph: Subgraph
    definition: TypeDefinition
    field: Field
    argument: Contextual

    def mistake(self, code: str, reason: str) -> CompositionMistake:
        """A mistake at this place."""
        name = f"{self.definition.name}.{self.field.name}({self.argument.argument.name}:)"
        return _mistake(self.subgraph, code, name, reason, self.argument.applied.line)


def _of_setter(
    subgraph: Subgraph, definition: TypeDefinition, applied: Applied
) -> Iterator[CompositionMistake]:
    name = str(applied.value("name"))
    if not _NAME.fullmatch(name):
        yield _mistake(
            subgraph,
            "CONTEXT_NAME_INVALID",
            definition.name,
            f'sets the context "{name}", whose name may hold only letters and digits.',
            applied.line,
        )
    if has(definition.directives, INTERFACE_OBJECT):
        yield _mistake(
            subgraph,
            "CONTEXT_INVALID_SELECTION",
            definition.name,
            f'sets the context "{name}" and is an @interfaceObject, of which no type is known.',
            applied.line,
        )


def _of_argument(place: _Place) -> Iterator[CompositionMistake]:
    yield from _standing(place)
    reference = place.argument.reference
    if reference is None or not reference.text.strip():
        yield place.mistake(
            "NO_CONTEXT_IN_SELECTION",
            'names no context with a selection, as in "$context { field }".',
        )
        return
    names = setters(place.subgraph, reference.context)
    if not names:
        yield place.mistake(
            "CONTEXT_NOT_SET", f'uses the context "{reference.context}", which no type sets.'
        )
        return
    for reason in selection_mistakes(place.subgraph, place.argument.argument, reference, names):
        yield place.mistake("CONTEXT_INVALID_SELECTION", reason)


def _standing(place: _Place) -> Iterator[CompositionMistake]:
    """Whether a contextual argument may stand here at all."""
    definition, name = place.definition, place.field.name
    if definition.kind is not Kind.OBJECT:
        yield place.mistake("CONTEXT_NOT_SET", "is contextual, but nobody resolves an interface.")
        return
    for interface in definition.interfaces:
        if place.subgraph.field(interface, name) is not None:
            yield place.mistake(
                "CONTEXT_NOT_SET", f'is contextual, but "{interface}.{name}" has no such argument.'
            )
    if place.argument.argument.default is not None:
        yield place.mistake("CONTEXT_NOT_SET", "is contextual, so it cannot have a default value.")
    keys = find_all(definition.directives, KEY)
    if all(key.value("resolvable") is False for key in keys):
        yield place.mistake(
            "CONTEXT_NO_RESOLVABLE_KEY",
            f'is contextual, but "{definition.name}" has no resolvable @key to be fetched by.',
        )


def _of_directives(subgraph: Subgraph) -> Iterator[CompositionMistake]:
    for node in subgraph.directives.values():
        for argument in node.arguments or ():
            for directive in argument.directives or ():
                found = spec_name(subgraph.links, directive.name.value)
                if found is None or not found[0].identity.startswith(APOLLO):
                    continue
                if f"federation__{found[1]}" == FROM_CONTEXT:
                    yield _mistake(
                        subgraph,
                        "CONTEXT_NOT_SET",
                        f"@{node.name.value}({argument.name.value}:)",
                        "is an argument of a directive, which has no context.",
                        None,
                    )


def _mistake(
    subgraph: Subgraph, code: str, coordinate: str, reason: str, line: int | None
) -> CompositionMistake:
    message = f'[{subgraph.name}] "{coordinate}" {reason}'
    return CompositionMistake(code, message, coordinate, (subgraph.name,), line)

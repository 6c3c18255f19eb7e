"""`@external` must have a reason: a key, requirement, provision or interface that refers to it."""

from __future__ import annotations

from collections.abc import Iterator

from federation.composition.subgraph import Kind, has
from federation.composition.usage import Usage
from federation.composition.vocabulary import EXTERNAL
from federation.errors import CompositionMistake

__all__ = ["external_fields_are_used"]


def external_fields_are_used(usage: Usage) -> Iterator[CompositionMistake]:
    """Yield EXTERNAL_UNUSED and EXTERNAL_ON_INTERFACE of one Federation 2 subgraph."""
    name = usage.subgraph.name
    if not usage.subgraph.is_federation_2:
        return
    for definition in usage.subgraph.types.values():
        for field in (definition.fields or {}).values():
            if not has(field.directives, EXTERNAL):
                continue
            coordinate = f"{definition.name}.{field.name}"
            if definition.kind is Kind.INTERFACE:
                yield CompositionMistake(
                    "EXTERNAL_ON_INTERFACE",
                    f'[{name}] "{coordinate}" is a field of an interface, which nobody resolves.',
                    coordinate,
                    (name,),
                    field.line,
                )
            elif not usage.is_needed(definition.name, field):
                yield CompositionMistake(
                    "EXTERNAL_UNUSED",
                    f'[{name}] "{coordinate}" is @external but no @key, @requires, @provides or '
                    "interface refers to it.",
                    coordinate,
                    (name,),
                    field.line,
                )

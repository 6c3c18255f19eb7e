"""Directives of the specification that change what clients send and are not composed.

Leaving them out in silence would publish arguments that no client may fill in.
"""

from __future__ import annotations

from collections.abc import Iterator

from federation.composition.subgraph import Applied, TypeDefinition
from federation.composition.usage import Usage
from federation.errors import CompositionMistake

__all__ = ["nothing_is_left_out"]

_CONTEXT = frozenset({"federation__context", "federation__fromContext"})


def nothing_is_left_out(usage: Usage) -> Iterator[CompositionMistake]:
    """Yield UNSUPPORTED_FEATURE for each use of `@context` and `@fromContext`."""
    name = usage.subgraph.name
    for definition in usage.subgraph.types.values():
        for coordinate, applied in _applied(definition):
            if applied.name in _CONTEXT:
                directive = applied.name.removeprefix("federation__")
                yield CompositionMistake(
                    "UNSUPPORTED_FEATURE",
                    f'[{name}] "{coordinate}" has @{directive}, which is not composed.',
                    coordinate,
                    (name,),
                    applied.line,
                )


def _applied(definition: TypeDefinition) -> Iterator[tuple[str, Applied]]:
    for applied in definition.directives:
        yield definition.name, applied
    for field in (definition.fields or {}).values():
        for argument in field.arguments.values():
            for applied in argument.directives:
                yield f"{definition.name}.{field.name}({argument.name}:)", applied

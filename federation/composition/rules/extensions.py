"""A type that is only extended must be defined somewhere."""

from __future__ import annotations

from collections.abc import Iterator

from federation.composition.merged import MergedSchema
from federation.composition.subgraph import Source, TypeDefinition, has
from federation.composition.vocabulary import EXTENDS
from federation.errors import CompositionMistake

__all__ = ["extensions_have_a_base"]

_ROOTS = frozenset({"Query", "Mutation", "Subscription"})


def extensions_have_a_base(merged: MergedSchema) -> Iterator[CompositionMistake]:
    """Yield EXTENSION_WITH_NO_BASE for each type that no subgraph defines."""
    for name, sources in merged.sources.items():
        if name in _ROOTS or not all(map(_is_extension, sources)):
            continue
        names = tuple(source.subgraph.name for source in sources)
        yield CompositionMistake(
            "EXTENSION_WITH_NO_BASE",
            f'[{names[0]}] "{name}" is extended in {", ".join(names)} but defined in no subgraph.',
            name,
            names,
            sources[0].definition.line,
        )


def _is_extension(source: Source[TypeDefinition]) -> bool:
    """In Federation 1, `@extends` is another way of writing `extend`."""
    return source.definition.is_extension or (
        not source.subgraph.is_federation_2 and has(source.definition.directives, EXTENDS)
    )

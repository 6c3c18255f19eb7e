"""A field that several subgraphs resolve must be `@shareable` in each of them."""

from __future__ import annotations

from collections.abc import Iterator

from federation.composition.merged import MergedSchema
from federation.composition.subgraph import Field, Kind, Source, Subgraph, find_all
from federation.composition.vocabulary import OVERRIDE
from federation.errors import CompositionMistake

__all__ = ["shared_fields_are_shareable"]


def shared_fields_are_shareable(merged: MergedSchema) -> Iterator[CompositionMistake]:
    """Yield INVALID_FIELD_SHARING for each field resolved twice without consent."""
    for definition in merged.types.values():
        if definition.kind is not Kind.OBJECT:
            continue
        for name in definition.fields or {}:
            yield from _check(merged, definition.name, name)


def _check(merged: MergedSchema, type_name: str, name: str) -> Iterator[CompositionMistake]:
    resolving = _resolving(merged, type_name, name)
    if len(resolving) < 2:
        return
    unwilling = [
        source
        for source in resolving
        if not merged.usages[source.subgraph.name].is_shareable(type_name, source.definition)
    ]
    if not unwilling:
        return
    coordinate = f"{type_name}.{name}"
    yield CompositionMistake(
        "INVALID_FIELD_SHARING",
        f'"{coordinate}" is resolved by {_names(resolving)} but is not shareable in '
        f"{_names(unwilling)}; mark it @shareable in all of them or keep it in one.",
        coordinate,
        tuple(source.subgraph.name for source in resolving),
        unwilling[0].definition.line,
    )


def _resolving(merged: MergedSchema, type_name: str, name: str) -> list[Source[Field]]:
    sources = [
        Source(source.subgraph, (source.definition.fields or {})[name])
        for source in merged.sources.get(type_name, ())
        if name in (source.definition.fields or {})
    ]
    overridden = {
        applied.value("from")
        for source in sources
        for applied in find_all(source.definition.directives, OVERRIDE)
    }
    return [
        source
        for source in sources
        if source.subgraph.name not in overridden
        and not _is_external(merged, source.subgraph, type_name, source.definition)
    ]


def _is_external(merged: MergedSchema, subgraph: Subgraph, type_name: str, field: Field) -> bool:
    return merged.usages[subgraph.name].is_external(type_name, field)


def _names(sources: list[Source[Field]]) -> str:
    return ", ".join(source.subgraph.name for source in sources)

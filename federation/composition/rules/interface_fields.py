"""An object has every field of its interfaces, also those that other subgraphs define."""

from __future__ import annotations

from collections.abc import Iterator

from federation.composition.merged import MergedSchema
from federation.composition.subgraph import Kind, TypeDefinition
from federation.errors import CompositionMistake

__all__ = ["interface_fields_are_implemented"]


def interface_fields_are_implemented(merged: MergedSchema) -> Iterator[CompositionMistake]:
    """Yield INTERFACE_FIELD_NO_IMPLEM for each field that is missing."""
    for definition in merged.types.values():
        for name in definition.interfaces:
            interface = merged.types.get(name)
            if interface is not None and interface.kind is Kind.INTERFACE:
                yield from _missing(merged, definition, interface)


def _missing(
    merged: MergedSchema, definition: TypeDefinition, interface: TypeDefinition
) -> Iterator[CompositionMistake]:
    for field, declared in (interface.fields or {}).items():
        if field in (definition.fields or {}):
            continue
        coordinate = f"{interface.name}.{field}"
        having = [
            source.subgraph.name
            for source in merged.sources[interface.name]
            if field in (source.definition.fields or {})
        ]
        yield CompositionMistake(
            "INTERFACE_FIELD_NO_IMPLEM",
            f'"{coordinate}" is declared in {", ".join(having)} but "{definition.name}", which '
            "implements the interface elsewhere, has no such field.",
            coordinate,
            tuple(having),
            declared.line,
        )

"""Enums: by how they are used.

A value that a subgraph returns must be known to clients, a value that clients send must be known
to every subgraph. So what is only returned is united, what is only sent is intersected, and what
is both must be the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import Flag, auto

from federation.composition.merge.applications import merge_applied
from federation.composition.merge.context import MergeContext
from federation.composition.merge.descriptions import merge_description
from federation.composition.merge.joins import join
from federation.composition.subgraph import (
    EnumValue,
    Field,
    InputValue,
    Source,
    Subgraph,
    TypeDefinition,
)
from federation.join import named_type

__all__ = ["EnumUse", "enum_uses", "merge_enum"]


class EnumUse(Flag):
    """Where values of an enum travel."""

    NOWHERE = 0
    IN = auto()
    OUT = auto()


def enum_uses(subgraphs: Iterable[Subgraph]) -> dict[str, EnumUse]:
    """Use of each named type in any subgraph; types that are not used are missing."""
    uses: dict[str, EnumUse] = {}
    for subgraph in subgraphs:
        for definition in subgraph.types.values():
            for name, use in _uses(definition):
                uses[name] = uses.get(name, EnumUse.NOWHERE) | use
    return uses


def _uses(definition: TypeDefinition) -> Iterator[tuple[str, EnumUse]]:
    fields: Iterable[Field] = (definition.fields or {}).values()
    for field in fields:
        yield named_type(field.type), EnumUse.OUT
        for argument in field.arguments.values():
            yield named_type(argument.type), EnumUse.IN
    inputs: Iterable[InputValue] = (definition.inputs or {}).values()
    for value in inputs:
        yield named_type(value.type), EnumUse.IN


def merge_enum(
    context: MergeContext,
    merged: TypeDefinition,
    sources: Sequence[Source[TypeDefinition]],
    use: EnumUse,
) -> TypeDefinition:
    """Fill in the values that clients may meet."""
    names = dict.fromkeys(name for source in sources for name in source.definition.values or {})
    values: dict[str, EnumValue] = {}
    for name in names:
        present = [
            Source(source.subgraph, (source.definition.values or {})[name])
            for source in sources
            if name in (source.definition.values or {})
        ]
        if len(present) == len(sources) or _keeps(context, merged.name, name, present, use):
            values[name] = _value(context, f"{merged.name}.{name}", present)
    if not values:
        context.report.mistake(
            "EMPTY_MERGED_ENUM_TYPE",
            f'No value of enum "{merged.name}" is defined in all the subgraphs that define it.',
            merged.name,
            [source.subgraph for source in sources],
            sources[0].definition.line,
        )
    return replace(merged, values=values)


def _keeps(
    context: MergeContext,
    enum: str,
    name: str,
    present: Sequence[Source[EnumValue]],
    use: EnumUse,
) -> bool:
    coordinate = f"{enum}.{name}"
    subgraphs = [source.subgraph for source in present]
    named = ", ".join(subgraph.name for subgraph in subgraphs)
    if use == EnumUse.IN | EnumUse.OUT:
        context.report.mistake(
            "ENUM_VALUE_MISMATCH",
            f'Enum "{enum}" is both sent and returned, so its values must be the same in all '
            f'subgraphs; "{name}" exists only in {named}.',
            coordinate,
            subgraphs,
            present[0].definition.line,
        )
        return True
    kept = use is not EnumUse.IN
    context.report.hint(
        "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM"
        if kept
        else "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM",
        f'"{coordinate}" exists only in {named}'
        + ("." if kept else ", so clients cannot send it."),
        coordinate,
        subgraphs,
    )
    return kept


def _value(
    context: MergeContext, coordinate: str, present: Sequence[Source[EnumValue]]
) -> EnumValue:
    directives = merge_applied(context, coordinate, present)
    joins = (join("enumValue", source.subgraph) for source in present)
    return EnumValue(
        name=present[0].definition.name,
        description=merge_description(context, coordinate, present),
        directives=(*directives, *joins),
    )

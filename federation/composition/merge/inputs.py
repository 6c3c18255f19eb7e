"""Arguments and input objects: by intersection, for a subgraph must understand all it is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from graphql import ConstValueNode, NonNullTypeNode, print_ast

from federation.composition.merge.applications import merge_applied
from federation.composition.merge.context import MergeContext
from federation.composition.merge.descriptions import merge_description
from federation.composition.merge.joins import join_field
from federation.composition.merge.references import strictest, type_text
from federation.composition.subgraph import Applied, InputValue, Source, TypeDefinition

__all__ = ["merge_arguments", "merge_input_object"]


class _Codes(NamedTuple):
    noun: str
    missing: str
    type: str
    default: str
    dropped: str


_ARGUMENT = _Codes(
    "Argument",
    "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH",
    "FIELD_ARGUMENT_TYPE_MISMATCH",
    "FIELD_ARGUMENT_DEFAULT_MISMATCH",
    "INCONSISTENT_ARGUMENT_PRESENCE",
)
_INPUT_FIELD = _Codes(
    "Input field",
    "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
    "FIELD_TYPE_MISMATCH",
    "INPUT_FIELD_DEFAULT_MISMATCH",
    "INCONSISTENT_INPUT_OBJECT_FIELD",
)


def merge_arguments(
    context: MergeContext,
    coordinate: str,
    sources: Sequence[Source[Mapping[str, InputValue]]],
) -> dict[str, InputValue]:
    """Arguments of a field that all its subgraphs take.

    Args:
        context: where mistakes go.
        coordinate: of the field, "Type.field".
        sources: the arguments in each subgraph that resolves the field.
    """
    names = dict.fromkeys(name for source in sources for name in source.definition)
    merged: dict[str, InputValue] = {}
    for name in names:
        place = f"{coordinate}({name}:)"
        argument = _merge(context, place, name, sources, _ARGUMENT)
        if argument is not None:
            merged[name] = argument
    return merged


def merge_input_object(
    context: MergeContext, merged: TypeDefinition, sources: Sequence[Source[TypeDefinition]]
) -> TypeDefinition:
    """Input fields that all subgraphs define."""
    fields = [Source(source.subgraph, source.definition.inputs or {}) for source in sources]
    inputs: dict[str, InputValue] = {}
    for name in dict.fromkeys(name for source in fields for name in source.definition):
        coordinate = f"{merged.name}.{name}"
        field = _merge(context, coordinate, name, fields, _INPUT_FIELD)
        if field is not None:
            joins = _joins(field, name, fields)
            inputs[name] = field._replace(directives=(*field.directives, *joins))
    if not inputs:
        context.report.mistake(
            "EMPTY_MERGED_INPUT_TYPE",
            f'No field of input "{merged.name}" is defined in all the subgraphs that define it.',
            merged.name,
            [source.subgraph for source in sources],
            sources[0].definition.line,
        )
    return replace(merged, inputs=inputs)


def _merge(
    context: MergeContext,
    coordinate: str,
    name: str,
    sources: Sequence[Source[Mapping[str, InputValue]]],
    codes: _Codes,
) -> InputValue | None:
    present = [
        Source(source.subgraph, source.definition[name])
        for source in sources
        if name in source.definition
    ]
    if len(present) < len(sources):
        _report_missing(context, coordinate, present, sources, codes)
        return None
    type_ = strictest(entry.definition.type for entry in present)
    if type_ is None:
        texts = ", ".join(
            f'"{type_text(entry.definition.type)}" in {entry.subgraph.name}' for entry in present
        )
        context.report.mistake(
            codes.type,
            f'{codes.noun} "{coordinate}" has types that no value fits at once: {texts}.',
            coordinate,
            [entry.subgraph for entry in present],
            present[0].definition.line,
        )
        type_ = present[0].definition.type
    return InputValue(
        name=name,
        description=merge_description(context, coordinate, present),
        type=type_,
        default=_default(context, coordinate, present, codes),
        directives=merge_applied(context, coordinate, present),
    )


def _report_missing(
    context: MergeContext,
    coordinate: str,
    present: Sequence[Source[InputValue]],
    sources: Sequence[Source[Mapping[str, InputValue]]],
    codes: _Codes,
) -> None:
    having = {entry.subgraph.name for entry in present}
    lacking = ", ".join(
        source.subgraph.name for source in sources if source.subgraph.name not in having
    )
    required = [entry for entry in present if _is_required(entry.definition)]
    if required:
        context.report.mistake(
            codes.missing,
            f'{codes.noun} "{coordinate}" is required in {required[0].subgraph.name} but does '
            f"not exist in {lacking}.",
            coordinate,
            [entry.subgraph for entry in required],
            required[0].definition.line,
        )
        return
    context.report.hint(
        codes.dropped,
        f'{codes.noun} "{coordinate}" is left out: it does not exist in {lacking}.',
        coordinate,
        [entry.subgraph for entry in present],
    )


def _is_required(entry: InputValue) -> bool:
    return isinstance(entry.type, NonNullTypeNode) and entry.default is None


def _default(
    context: MergeContext,
    coordinate: str,
    present: Sequence[Source[InputValue]],
    codes: _Codes,
) -> ConstValueNode | None:
    """The default all agree on; optional for clients is only what is optional everywhere."""
    given = [entry.definition.default for entry in present if entry.definition.default is not None]
    texts = sorted({print_ast(value) for value in given})
    subgraphs = [entry.subgraph for entry in present]
    if len(texts) > 1:
        context.report.mistake(
            codes.default,
            f'{codes.noun} "{coordinate}" has different default values: {", ".join(texts)}.',
            coordinate,
            subgraphs,
            present[0].definition.line,
        )
    if 0 < len(given) < len(present):
        context.report.hint(
            "INCONSISTENT_DEFAULT_VALUE_PRESENCE",
            f'{codes.noun} "{coordinate}" loses its default value: not all subgraphs state one.',
            coordinate,
            subgraphs,
        )
        return None
    return given[0] if given else None


def _joins(
    merged: InputValue, name: str, sources: Sequence[Source[Mapping[str, InputValue]]]
) -> list[Applied]:
    texts = [type_text(source.definition[name].type) for source in sources]
    if set(texts) == {type_text(merged.type)}:
        return []
    return [
        join_field(source.subgraph, type=text) for source, text in zip(sources, texts, strict=True)
    ]

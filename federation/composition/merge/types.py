"""Named types: one kind for all subgraphs, then the merge of that kind."""

from __future__ import annotations

from collections.abc import Sequence

from federation.composition.merge.applications import merge_applied
from federation.composition.merge.context import MergeContext
from federation.composition.merge.descriptions import merge_description
from federation.composition.merge.enums import EnumUse, enum_uses, merge_enum
from federation.composition.merge.inputs import merge_input_object
from federation.composition.merge.interface_objects import complete_objects
from federation.composition.merge.objects import join_types, merge_object
from federation.composition.merge.unions import merge_union
from federation.composition.subgraph import Kind, Source, TypeDefinition

__all__ = ["merge_types"]


def merge_types(context: MergeContext) -> dict[str, TypeDefinition]:
    """Composed types by name, in alphabetical order; their directives include the joins."""
    uses = enum_uses(context.subgraphs)
    merged: dict[str, TypeDefinition] = {}
    for name in sorted(context.sources):
        sources = context.sources[name]
        kind = _kind(context, name, sources)
        if kind is not None:
            use = uses.get(name, EnumUse.NOWHERE)
            merged[name] = _merge(context, _head(context, name, kind, sources), sources, use)
    return complete_objects(context, merged)


def _kind(
    context: MergeContext, name: str, sources: Sequence[Source[TypeDefinition]]
) -> Kind | None:
    kinds = {
        Kind.INTERFACE if context.is_interface_object(source) else source.definition.kind
        for source in sources
    }
    if len(kinds) > 1:
        texts = ", ".join(
            f"{source.definition.kind} in {source.subgraph.name}" for source in sources
        )
        context.report.mistake(
            "TYPE_KIND_MISMATCH",
            f'"{name}" is of different kinds: {texts}.',
            name,
            [source.subgraph for source in sources],
            sources[0].definition.line,
        )
        return None
    return kinds.pop()


def _head(
    context: MergeContext, name: str, kind: Kind, sources: Sequence[Source[TypeDefinition]]
) -> TypeDefinition:
    joins = (applied for source in sources for applied in join_types(source))
    return TypeDefinition(
        name=name,
        kind=kind,
        description=merge_description(context, name, sources),
        directives=(*merge_applied(context, name, sources), *joins),
        line=sources[0].definition.line,
    )


def _merge(
    context: MergeContext,
    merged: TypeDefinition,
    sources: Sequence[Source[TypeDefinition]],
    use: EnumUse,
) -> TypeDefinition:
    match merged.kind:
        case Kind.OBJECT | Kind.INTERFACE:
            return merge_object(context, merged, sources)
        case Kind.UNION:
            return merge_union(merged, sources)
        case Kind.ENUM:
            return merge_enum(context, merged, sources, use)
        case Kind.INPUT:
            return merge_input_object(context, merged, sources)
        case Kind.SCALAR:
            return merged

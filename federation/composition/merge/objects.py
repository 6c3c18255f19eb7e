"""Objects and interfaces: all fields, all interfaces, and the `@join__type` of every key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from federation.composition.merge.context import MergeContext
from federation.composition.merge.fields import merge_fields
from federation.composition.merge.joins import join
from federation.composition.subgraph import Applied, Source, TypeDefinition, find_all, has
from federation.composition.vocabulary import EXTENDS, INTERFACE_OBJECT, KEY

__all__ = ["join_types", "merge_object"]


def merge_object(
    context: MergeContext, merged: TypeDefinition, sources: Sequence[Source[TypeDefinition]]
) -> TypeDefinition:
    """Fill in the fields and interfaces of an object or interface."""
    interfaces = dict.fromkeys(name for source in sources for name in source.definition.interfaces)
    implements = [
        join("implements", source.subgraph, interface=name)
        for source in sources
        for name in source.definition.interfaces
    ]
    return replace(
        merged,
        directives=(*merged.directives, *implements),
        interfaces=tuple(interfaces),
        fields=merge_fields(context, merged.name, sources),
    )


def join_types(source: Source[TypeDefinition]) -> Iterator[Applied]:
    """`@join__type` of one subgraph: once per key, once if there is none."""
    directives = source.definition.directives
    keys = list(find_all(directives, KEY))
    is_interface_object = True if has(directives, INTERFACE_OBJECT) else None
    if not keys:
        yield join("type", source.subgraph, isInterfaceObject=is_interface_object)
    for key in keys:
        is_extension = key.in_extension or has(directives, EXTENDS)
        yield join(
            "type",
            source.subgraph,
            key=str(key.value("fields")),
            extension=True if is_extension else None,
            resolvable=False if key.value("resolvable") is False else None,
            isInterfaceObject=is_interface_object,
        )

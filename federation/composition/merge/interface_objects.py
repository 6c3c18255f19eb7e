"""`@interfaceObject`: fields that a subgraph adds to an interface belong to its objects too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from federation.composition.merge.context import MergeContext
from federation.composition.merge.joins import join_field
from federation.composition.subgraph import Field, Kind, TypeDefinition

__all__ = ["complete_objects"]


def complete_objects(
    context: MergeContext, types: Mapping[str, TypeDefinition]
) -> dict[str, TypeDefinition]:
    """Give each object the fields that interface objects resolve for its interfaces."""
    return {
        name: _complete(context, definition, types)
        if definition.kind is Kind.OBJECT
        else definition
        for name, definition in types.items()
    }


def _complete(
    context: MergeContext, definition: TypeDefinition, types: Mapping[str, TypeDefinition]
) -> TypeDefinition:
    own = definition.fields or {}
    added: dict[str, Field] = {}
    for interface in definition.interfaces:
        for field in _provided(context, types.get(interface)):
            if field.name not in own and field.name not in added:
                added[field.name] = field
    return replace(definition, fields={**own, **added}) if added else definition


def _provided(context: MergeContext, interface: TypeDefinition | None) -> Iterator[Field]:
    if interface is None:
        return
    objects = [
        source
        for source in context.sources.get(interface.name, ())
        if context.is_interface_object(source)
    ]
    for field in (interface.fields or {}).values():
        if any(field.name in (source.definition.fields or {}) for source in objects):
            yield _copy(field)


def _copy(field: Field) -> Field:
    kept = (applied for applied in field.directives if applied.name != "join__field")
    return field._replace(directives=(*kept, join_field(None)))

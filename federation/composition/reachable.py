"""Which types clients can come to from the root types and from directives of operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from federation.composition.merged import MergedSchema
from federation.composition.subgraph import Kind, TypeDefinition, has
from federation.composition.vocabulary import INACCESSIBLE
from federation.join import named_type

__all__ = ["reachable_types"]

_ROOTS = ("Query", "Mutation", "Subscription")


def reachable_types(merged: MergedSchema) -> frozenset[str]:
    """Names of the types that something visible refers to, and of the root types."""
    implementations = _implementations(merged.types)
    waiting = [*_ROOTS, *_of_directives(merged)]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        definition = merged.types.get(name)
        if definition is None or name in reached or has(definition.directives, INACCESSIBLE):
            continue
        reached.add(name)
        waiting.extend(_neighbours(definition))
        waiting.extend(implementations.get(name, ()))
    return frozenset(reached)


def _neighbours(definition: TypeDefinition) -> Iterator[str]:
    yield from definition.interfaces
    yield from definition.members
    for field in (definition.fields or {}).values():
        if has(field.directives, INACCESSIBLE):
            continue
        yield named_type(field.type)
        for argument in field.arguments.values():
            if not has(argument.directives, INACCESSIBLE):
                yield named_type(argument.type)
    for value in (definition.inputs or {}).values():
        if not has(value.directives, INACCESSIBLE):
            yield named_type(value.type)


def _implementations(types: Mapping[str, TypeDefinition]) -> dict[str, list[str]]:
    implementations: dict[str, list[str]] = {}
    for definition in types.values():
        if definition.kind in {Kind.OBJECT, Kind.INTERFACE}:
            for interface in definition.interfaces:
                implementations.setdefault(interface, []).append(definition.name)
    return implementations


def _of_directives(merged: MergedSchema) -> Iterator[str]:
    composed = (entry.definition for entry in merged.composed.values())
    for definition in (*composed, *merged.executable):
        for argument in definition.arguments or ():
            yield named_type(argument.type)

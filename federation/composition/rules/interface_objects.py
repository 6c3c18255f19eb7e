"""`@interfaceObject` stands for an interface that another subgraph defines with the same key."""

from __future__ import annotations

from collections.abc import Iterator

from federation.composition.merged import MergedSchema
from federation.composition.subgraph import Kind, Subgraph, TypeDefinition, find_all, has
from federation.composition.vocabulary import INTERFACE_OBJECT, KEY
from federation.errors import CompositionMistake

__all__ = ["interface_objects_have_interfaces"]


def interface_objects_have_interfaces(merged: MergedSchema) -> Iterator[CompositionMistake]:
    """Yield INTERFACE_OBJECT_USAGE_ERROR and INTERFACE_KEY_* mistakes."""
    for name, sources in merged.sources.items():
        objects = [
            source for source in sources if has(source.definition.directives, INTERFACE_OBJECT)
        ]
        for source in objects:
            if not has(source.definition.directives, KEY):
                yield _mistake(source.subgraph.name, name, "has no @key", source.definition.line)
        interfaces = [source.subgraph for source in sources if source not in objects]
        if objects and not any(subgraph.is_federation_2 for subgraph in interfaces):
            # A key on an interface of Federation 1 does not promise to tell objects' types.
            reason = "is an interface in no subgraph of Federation 2"
            yield _mistake(objects[0].subgraph.name, name, reason, objects[0].definition.line)
    yield from _lookups(merged)


def _mistake(subgraph: str, name: str, reason: str, line: int | None) -> CompositionMistake:
    return CompositionMistake(
        "INTERFACE_OBJECT_USAGE_ERROR",
        f'[{subgraph}] "{name}" has @interfaceObject but {reason}.',
        name,
        (subgraph,),
        line,
    )


def _lookups(merged: MergedSchema) -> Iterator[CompositionMistake]:
    """A subgraph that looks an interface up by key knows all its objects, by the same key."""
    for subgraph in merged.subgraphs:
        for interface in subgraph.types.values():
            keys = _resolvable_keys(interface) if interface.kind is Kind.INTERFACE else []
            for entry in merged.types.values() if keys else ():
                if entry.kind is Kind.OBJECT and interface.name in entry.interfaces:
                    yield from _lookup(subgraph, interface, entry.name, keys)


def _resolvable_keys(definition: TypeDefinition) -> list[str]:
    return [
        str(key.value("fields"))
        for key in find_all(definition.directives, KEY)
        if key.value("resolvable") is not False
    ]


def _lookup(
    subgraph: Subgraph, interface: TypeDefinition, name: str, keys: list[str]
) -> Iterator[CompositionMistake]:
    own = subgraph.types.get(name)
    if own is None or interface.name not in own.interfaces:
        code = "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE"
        reason = f"the subgraph does not define {name} as an implementation of it"
    elif set(keys) - set(_resolvable_keys(own)):
        code = "INTERFACE_KEY_NOT_ON_IMPLEMENTATION"
        reason = f"{name} does not have the same"
    else:
        return
    yield CompositionMistake(
        code,
        f'[{subgraph.name}] Interface "{interface.name}" has a resolvable @key but {reason}.',
        interface.name,
        (subgraph.name,),
        interface.line,
    )

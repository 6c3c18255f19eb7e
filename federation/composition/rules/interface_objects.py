"""`@interfaceObject` stands for an interface that another subgraph defines with the same key."""

from __future__ import annotations

from collections.abc import Iterator

from federation.composition.merged import MergedSchema
from federation.composition.subgraph import Kind, find_all, has
from federation.composition.vocabulary import INTERFACE_OBJECT, KEY
from federation.errors import CompositionMistake

__all__ = ["interface_objects_have_interfaces"]


def interface_objects_have_interfaces(merged: MergedSchema) -> Iterator[CompositionMistake]:
    """Yield INTERFACE_OBJECT_USAGE_ERROR and INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE."""
    for name, sources in merged.sources.items():
        objects = [
            source for source in sources if has(source.definition.directives, INTERFACE_OBJECT)
        ]
        for source in objects:
            if not has(source.definition.directives, KEY):
                yield _mistake(source.subgraph.name, name, "has no @key", source.definition.line)
        if objects and len(objects) == len(sources):
            yield _mistake(
                objects[0].subgraph.name,
                name,
                "is an interface in no subgraph",
                objects[0].definition.line,
            )
    yield from _missing_implementations(merged)


def _mistake(subgraph: str, name: str, reason: str, line: int | None) -> CompositionMistake:
    return CompositionMistake(
        "INTERFACE_OBJECT_USAGE_ERROR",
        f'[{subgraph}] "{name}" has @interfaceObject but {reason}.',
        name,
        (subgraph,),
        line,
    )


def _missing_implementations(merged: MergedSchema) -> Iterator[CompositionMistake]:
    """A subgraph that looks up an interface by key must know all its implementations."""
    for subgraph in merged.subgraphs:
        for definition in subgraph.types.values():
            if definition.kind is not Kind.INTERFACE or not any(
                key.value("resolvable") is not False for key in find_all(definition.directives, KEY)
            ):
                continue
            missing = [
                entry.name
                for entry in merged.types.values()
                if entry.kind is Kind.OBJECT
                and definition.name in entry.interfaces
                and entry.name not in subgraph.types
            ]
            if missing:
                yield CompositionMistake(
                    "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
                    f'[{subgraph.name}] Interface "{definition.name}" has a resolvable key but '
                    f"the subgraph does not define {', '.join(missing)}.",
                    definition.name,
                    (subgraph.name,),
                    definition.line,
                )

"""A field that several subgraphs resolve must be `@shareable` in each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from federation.composition.merged import MergedSchema
from federation.composition.subgraph import Field, Kind, Subgraph, TypeDefinition, find_all, has
from federation.composition.usage import Usage
from federation.composition.vocabulary import INTERFACE_OBJECT, OVERRIDE
from federation.errors import CompositionMistake

__all__ = ["shared_fields_are_shareable"]


def shared_fields_are_shareable(merged: MergedSchema) -> Iterator[CompositionMistake]:
    """Yield INVALID_FIELD_SHARING for each field resolved twice without consent."""
    for definition in merged.types.values():
        if definition.kind is not Kind.OBJECT:
            continue
        for name in definition.fields or {}:
            yield from _check(merged, definition, name)


class _Resolver(NamedTuple):
    """A subgraph that resolves the field."""

    subgraph: Subgraph
    owner: str
    """The type it knows: the object, or an interface it knows as an object."""
    field: Field


def _check(
    merged: MergedSchema, definition: TypeDefinition, name: str
) -> Iterator[CompositionMistake]:
    resolving = _resolving(merged, definition, name)
    if len(resolving) < 2:
        return
    unwilling = [
        entry
        for entry in resolving
        if not merged.usages[entry.subgraph.name].is_shareable(entry.owner, entry.field)
    ]
    if not unwilling:
        return
    coordinate = f"{definition.name}.{name}"
    yield CompositionMistake(
        "INVALID_FIELD_SHARING",
        f'"{coordinate}" is resolved by {_names(resolving)} but is not shareable in '
        f"{_names(unwilling)}; mark it @shareable in all of them or keep it in one.",
        coordinate,
        tuple(entry.subgraph.name for entry in resolving),
        resolving[0].field.line,
    )


def _resolving(merged: MergedSchema, definition: TypeDefinition, name: str) -> list[_Resolver]:
    declaring = [
        _Resolver(subgraph, owner, field)
        for subgraph in merged.subgraphs
        for owner in _owners(subgraph, definition)
        if (field := subgraph.field(owner, name)) is not None
    ]
    overridden = {
        applied.value("from")
        for entry in declaring
        for applied in find_all(entry.field.directives, OVERRIDE)
    }
    return [
        entry
        for entry in declaring
        if entry.subgraph.name not in overridden
        and _resolves(merged.usages[entry.subgraph.name], entry)
    ]


def _resolves(usage: Usage, entry: _Resolver) -> bool:
    """A field that is external is resolved all the same where it is provided."""
    return not usage.is_external(entry.owner, entry.field) or usage.is_provided(
        entry.owner, entry.field
    )


def _owners(subgraph: Subgraph, definition: TypeDefinition) -> Iterator[str]:
    if definition.name in subgraph.types:
        yield definition.name
        return
    for interface in definition.interfaces:
        known = subgraph.types.get(interface)
        if known is not None and has(known.directives, INTERFACE_OBJECT):
            yield interface


def _names(resolvers: list[_Resolver]) -> str:
    return ", ".join(entry.subgraph.name for entry in resolvers)

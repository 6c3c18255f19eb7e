"""A shared field that returns an interface or union should return the same types everywhere.

Routers ask one of the subgraphs that share a field, so what one alone can return appears and
disappears with the plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from federation.composition.merged import MergedSchema
from federation.composition.source import Hint
from federation.composition.subgraph import Field, Kind, Subgraph, TypeDefinition, find_all, has
from federation.composition.vocabulary import INTERFACE_OBJECT, KEY, OVERRIDE
from federation.errors import CompositionMistake
from federation.join import named_type

__all__ = ["runtime_type_hints", "shared_fields_can_agree"]

_ROOTS = frozenset({"Query", "Mutation", "Subscription"})
_ABSTRACT = frozenset({Kind.INTERFACE, Kind.UNION})


def shared_fields_can_agree(merged: MergedSchema) -> Iterator[CompositionMistake]:
    """Yield SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES where nothing can be the same.

    Only fields that plans can ask of either subgraph are judged: those of root types, and of
    types that each of them looks up by key.
    """
    for definition in merged.types.values():
        for field in (definition.fields or {}).values():
            runtime = _runtime_types(merged, definition, field)
            if not _are_disjoint(runtime) or not _are_interchangeable(merged, definition, runtime):
                continue
            coordinate = f"{definition.name}.{field.name}"
            yield CompositionMistake(
                "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES",
                f'"{coordinate}" is shared, but no type is returned by all: {_spelled(runtime)}.',
                coordinate,
                tuple(runtime),
                field.line,
            )


def runtime_type_hints(merged: MergedSchema) -> Iterator[Hint]:
    """Yield INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN where subgraphs differ."""
    for definition in merged.types.values():
        for field in (definition.fields or {}).values():
            runtime = _runtime_types(merged, definition, field)
            if len(set(runtime.values())) > 1:
                coordinate = f"{definition.name}.{field.name}"
                yield Hint(
                    "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN",
                    f'"{coordinate}" returns different types: {_spelled(runtime)}; which ones '
                    "clients get depends on the subgraph asked.",
                    coordinate,
                    tuple(runtime),
                )


def _runtime_types(
    merged: MergedSchema, definition: TypeDefinition, field: Field
) -> dict[str, frozenset[str]]:
    """Object types the field may return, by the subgraphs that resolve it; empty if not abstract.

    Subgraphs that know the type as an object only cannot be compared and are left out.
    """
    returned = merged.types.get(named_type(field.type))
    if definition.kind is not Kind.OBJECT or returned is None or returned.kind not in _ABSTRACT:
        return {}
    declaring = [
        (subgraph, own)
        for subgraph in merged.subgraphs
        if (own := subgraph.field(definition.name, field.name)) is not None
    ]
    overridden = {
        applied.value("from")
        for _, own in declaring
        for applied in find_all(own.directives, OVERRIDE)
    }
    return {
        subgraph.name: _possible(subgraph, named_type(own.type))
        for subgraph, own in declaring
        if subgraph.name not in overridden
        and not merged.usages[subgraph.name].is_external(definition.name, own)
        and not _is_interface_object(subgraph, named_type(own.type))
    }


def _is_interface_object(subgraph: Subgraph, name: str) -> bool:
    definition = subgraph.types.get(name)
    return definition is None or has(definition.directives, INTERFACE_OBJECT)


def _possible(subgraph: Subgraph, name: str) -> frozenset[str]:
    definition = subgraph.types[name]
    if definition.kind is Kind.UNION:
        return frozenset(definition.members)
    if definition.kind is Kind.OBJECT:
        return frozenset({name})
    return frozenset(
        entry.name
        for entry in subgraph.types.values()
        if entry.kind is Kind.OBJECT and name in entry.interfaces
    )


def _are_disjoint(runtime: Mapping[str, frozenset[str]]) -> bool:
    types = list(runtime.values())
    return len(types) > 1 and all(types) and not frozenset.intersection(*types)


def _are_interchangeable(
    merged: MergedSchema, definition: TypeDefinition, runtime: Mapping[str, frozenset[str]]
) -> bool:
    return definition.name in _ROOTS or all(
        any(
            key.value("resolvable") is not False
            for key in find_all(source.definition.directives, KEY)
        )
        for source in merged.sources[definition.name]
        if source.subgraph.name in runtime
    )


def _spelled(runtime: Mapping[str, frozenset[str]]) -> str:
    return "; ".join(
        f"{', '.join(sorted(types)) or 'nothing'} in {name}" for name, types in runtime.items()
    )

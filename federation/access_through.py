"""Access through other fields: what a field is made from is protected there too.

A field with `@requires` or `@fromContext` tells of what it is given. Whoever may not read that may
not read the field either, or a protected value could be had by way of an open one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from federation.access import AccessRule
from federation.join import CompositeType, GraphField, possible_types

__all__ = ["made_from", "transitive_rules"]

_OPEN = AccessRule()


def transitive_rules(
    rules: Mapping[str, AccessRule], types: Mapping[str, CompositeType]
) -> dict[str, AccessRule]:
    """Rules that hold when those of everything a field is made from hold with its own."""
    sources = made_from(types)
    transitive = dict(rules)
    for coordinate in sources:
        rule = rules.get(coordinate, _OPEN)
        for source in _all_sources(coordinate, sources):
            rule &= rules.get(source, _OPEN)
        if rule != _OPEN:
            transitive[coordinate] = rule
    return transitive


def made_from(types: Mapping[str, CompositeType]) -> dict[str, frozenset[str]]:
    """Coordinates that fields are given directly, by the coordinate of the field.

    What a field of an interface object is given counts for the interface's object types.
    """
    possible = possible_types(types)
    found: dict[str, frozenset[str]] = {}
    for entry in types.values():
        for field in entry.fields.values():
            sources = frozenset(
                source
                for declared in field.graphs.values()
                for source in _given(entry.name, declared, types, possible)
            )
            for name in (entry.name, *possible.get(entry.name, ())) if sources else ():
                at = f"{name}.{field.name}"
                found[at] = found.get(at, frozenset()) | sources
    return found


def _all_sources(coordinate: str, sources: Mapping[str, frozenset[str]]) -> Iterator[str]:
    seen = {coordinate}
    waiting = [coordinate]
    while waiting:
        for source in sorted(sources.get(waiting.pop(), ())):
            if source not in seen:
                seen.add(source)
                waiting.append(source)
                yield source


def _given(
    type_name: str,
    declared: GraphField,
    types: Mapping[str, CompositeType],
    possible: Mapping[str, frozenset[str]],
) -> Iterator[str]:
    if declared.requires is not None:
        yield from _selected(type_name, declared.requires, types, possible)
    for argument in declared.contexts:
        for entry in types.values():
            if argument.context in entry.contexts:
                yield from _selected(entry.name, argument.selection, types, possible)


def _selected(
    type_name: str,
    selection: SelectionSetNode,
    types: Mapping[str, CompositeType],
    possible: Mapping[str, frozenset[str]],
) -> Iterator[str]:
    """Coordinates of a selection, on the object types of an abstract one too."""
    for node in selection.selections:
        if isinstance(node, InlineFragmentNode):
            on = node.type_condition.name.value if node.type_condition else type_name
            yield from _selected(on, node.selection_set, types, possible)
        elif isinstance(node, FieldNode):
            name = node.name.value
            yield from (f"{owner}.{name}" for owner in (type_name, *possible.get(type_name, ())))
            returned = _returned(name, (type_name, *possible.get(type_name, ())), types)
            if node.selection_set is not None and returned is not None:
                yield from _selected(returned, node.selection_set, types, possible)


def _returned(name: str, owners: Iterable[str], types: Mapping[str, CompositeType]) -> str | None:
    fields = (types[owner].fields.get(name) for owner in owners if owner in types)
    return next((field.type_name for field in fields if field is not None), None)

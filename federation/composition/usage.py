"""How a subgraph uses its own fields: keys, external fields, shareable fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from federation.composition.contexts import contextual, setters
from federation.composition.field_sets import Selected, selected, selection_of
from federation.composition.subgraph import (
    Applied,
    Field,
    Kind,
    Subgraph,
    TypeDefinition,
    find_all,
    has,
)
from federation.composition.vocabulary import (
    EXTENDS,
    EXTERNAL,
    KEY,
    PROVIDES,
    REQUIRES,
    SHAREABLE,
)
from federation.join import named_type

__all__ = ["Usage"]

_ROOTS = frozenset({"Query", "Mutation", "Subscription"})


class Usage:
    """Facts about the fields of one subgraph; coordinates are (type, field)."""

    def __init__(self, subgraph: Subgraph) -> None:
        self.subgraph = subgraph

    def is_external(self, type_name: str, field: Field) -> bool:
        """Whether the field is only mentioned here and resolved elsewhere.

        `@external` on a key field of a type extension is a Federation 1 habit without meaning,
        as it is on an interface's field.
        """
        coordinate = (type_name, field.name)
        if coordinate in self._keys_of_extensions:
            return False
        definition = self.subgraph.types[type_name]
        if definition.kind is Kind.INTERFACE and not self.subgraph.is_federation_2:
            return False
        return self.says_external(type_name, field)

    def says_external(self, type_name: str, field: Field) -> bool:
        """Whether `@external` is written on the field or its type, with effect or without."""
        definition = self.subgraph.types[type_name]
        return has(field.directives, EXTERNAL) or has(definition.directives, EXTERNAL)

    def is_shareable(self, type_name: str, field: Field) -> bool:
        """Whether other subgraphs may resolve the field too."""
        if not self.subgraph.is_federation_2 or (type_name, field.name) in self.key_fields:
            return True
        definition = self.subgraph.types[type_name]
        return (
            has(field.directives, SHAREABLE)
            or has(definition.directives, SHAREABLE)
            or self.is_provided(type_name, field)
        )

    def is_provided(self, type_name: str, field: Field) -> bool:
        """Whether a `@provides` of this subgraph answers the field, on its type or an interface."""
        owners = (type_name, *self.subgraph.types[type_name].interfaces)
        return any((owner, field.name) in self._provided for owner in owners)

    def is_needed(self, type_name: str, field: Field) -> bool:
        """Whether something in this subgraph refers to the field."""
        coordinate = (type_name, field.name)
        return (
            coordinate in self.key_fields
            or coordinate in self._required
            or coordinate in self._provided
            or coordinate in self._in_contexts
            or self._is_asked_by_interface(type_name, field.name)
        )

    @cached_property
    def key_fields(self) -> frozenset[tuple[str, str]]:
        """Fields that are part of any `@key`, nested ones included."""
        return _coordinates(self._in_keys(extensions_only=False))

    @cached_property
    def _keys_of_extensions(self) -> frozenset[tuple[str, str]]:
        chosen = (entry for entry in self._in_keys(extensions_only=True) if entry.depth == 0)
        return _coordinates(chosen)

    @cached_property
    def _required(self) -> frozenset[tuple[str, str]]:
        return _coordinates(
            entry
            for definition, field in self._fields()
            for entry in self._selected(definition.name, find_all(field.directives, REQUIRES))
        )

    @cached_property
    def _provided(self) -> frozenset[tuple[str, str]]:
        return _coordinates(
            entry
            for _, field in self._fields()
            for entry in self._selected(
                named_type(field.type), find_all(field.directives, PROVIDES)
            )
        )

    @cached_property
    def _in_contexts(self) -> frozenset[tuple[str, str]]:
        return _coordinates(
            entry
            for _, field in self._fields()
            for argument in contextual(field)
            if (reference := argument.reference) is not None
            if (selection := reference.selection) is not None
            for setter in setters(self.subgraph, reference.context)
            for entry in selected(self.subgraph, setter, selection)
        )

    def _is_asked_by_interface(self, type_name: str, name: str) -> bool:
        return any(
            self.subgraph.field(interface, name) is not None
            for interface in self.subgraph.types[type_name].interfaces
        )

    def _fields(self) -> Iterator[tuple[TypeDefinition, Field]]:
        for definition in self.subgraph.types.values():
            for field in (definition.fields or {}).values():
                yield definition, field

    def _in_keys(self, *, extensions_only: bool) -> Iterator[Selected]:
        for definition in self.subgraph.types.values():
            is_extension = has(definition.directives, EXTENDS)
            keys = (
                key
                for key in find_all(definition.directives, KEY)
                if is_extension or key.in_extension or not extensions_only
            )
            yield from self._selected(definition.name, keys)

    def _selected(self, type_name: str, directives: Iterable[Applied]) -> Iterator[Selected]:
        for applied in directives:
            selection = selection_of(applied)
            if selection is not None:
                yield from selected(self.subgraph, type_name, selection)


def _coordinates(entries: Iterable[Selected]) -> frozenset[tuple[str, str]]:
    return frozenset((entry.type_name, entry.name) for entry in entries)

"""Contexts on the way to a field: which values from above it needs, and who sets them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from graphql import InlineFragmentNode, SelectionSetNode

from federation.composition.contexts import contextual, setters
from federation.composition.subgraph import Field, Subgraph

__all__ = ["Contexts", "Setting"]


class Setting(NamedTuple):
    """A value of a context that fields of one subgraph are filled in with."""

    graph: str
    context: str
    text: str
    """What is selected where the context is set."""


class _Set(NamedTuple):
    setting: Setting
    setter: str
    selection: SelectionSetNode


class Contexts:
    """The contexts of all subgraphs."""

    def __init__(self, subgraphs: Iterable[Subgraph], is_a: Callable[[str, str], bool]) -> None:
        """Args: the subgraphs, and whether an object type is one of an abstract type's."""
        self._subgraphs = subgraphs
        self._is_a = is_a

    def needed(self, graph: str, field: Field) -> frozenset[Setting]:
        """What a field of a subgraph is filled in with."""
        return frozenset(
            Setting(graph, reference.context, reference.text)
            for argument in contextual(field)
            if (reference := argument.reference) is not None
        )

    def set_by(self, type_name: str) -> Iterator[tuple[Setting, SelectionSetNode]]:
        """What objects of a type set, with the selection that reads it of them."""
        for setting, setter, selection in self._all:
            if self._is_a(type_name, setter) and self._selects(selection, type_name):
                yield setting, selection

    def _selects(self, selection: SelectionSetNode, type_name: str) -> bool:
        return not all(
            isinstance(node, InlineFragmentNode)
            and node.type_condition is not None
            and node.type_condition.name.value != type_name
            for node in selection.selections
        )

    @cached_property
    def _all(self) -> tuple[_Set, ...]:
        return tuple(
            dict.fromkeys(
                _Set(Setting(subgraph.name, reference.context, reference.text), setter, selection)
                for subgraph in self._subgraphs
                for definition in subgraph.types.values()
                for field in (definition.fields or {}).values()
                for argument in contextual(field)
                if (reference := argument.reference) is not None
                if (selection := reference.selection) is not None
                for setter in setters(subgraph, reference.context)
            )
        )

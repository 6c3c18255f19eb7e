"""Which response keys a fetch answers, read off its document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from federation.execution.collect import collect_fields, selection_sets
from federation.execution.types import AbstractTypes, is_of_type
from federation.plan import Fetch

__all__ = ["Answers", "answered"]

_ANY = ""


class Answers(NamedTuple):
    """Top-level keys of a fetch's data: of the root, or of an entity of each type.

    The names are those of the client's tree, after the fetch's renames.
    """

    keys: frozenset[str]
    by_type: dict[str, tuple[str, ...]]
    """Keys by type condition; the empty condition stands for every type."""

    @classmethod
    def of(cls, fetch: Fetch) -> Answers:
        """Read a fetch of a plan; keys that are not here were not asked for."""
        fragments, sets = answered(fetch)
        branches: Mapping[str, Sequence[SelectionSetNode]]
        branches = _branches(sets, fragments) if fetch.requires else {_ANY: sets}
        renames = {rename.alias: rename.key for rename in fetch.renames}
        by_type = {
            condition: tuple(
                renames.get(key, key) for key in collect_fields(below, fragments, _always, {})
            )
            for condition, below in branches.items()
        }
        keys = frozenset(key for of_type in by_type.values() for key in of_type)
        return cls(keys, by_type)

    def expected(self, runtime: str | None, abstract: AbstractTypes) -> list[str]:
        """Keys that an object of a runtime type should have got."""
        return [
            key
            for condition, keys in self.by_type.items()
            if condition == _ANY or is_of_type(runtime, condition, abstract) or runtime in abstract
            for key in keys
            if key != "__typename"
        ]


_Fragments = dict[str, FragmentDefinitionNode]


def answered(fetch: Fetch) -> tuple[_Fragments, Sequence[SelectionSetNode]]:
    """The fragments of a fetch, and what it selects of the root, or of entities."""
    fragments, sets = _definitions(fetch)
    if not fetch.requires:
        return fragments, sets
    root = collect_fields(sets, fragments, _always, {})
    return fragments, selection_sets(root.get("_entities", ()))


def _definitions(fetch: Fetch) -> tuple[_Fragments, list[SelectionSetNode]]:
    fragments: _Fragments = {}
    sets: list[SelectionSetNode] = []
    for node in fetch.document.definitions:
        if isinstance(node, FragmentDefinitionNode):
            fragments[node.name.value] = node
        elif isinstance(node, OperationDefinitionNode):
            sets.append(node.selection_set)
    return fragments, sets


def _branches(
    sets: Sequence[SelectionSetNode], fragments: _Fragments
) -> Mapping[str, Sequence[SelectionSetNode]]:
    """The selections of `_entities` by type condition."""
    branches: dict[str, list[SelectionSetNode]] = {}
    for node in (node for selection_set in sets for node in selection_set.selections):
        if isinstance(node, FieldNode):
            branches.setdefault(_ANY, []).append(SelectionSetNode(selections=(node,)))
            continue
        fragment = fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        if isinstance(fragment, (InlineFragmentNode, FragmentDefinitionNode)):
            condition = fragment.type_condition
            name = condition.name.value if condition else _ANY
            branches.setdefault(name, []).append(fragment.selection_set)
    return branches


def _always(_condition: str) -> bool:
    return True

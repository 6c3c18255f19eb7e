"""Field collection (specification section 6.3.2) for planning.

A selection is sorted into groups by the type it is asked of and the conditions it is asked under;
fields of one response key in one group become one entry. Fragments on abstract types are taken
apart into object types, since only these are the same in every subgraph. A named fragment is
entered once a group, so repeated spreads cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from graphql import (
    ArgumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    print_ast,
)

from federation.planning.budget import Budget
from federation.planning.conditions import ALWAYS, Conditions, conditions_of
from federation.planning.graph import Graph

__all__ = ["Collector", "Entry", "GroupKey", "Groups", "Signature"]


class Signature(NamedTuple):
    """What a field asks for: two fields of one signature may share a response key."""

    name: str
    arguments: str


class GroupKey(NamedTuple):
    """Of which objects, and when, a group of fields is asked."""

    type_name: str
    conditions: Conditions


@dataclass(slots=True)
class Entry:
    """One response key of a group."""

    key: str
    signature: Signature
    arguments: tuple[ArgumentNode, ...]
    place: int = 0
    """Place among all fields collected together, in order of the document."""
    selections: list[SelectionSetNode] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Name of the field."""
        return self.signature.name


Groups: TypeAlias = dict[GroupKey, dict[str, Entry]]


class Collector:
    """Collects selections of one document."""

    def __init__(
        self,
        graph: Graph,
        fragments: Mapping[str, FragmentDefinitionNode],
        denied: frozenset[str],
        budget: Budget,
    ) -> None:
        self._graph = graph
        self._fragments = fragments
        self._denied = denied
        self._budget = budget

    def collect(self, type_name: str, selections: Iterable[SelectionSetNode]) -> Groups:
        """Groups of a selection on a type; the group of the type itself comes first."""
        groups: Groups = {GroupKey(type_name, ALWAYS): {}}
        entered: set[tuple[str, GroupKey]] = set()
        for selection in selections:
            self._collect(GroupKey(type_name, ALWAYS), selection, groups, entered)
        return groups

    def is_denied(self, type_name: str, name: str) -> bool:
        """Whether the caller may not read a field of an object type."""
        return f"{type_name}.{name}" in self._denied

    def is_partly_denied(self, type_name: str, name: str) -> bool:
        """Whether the caller may not read a field of some type behind an abstract one."""
        return bool(self._denied) and any(
            self.is_denied(member, name) for member in self._graph.possible(type_name)
        )

    def _collect(
        self,
        group: GroupKey,
        selection: SelectionSetNode,
        groups: Groups,
        entered: set[tuple[str, GroupKey]],
    ) -> None:
        for node in selection.selections:
            self._budget.spend(1 + len(group.conditions))
            conditions = conditions_of(node, group.conditions)
            if conditions is None:
                continue
            target = GroupKey(group.type_name, conditions)
            if isinstance(node, FieldNode):
                self._add(target, node, groups)
            else:
                self._enter(target, node, groups, entered)

    def _add(self, group: GroupKey, node: FieldNode, groups: Groups) -> None:
        name = node.name.value
        if self.is_denied(group.type_name, name):
            return
        key = node.alias.value if node.alias else name
        entries = groups.setdefault(group, {})
        entry = entries.get(key)
        if entry is None:
            arguments = tuple(node.arguments or ())
            place = sum(map(len, groups.values()))
            entry = Entry(key, Signature(name, _arguments_text(arguments)), arguments, place)
            entries[key] = entry
        if node.selection_set is not None:
            entry.selections.append(node.selection_set)

    def _enter(
        self,
        group: GroupKey,
        node: SelectionNode,
        groups: Groups,
        entered: set[tuple[str, GroupKey]],
    ) -> None:
        if isinstance(node, FragmentSpreadNode):
            if (node.name.value, group) in entered:
                return
            entered.add((node.name.value, group))
            fragment = self._fragments[node.name.value]
            condition, selection = fragment.type_condition.name.value, fragment.selection_set
        else:
            assert isinstance(node, InlineFragmentNode)  # noqa: S101 - the last kind there is
            named = node.type_condition
            condition = named.name.value if named else group.type_name
            selection = node.selection_set
        for type_name in self._applicable(group.type_name, condition):
            self._collect(GroupKey(type_name, group.conditions), selection, groups, entered)

    def _applicable(self, type_name: str, condition: str) -> tuple[str, ...]:
        """Types of which a fragment's fields are asked."""
        if condition == type_name:
            return (type_name,)
        members = self._graph.possible(type_name) & self._graph.possible(condition)
        return tuple(sorted(members))


def _arguments_text(arguments: tuple[ArgumentNode, ...]) -> str:
    if not arguments:
        return ""
    return ", ".join(sorted(print_ast(argument) for argument in arguments))

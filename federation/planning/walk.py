"""The walk over the client's selection: lays out positions and finds the leaves to be placed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from graphql import SelectionSetNode

from federation.errors import OperationTooComplexError, PlanningError
from federation.planning.collect import Collector, Entry, GroupKey, Groups, Signature
from federation.planning.place import Leaf
from federation.planning.positions import Position, Scope

__all__ = ["Walk"]

_DEPTH = 1_000
"""Nesting that is planned; the budget ends most operations much earlier."""

_LOCAL = frozenset(("__schema", "__type"))


class Walk:
    """Collects the leaves of one operation."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector
        self.leaves: list[Leaf] = []

    def walk(self, position: Position, selections: Iterable[SelectionSetNode]) -> None:
        """Find the leaves below a position; all response keys there are registered first.

        Raises:
            PlanningError: a field has no site.
            OperationTooComplexError: the operation is too large or too deep.
        """
        self.walk_groups(position, self._collector.collect(position.type_name, selections))

    def walk_groups(self, position: Position, groups: Groups) -> None:
        """The same for a selection that is collected already."""
        if len(position.path) > _DEPTH:
            raise OperationTooComplexError(f"The operation is nested deeper than {_DEPTH} fields.")
        count = len(self.leaves)
        for group in list(groups):
            if position.workspace.graph.is_abstract(group.type_name):
                self._spread(position.scope(group), groups)
        for group, entries in groups.items():
            scope = position.scope(group)
            if scope.can_occur():
                for entry in entries.values():
                    self._visit(scope, entry)
        if len(self.leaves) == count and position.path:
            self.leaves.append(_existence(position))

    def _visit(self, scope: Scope, entry: Entry) -> None:
        if self._is_local(scope, entry.name):
            return
        scope.position.register(entry)
        sites = scope.candidates(entry.name)
        if not sites:
            raise PlanningError(f"No subgraph can answer {scope.type_name}.{entry.name} here.")
        if entry.selections:
            self.walk(scope.child(entry), entry.selections)
        else:
            self.leaves.append(Leaf(scope, entry, sites))

    def _is_local(self, scope: Scope, name: str) -> bool:
        """Introspection is answered from the API schema, and so is the root's `__typename`."""
        return name in _LOCAL or (name == "__typename" and not scope.position.path)

    def _spread(self, scope: Scope, groups: Groups) -> None:
        """Ask fields that an interface cannot answer as a whole of each object type."""
        asked = groups[scope.key]
        for entry in list(asked.values()):
            if self._must_spread(scope, entry.name):
                del asked[entry.key]
                for member in sorted(scope.graph.possible(scope.type_name)):
                    if not self._collector.is_denied(member, entry.name):
                        _merge(groups, GroupKey(member, scope.key.conditions), entry)

    def _must_spread(self, scope: Scope, name: str) -> bool:
        if name == "__typename":
            return False
        if self._collector.is_partly_denied(scope.type_name, name):
            return True
        if scope.direct(name):
            return False
        members = [
            scope.position.scope(GroupKey(member, scope.key.conditions))
            for member in scope.graph.possible(scope.type_name)
        ]
        occurring = [member for member in members if member.sites]
        if occurring and all(member.direct(name) for member in occurring):
            return True
        return not scope.candidates(name)


def _merge(groups: Groups, group: GroupKey, entry: Entry) -> None:
    entries = groups.setdefault(group, {})
    present = entries.get(entry.key)
    if present is None:
        entries[entry.key] = replace(entry, selections=list(entry.selections))
    else:
        present.selections.extend(entry.selections)


def _existence(position: Position) -> Leaf:
    """Something to ask of objects of which nothing else is asked."""
    if not position.sites:
        raise PlanningError(f"No subgraph can answer with a {position.type_name} here.")
    entry = Entry("__typename", Signature("__typename", ""), ())
    return Leaf(position.root, entry, position.sites)

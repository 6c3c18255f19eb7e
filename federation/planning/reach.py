"""How many fetches away the entities and fields of a type are.

Levels count fetches on the way, the first not counted. What a fetch needs (a key, required
fields) always comes from lower levels, so that no plan can wait for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from federation.planning.graph import Graph, Requiring, Stand

__all__ = ["Hops", "Reach"]

Hops: TypeAlias = dict[tuple[str, str], int]
"""Level at which an entity is reached, by graph and the type's name there."""


class Reach:
    """Answers about levels; remembers them for all operations of one supergraph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._hops: dict[tuple[str, frozenset[Stand]], Hops] = {}
        self._hops_in_progress: set[tuple[str, frozenset[Stand]]] = set()
        self._requiring_in_progress: set[tuple[str, Requiring]] = set()

    def hops(self, type_name: str, stands: Iterable[Stand]) -> Hops:
        """Entity fetches that are possible from any of some stands, directly or in a chain."""
        at = (type_name, frozenset(stands))
        if at in self._hops:
            return self._hops[at]
        if at in self._hops_in_progress:
            return {}
        is_outermost = not self._hops_in_progress and not self._requiring_in_progress
        self._hops_in_progress.add(at)
        try:
            hops = self._find_hops(*at)
        finally:
            self._hops_in_progress.discard(at)
        if is_outermost:
            # An answer found inside another question may lack what that question is about.
            self._hops[at] = hops
        return hops

    def selection_level(
        self, type_name: str, stands: Sequence[Stand], selection: SelectionSetNode
    ) -> int | None:
        """Level at which all of a selection is known; None when some of it cannot be."""
        return self._level(type_name, self._with_hops(type_name, stands), selection)

    def requiring_level(
        self, type_name: str, stands: Sequence[Stand], requiring: Requiring
    ) -> int | None:
        """Level of the fetch that resolves a field with `@requires`; None when impossible."""
        return self._requiring(type_name, self._with_hops(type_name, stands), requiring)

    def _with_hops(self, type_name: str, stands: Sequence[Stand]) -> list[Stand]:
        hops = self.hops(type_name, stands)
        return [*stands, *(Stand(*target, level) for target, level in hops.items())]

    def _find_hops(self, type_name: str, stands: frozenset[Stand]) -> Hops:
        hops: Hops = {}
        nearest = min((stand.level for stand in stands), default=0)
        present = {stand[:2] for stand in stands if stand.level == nearest}
        known = list(stands)
        waiting = [t for t in self.graph.targets(type_name) if t[:2] not in present]
        while waiting:
            found: Hops = {}
            for target in waiting:
                levels = [self._level(type_name, known, key.selection) for key in target.keys]
                possible = [level for level in levels if level is not None]
                if possible:
                    found[target.graph, target.type_name] = 1 + min(possible)
            if not found:
                break
            # Nearest first, for a near fetch may bring another nearer.
            lowest = min(found.values())
            found = {at: level for at, level in found.items() if level == lowest}
            hops.update(found)
            known.extend(Stand(*target, level) for target, level in found.items())
            waiting = [target for target in waiting if target[:2] not in found]
        return hops

    def _level(
        self, type_name: str, known: Sequence[Stand], selection: SelectionSetNode
    ) -> int | None:
        highest = 0 if not known else min(stand.level for stand in known)
        for node in selection.selections:
            if isinstance(node, FieldNode):
                level = self._field_level(type_name, known, node)
            elif isinstance(node, InlineFragmentNode):
                level = self._fragment_level(type_name, known, node)
            if level is None:
                return None
            highest = max(highest, level)
        return highest

    def _fragment_level(
        self, type_name: str, known: Sequence[Stand], node: InlineFragmentNode
    ) -> int | None:
        condition = node.type_condition.name.value if node.type_condition else type_name
        if condition == type_name:
            return self._level(type_name, known, node.selection_set)
        members = self.graph.possible(type_name) & self.graph.possible(condition)
        return self._members_level(members, known, node.selection_set)

    def _members_level(
        self, members: Iterable[str], known: Sequence[Stand], selection: SelectionSetNode
    ) -> int | None:
        """Level at which a selection is known for every type that can occur."""
        highest = 0
        for member in members:
            stands = list(self._narrow(known, member))
            if stands:
                level = self.selection_level(member, stands, selection)
                if level is None:
                    return None
                highest = max(highest, level)
        return highest

    def _narrow(self, known: Iterable[Stand], member: str) -> Iterator[Stand]:
        for stand in known:
            narrowed = self.graph.narrowed(stand, member)
            if narrowed is not None:
                yield narrowed

    def _field_level(self, type_name: str, known: Sequence[Stand], node: FieldNode) -> int | None:
        name = node.name.value
        stands = [stand for stand in known if self.graph.resolution(stand, name)]
        stands.extend(self._required_stands(type_name, known, name, needed=not stands))
        if not stands and self.graph.is_abstract(type_name):
            alone = SelectionSetNode(selections=(node,))
            members = self.graph.possible(type_name)
            return self._members_level(members, known, alone)
        if not stands:
            return None
        if node.selection_set is None:
            return min(stand.level for stand in stands)
        below = [self.below(stand, name) for stand in stands]
        return self.selection_level(
            self.graph.field_type(type_name, name), below, node.selection_set
        )

    def below(self, stand: Stand, name: str) -> Stand:
        """The stand at the objects of a composite field."""
        resolved = self.graph.resolution(stand, name)
        fields = self.graph.types[stand.type_name].fields
        declared = resolved or fields[name].graphs[stand.graph]
        provided = self.graph.provided_below(stand, name)
        return Stand(stand.graph, declared.type_name, stand.level, provided)

    def _required_stands(
        self, type_name: str, known: Sequence[Stand], name: str, *, needed: bool
    ) -> Iterator[Stand]:
        if not needed:
            return
        for requiring in self.graph.requiring(type_name, name):
            if requiring.contexts:  # what stands above is not known here
                continue
            level = self._requiring(type_name, known, requiring)
            if level is not None:
                yield Stand(requiring.target.graph, requiring.target.type_name, level)

    def _requiring(
        self, type_name: str, known: Sequence[Stand], requiring: Requiring
    ) -> int | None:
        target = requiring.target
        if requiring.only_returning and target[:2] not in {stand[:2] for stand in known}:
            return None
        at = (type_name, requiring)
        if at in self._requiring_in_progress:
            return None
        self._requiring_in_progress.add(at)
        try:
            needs = self._needs_level(type_name, known, requiring)
            keys = [self._level(type_name, known, key.selection) for key in target.keys]
        finally:
            self._requiring_in_progress.discard(at)
        usable = [level for level in keys if level is not None]
        if needs is None or not usable:
            return None
        return 1 + max(needs, min(usable))

    def _needs_level(
        self, type_name: str, known: Sequence[Stand], requiring: Requiring
    ) -> int | None:
        if requiring.requires is None:
            return 0
        return self._level(type_name, known, requiring.requires)

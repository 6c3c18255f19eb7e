"""Where the client sees a position of the data tree.

The tree also holds what the client never asked for: keys, required fields, whatever else a
subgraph sends. An error there is reported at the nearest position that the response has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphql import FragmentDefinitionNode, SelectionSetNode

from federation.execution.collect import Truth, collect_fields, selection_sets
from federation.execution.response import ResponsePath
from federation.operation import Operation

__all__ = ["ClientPaths"]


class _Level:
    """The response keys at one depth, over all object types, and the levels below."""

    __slots__ = ("_below", "_fields", "positions")

    def __init__(
        self,
        sets: Sequence[SelectionSetNode],
        fragments: Mapping[str, FragmentDefinitionNode],
        truth: Truth,
    ) -> None:
        fields = collect_fields(sets, fragments, lambda _condition: True, truth)
        self.positions = {key: position for position, key in enumerate(fields)}
        self._fields = fields
        self._below: dict[str, _Level] = {}

    def below(
        self, key: str, fragments: Mapping[str, FragmentDefinitionNode], truth: Truth
    ) -> _Level:
        level = self._below.get(key)
        if level is None:
            level = _Level(selection_sets(self._fields[key]), fragments, truth)
            self._below[key] = level
        return level


class ClientPaths:
    """Paths of one operation's response, for one set of decided conditions."""

    def __init__(self, operation: Operation, truth: Truth) -> None:
        self._fragments = operation.fragments
        self._truth = truth
        self._root = _Level([operation.definition.selection_set], operation.fragments, truth)

    def nearest(self, path: ResponsePath) -> ResponsePath:
        """The longest beginning of a path that the client's response can have."""
        return path[: len(self.rank(path))]

    def rank(self, path: ResponsePath) -> tuple[int, ...]:
        """Sort key that puts paths in the order of the response; as long as `nearest`."""
        ranks: list[int] = []
        level = self._root
        for step in path:
            if isinstance(step, int):
                if not ranks:
                    break
                ranks.append(step)
                continue
            position = level.positions.get(step)
            if position is None:
                break
            ranks.append(position)
            level = level.below(step, self._fragments, self._truth)
        return tuple(ranks)

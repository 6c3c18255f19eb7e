"""Equal entities of one answer become one object, so that whatever follows is done once for them.

A subgraph repeats an entity at every place it is reached: an author below each of her reviews.
Later fetches find, represent, extend and show it place by place. Where two of them are equal in
every field, one of them can stand at both places, as long as both places ask for the same and
nobody else answers what is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from federation.execution.answers import answered
from federation.execution.collect import collect_fields, selection_sets
from federation.plan import (
    Condition,
    Fetch,
    Flatten,
    PathSegment,
    PlanNode,
    RequiredField,
    RequiredType,
)

__all__ = ["NOWHERE", "Sharing", "places_of", "share_equal"]


class Sharing:
    """The places of a plan's entities, as a tree of response keys."""

    __slots__ = ("answers", "below", "by", "is_narrowed")

    def __init__(self) -> None:
        self.by: str | None = None
        """Key of a field that tells most entities here apart; None where nothing is shared."""
        self.below: dict[str, Sharing] = {}
        self.answers = 0
        """How many fetches answer what is here, by its place and not by its key."""
        self.is_narrowed = False
        """Whether some fetch enters only objects of some types: what is equal below objects of
        two types may be asked two different things."""

    @classmethod
    def of(cls, node: PlanNode | None) -> Sharing:
        """The places of a plan."""
        root = cls()
        fetches = list(places_of(node))
        for fetch, path in fetches:
            _add(root, path, fetch)
        for fetch, path in fetches:
            _count(_found(root, path), fetch)
        _keep_what_one_answers(root)
        return root

    def at(self, path: Iterable[PathSegment]) -> Sharing:
        """The places below a path."""
        place = self
        for segment in path:
            if place.is_narrowed or segment.key not in place.below:
                return NOWHERE
            place = place.below[segment.key]
        return NOWHERE if place.is_narrowed else place

    def shared(self, path: Sequence[PathSegment]) -> frozenset[int]:
        """Positions of a path at which one object may stand for several."""
        found = []
        place = self
        for position, segment in enumerate(path):
            if place.is_narrowed or segment.key not in place.below:
                break
            place = place.below[segment.key]
            if place.by and not place.is_narrowed:
                found.append(position)
        return frozenset(found)


NOWHERE = Sharing()


def _add(root: Sharing, path: Iterable[PathSegment], fetch: Fetch) -> None:
    place = root
    for segment in path:
        place = place.below.setdefault(segment.key, Sharing())
        place.is_narrowed = place.is_narrowed or segment.types is not None
    place.by = place.by or _telling_field(fetch.requires)


def _found(root: Sharing, path: Iterable[PathSegment]) -> Sharing:
    place = root
    for segment in path:
        place = place.below[segment.key]
    return place


def _count(place: Sharing, fetch: Fetch) -> None:
    """Note the places that a fetch answers for objects at a place."""
    fragments, sets = answered(fetch)
    renames = {rename.alias: rename.key for rename in fetch.renames}
    waiting = [(place, sets)]
    while waiting:
        above, selected = waiting.pop()
        if not above.below:
            continue
        fields = collect_fields(selected, fragments, lambda _condition: True, {})
        for key, nodes in fields.items():
            below = above.below.get(renames.get(key, key))
            if below is not None:
                below.answers += 1
                waiting.append((below, selection_sets(nodes)))


def _keep_what_one_answers(root: Sharing) -> None:
    """What several answers are merged into, by its place, may come to differ in any of them."""
    waiting = [root]
    while waiting:
        for place in waiting.pop().below.values():
            if place.answers != 1:
                place.by = None
            waiting.append(place)


def share_equal(objects: Sequence[dict[str, Any]], sharing: Sharing) -> None:
    """Put one object for all equal ones at the places below `objects`.

    What was asked for at these places must be the same for all, and nobody else may hold any of
    the objects yet.
    """
    if not sharing.below:
        return
    waiting: list[tuple[Sequence[dict[str, Any]], Sharing]] = [(objects, sharing)]
    while waiting:
        parents, above = waiting.pop()
        for key, place in above.below.items():
            merged = _Merging(place.by)
            for parent in parents:
                value = parent.get(key)
                if value is not None:
                    parent[key] = merged.value(value)
            if merged.found and not place.is_narrowed:
                waiting.append((merged.found, place))


class _Merging:
    """The distinct objects of one place."""

    def __init__(self, by: str | None) -> None:
        self.found: list[dict[str, Any]] = []
        self._by = by
        self._known: dict[str | int, dict[str, Any]] = {}

    def value(self, value: Any) -> Any:
        """The value with known objects in place of equal ones."""
        if type(value) is dict:
            return self._object(value)
        if type(value) is list:
            value[:] = [self.value(item) for item in value]
        return value

    def _object(self, item: dict[str, Any]) -> dict[str, Any]:
        identity = None if self._by is None else item.get(self._by)
        if type(identity) is str or type(identity) is int:
            first = self._known.setdefault(identity, item)
            if first is not item and _are_equal(first, item):
                return first
        self.found.append(item)
        return item


def _are_equal(first: dict[str, Any], second: dict[str, Any]) -> bool:
    try:
        return first == second
    except RecursionError:  # values nested as deep as a hostile subgraph likes
        return False


def places_of(node: PlanNode | None) -> Iterator[tuple[Fetch, tuple[PathSegment, ...]]]:
    """The fetches of a plan, once for each path they are for."""
    if isinstance(node, Fetch):
        yield node, ()
    elif isinstance(node, Flatten):
        yield from ((node.node, path) for path in node.paths)
    elif isinstance(node, Condition):
        yield from places_of(node.if_true)
        yield from places_of(node.if_false)
    elif node is not None:
        for child in node.nodes:
            yield from places_of(child)


def _telling_field(requires: Iterable[RequiredField | RequiredType]) -> str | None:
    """The first field of the representations that is a leaf."""
    for entry in requires:
        if isinstance(entry, RequiredType):
            found = _telling_field(entry.selections)
            if found is not None:
                return found
        elif not entry.selections and entry.name != "__typename":
            return entry.key
    return None

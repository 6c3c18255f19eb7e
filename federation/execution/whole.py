"""What one subgraph answers exactly as the client asked for it.

Where a fetch asks below a field for just what the client asks for there, nobody else answers, reads
or enters what is below, and nothing in it is denied or hidden, the subgraph's value is the client's
value. A subgraph that is trusted to answer what its document says may write such a value as JSON at
once, and its projection is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from graphql import (
    GraphQLObjectType,
    GraphQLSchema,
    SelectionSetNode,
    get_named_type,
)

from federation.execution.collect import Truth, selection_sets
from federation.execution.comparing import Comparison, Path, Same
from federation.execution.occupied import Occupied
from federation.execution.selections import Selections
from federation.execution.sharing import places_of
from federation.operation import Operation
from federation.plan import Fetch, OperationKind, PlanNode

__all__ = ["NOTHING", "NOWHERE", "Exactness", "Whole", "WholeParts", "WholePlace"]

_Objects: TypeAlias = tuple[GraphQLObjectType, Sequence[SelectionSetNode]]


class Exactness(NamedTuple):
    """Whose values can be passed on unseen."""

    subgraphs: frozenset[str] = frozenset()
    """Those that answer exactly what their documents say."""
    opaque: frozenset[str] = frozenset()
    """Types whose values may be something that the API schema has no name for."""


@dataclass(slots=True)
class WholePlace:
    """A position of the response, and those below it."""

    is_whole: bool = False
    below: dict[str, WholePlace] = field(default_factory=dict)

    def add(self, path: Iterable[str]) -> None:
        """What is at a path is whole."""
        place = self
        for key in path:
            place = place.below.setdefault(key, WholePlace())
        place.is_whole = True

    def at(self, key: str) -> WholePlace:
        """The position below a key."""
        return self.below.get(key, NOWHERE)


NOWHERE = WholePlace()


class Whole(NamedTuple):
    """The whole parts of one operation, where conditions have known values."""

    paths: Mapping[int, frozenset[Path]] = {}
    """By the `id()` of the fetch that answers them: the outermost, in its own document."""
    places: WholePlace = NOWHERE
    """The same in the client's response."""
    is_everything: bool = False
    """Whether the data of the only fetch is the whole response."""


NOTHING = Whole()


class WholeParts:
    """Finds the whole parts of one operation and its plan."""

    def __init__(
        self,
        operation: Operation,
        node: PlanNode | None,
        schema: GraphQLSchema,
        exactness: Exactness,
    ) -> None:
        """Take both sides; fetches with values from above or under other keys have no such part."""
        self._definition = operation.definition
        self._schema = schema
        self._opaque = exactness.opaque
        self._is_single = isinstance(node, Fetch)
        places = list(places_of(node))
        self._occupied = Occupied.by(places)
        self._fetches: dict[int, tuple[Fetch, list[Path]]] = {}
        for fetch, path in places:
            if fetch.subgraph in exactness.subgraphs and _may_be_exact(fetch):
                _, prefixes = self._fetches.setdefault(id(fetch), (fetch, []))
                prefixes.append(tuple(segment.key for segment in path))

    def find(self, selections: Selections, truth: Truth) -> Whole:
        """The whole parts where conditions have these values."""
        paths: dict[int, frozenset[Path]] = {}
        places = WholePlace()
        is_everything = False
        for number, (fetch, prefixes) in self._fetches.items():
            comparison = Comparison(fetch, self._schema, selections, truth, self._opaque)
            every = [self._at(prefix, comparison, selections) for prefix in prefixes]
            # One request for several places is answered in one form.
            found = frozenset(every[0].paths).intersection(*(same.paths for same in every))
            root = ("_entities",) if fetch.requires else ()
            paths[number] = frozenset((*root, *path) for path in found)
            for prefix in prefixes:
                for path in found:
                    places.add((*prefix, *path))
            is_everything = self._is_single and every[0].is_whole
        return Whole(paths, places, is_everything)

    def _at(self, prefix: Path, comparison: Comparison, selections: Selections) -> Same:
        objects = self._objects(prefix, selections)
        if objects is None:
            return Same(is_whole=False)
        type_, sets = objects
        return comparison.with_selection(type_, sets, self._occupied.at(prefix))

    def _objects(self, path: Path, selections: Selections) -> _Objects | None:
        """The type of the objects at a path, with what the client selects of them.

        None where they are of several types, or the client does not see them.
        """
        type_ = self._schema.get_root_type(self._definition.operation)
        sets: Sequence[SelectionSetNode] = (self._definition.selection_set,)
        for key in path:
            nodes = None if type_ is None else selections.fields(type_, sets).get(key)
            if type_ is None or not nodes or nodes[0].name.value not in type_.fields:
                return None
            named = get_named_type(type_.fields[nodes[0].name.value].type)
            type_ = named if isinstance(named, GraphQLObjectType) else None
            sets = selection_sets(nodes)
        return None if type_ is None else (type_, sets)


def _may_be_exact(fetch: Fetch) -> bool:
    return not (fetch.renames or fetch.contexts or fetch.kind is OperationKind.SUBSCRIPTION)

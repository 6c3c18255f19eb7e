"""Does a fetch ask below a field for just what the client asks for there?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from graphql import (
    FieldNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_object_type,
    print_ast,
)

from federation.execution.answers import answered
from federation.execution.collect import Truth, collect_fields, selection_sets
from federation.execution.occupied import Occupied
from federation.execution.selections import Selections
from federation.plan import Fetch

__all__ = ["Comparison", "Path", "Same"]

_MOST = 2_000
"""Objects compared in one fetch: abstract types within each other multiply them."""

Path: TypeAlias = tuple[str, ...]
_Sets: TypeAlias = Sequence[SelectionSetNode]
_Fields: TypeAlias = dict[str, list[FieldNode]]


class Same(NamedTuple):
    """How far a selection of the client and one of a fetch agree."""

    is_whole: bool
    paths: tuple[Path, ...] = ()
    """The outermost fields with selections of their own that are the same all the way down."""


_DIFFERENT = Same(is_whole=False)


class Comparison:
    """Compares what the client selects with one fetch, where conditions have known values."""

    def __init__(
        self,
        fetch: Fetch,
        schema: GraphQLSchema,
        selections: Selections,
        truth: Truth,
        opaque: frozenset[str],
    ) -> None:
        """Take both sides, and the types whose values must be looked at."""
        self._fragments, self._asked = answered(fetch)
        self._schema = schema
        self._selections = selections
        self._truth = truth
        self._opaque = opaque
        self._left = _MOST

    def with_selection(self, type_: GraphQLObjectType, sets: _Sets, place: Occupied) -> Same:
        """Compare the fetch with what the client selects of objects where its answers go."""
        return self._objects(type_, sets, self._asked, place)

    def _objects(
        self, type_: GraphQLObjectType, sets: _Sets, asked: _Sets, place: Occupied
    ) -> Same:
        self._left -= 1
        theirs = self._fetched(type_, asked)
        if theirs is None or self._left < 0:
            return _DIFFERENT
        fields = self._selections.fields(type_, sets)
        found = [
            self._field(type_, key, (fields[key], theirs[key]), place.at((key,)))
            for key in theirs
            if key in fields
        ]
        is_whole = list(fields) == list(theirs) and all(same.is_whole for same in found)
        return Same(is_whole, tuple(path for same in found for path in same.paths))

    def _fetched(self, type_: GraphQLObjectType, asked: _Sets) -> _Fields | None:
        """What the fetch asks of objects of a type; None where that is not certain.

        Of an abstract type, subgraphs may know other possible types than the whole graph does.
        """
        certain = True

        def applies(condition: str) -> bool:
            nonlocal certain
            certain = certain and is_object_type(self._schema.get_type(condition))
            return condition == type_.name

        fields = collect_fields(asked, self._fragments, applies, self._truth)
        return fields if certain else None

    def _field(
        self,
        parent: GraphQLObjectType,
        key: str,
        nodes: tuple[list[FieldNode], list[FieldNode]],
        place: Occupied,
    ) -> Same:
        ours, theirs = nodes
        if not _is_same_call(ours[0], theirs[0]):
            return _DIFFERENT
        if ours[0].name.value == "__typename":
            return Same(place.is_untouched)
        named = self._visible(parent, ours[0].name.value)
        if named is None or theirs[0].selection_set is None:
            return Same(named is not None and place.is_untouched)
        below = self._composite(named, selection_sets(ours), selection_sets(theirs), place)
        is_whole = below.is_whole and place.is_untouched
        paths: tuple[Path, ...] = ((),) if is_whole else below.paths
        return Same(is_whole, tuple((key, *path) for path in paths))

    def _visible(self, parent: GraphQLObjectType, name: str) -> GraphQLNamedType | None:
        """The named type of a field whose value is what the client sees, whatever it is."""
        if name not in parent.fields or self._selections.is_denied(parent, name):
            return None
        named = get_named_type(parent.fields[name].type)
        return None if named.name in self._opaque else named

    def _composite(
        self, type_: GraphQLNamedType, sets: _Sets, asked: _Sets, place: Occupied
    ) -> Same:
        if isinstance(type_, GraphQLObjectType):
            return self._objects(type_, sets, asked, place)
        assert is_abstract_type(type_)  # noqa: S101 - the other kind of type with selections
        # Which of them an object is, only a look at it tells: all or nothing.
        possible = self._schema.get_possible_types(type_)
        every = (self._objects(each, sets, asked, place) for each in possible)
        return Same(all(same.is_whole for same in every))


def _is_same_call(one: FieldNode, other: FieldNode) -> bool:
    return one.name.value == other.name.value and _arguments(one) == _arguments(other)


def _arguments(node: FieldNode) -> dict[str, str]:
    return {argument.name.value: print_ast(argument.value) for argument in node.arguments or ()}

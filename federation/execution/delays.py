"""Where in a response `@defer` and `@stream` apply, for one set of decided conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
)

from federation.deferral import Deferral, Delay, condition_of, is_deferral, number_of
from federation.errors import OperationTooComplexError
from federation.execution.collect import Truth, is_included
from federation.execution.response import ResponsePath
from federation.execution.types import AbstractTypes, is_of_type, type_name

__all__ = ["Delays", "Fragment", "Place", "StreamedList", "Tree", "places"]

_MOST = 20_000
"""Selections looked at, fragments written out."""


_TOO_MANY = "The operation is too complex: it defers fragments within too many selections."


class Step(NamedTuple):
    """One field on the way to a place, and the types of which its parent must be."""

    key: str
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Fragment:
    """A deferred fragment, or the whole operation, which is there from the beginning."""

    path: tuple[Step, ...]
    """From the object of the fragment around it."""
    conditions: tuple[str, ...]
    """Types of which the object must be."""
    numbers: frozenset[int]
    """Conditions it stands under, those around it included."""
    label: str | None
    type: GraphQLCompositeType
    selection: SelectionSetNode
    fragments: list[Fragment] = field(default_factory=list)
    """Deferred fragments within."""
    streams: list[StreamedList] = field(default_factory=list)


class StreamedList(NamedTuple):
    """A list whose items come later."""

    path: tuple[Step, ...]
    """From the object of the fragment around it; the last step is the list itself."""
    delay: Delay


class Place(NamedTuple):
    """An object of a response that was found: what the client sees, and all that is known."""

    path: ResponsePath
    shown: dict[str, Any]
    source: dict[str, Any]


class Tree(NamedTuple):
    """A part of a response."""

    path: ResponsePath
    shown: Any
    source: Any


class Delays:
    """Finds the deferred fragments and streamed lists of an operation."""

    def __init__(
        self,
        deferral: Deferral,
        schema: GraphQLSchema,
        truth: Truth,
        variables: Mapping[str, Any],
    ) -> None:
        self._fragments = deferral.operation.fragments
        self._defers = deferral.defers
        self._streams = deferral.streams
        self._schema = schema
        self._truth = truth
        self._variables = variables
        self._found = 0
        definition = deferral.operation.definition
        root = schema.get_root_type(definition.operation)
        assert root is not None  # noqa: S101 - validation refuses such an operation
        self.root = Fragment((), (), frozenset(), None, root, definition.selection_set)
        self._walk(self.root, root, definition.selection_set, (), ())
        _leave_alone_what_overlaps(self.root)

    def _walk(
        self,
        within: Fragment,
        type_: GraphQLCompositeType,
        selection: SelectionSetNode,
        path: tuple[Step, ...],
        conditions: tuple[str, ...],
    ) -> None:
        for node in selection.selections:
            self._found += 1
            if self._found > _MOST:
                raise OperationTooComplexError(_TOO_MANY)
            if isinstance(node, FieldNode):
                if is_included(node, self._truth):
                    self._field(within, type_, node, path, conditions)
                continue
            number = self._deferred_by(node)
            truth = self._truth if number is None else self._past(number)
            if not is_included(node, truth):
                continue
            name, inner = self._inner(node, type_)
            kind = self._narrowed(type_, name)
            below = conditions if name == type_.name else (*conditions, name)
            if number is None:
                self._walk(within, kind, inner, path, below)
                continue
            delayed = Fragment(
                path,
                below,
                within.numbers | {number},
                self._defers[number].label,
                kind,
                inner,
            )
            # Fields of one response key may spread one fragment each.
            if not any(_is_same(delayed, other) for other in within.fragments):
                within.fragments.append(delayed)
                self._walk(delayed, kind, inner, (), ())

    def _field(
        self,
        within: Fragment,
        type_: GraphQLCompositeType,
        node: FieldNode,
        path: tuple[Step, ...],
        conditions: tuple[str, ...],
    ) -> None:
        if not isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType)):
            return
        definition = type_.fields.get(node.name.value)
        if definition is None:
            return
        key = node.alias.value if node.alias else node.name.value
        below = (*path, Step(key, conditions))
        delay = self._streams.get(id(node))
        is_known = any(stream.path == below for stream in within.streams)
        if delay is not None and not is_known and delay.holds(self._variables):
            within.streams.append(StreamedList(below, delay))
        named = get_named_type(definition.type)
        if node.selection_set is not None and is_composite_type(named):
            self._walk(within, named, node.selection_set, below, ())

    def _narrowed(self, type_: GraphQLCompositeType, condition: str) -> GraphQLCompositeType:
        """The type of a fragment's objects; one that says all there is to know is kept."""
        if isinstance(type_, GraphQLObjectType):
            return type_
        narrowed = self._schema.get_type(condition)
        return narrowed if is_composite_type(narrowed) else type_

    def _past(self, number: int) -> Truth:
        """The conditions as they are when a fragment's time has come."""
        return {**self._truth, condition_of(number): True}

    def _deferred_by(self, node: SelectionNode) -> int | None:
        """The number of the condition that is undecided: it holds, but not yet."""
        for directive in node.directives or ():
            for argument in directive.arguments or ():
                name = getattr(getattr(argument.value, "name", None), "value", "")
                if is_deferral(name) and self._truth.get(name) is False:
                    return number_of(name)
        return None

    def _inner(
        self, node: SelectionNode, type_: GraphQLCompositeType
    ) -> tuple[str, SelectionSetNode]:
        if isinstance(node, FragmentSpreadNode):
            fragment = self._fragments[node.name.value]
            return fragment.type_condition.name.value, fragment.selection_set
        assert isinstance(node, InlineFragmentNode)  # noqa: S101 - the last kind there is
        condition = node.type_condition
        return condition.name.value if condition else type_.name, node.selection_set


def places(
    tree: Tree, path: tuple[Step, ...], conditions: tuple[str, ...], abstract: AbstractTypes
) -> Iterator[Place]:
    """The objects at a path that the client sees and that are of all the types."""
    level = list(_objects(tree))
    for step in path:
        level = [
            found
            for place in level
            if _is_of_all(place.source, step.conditions, abstract)
            for found in _objects(
                Tree(
                    (*place.path, step.key),
                    place.shown.get(step.key),
                    place.source.get(step.key),
                )
            )
        ]
    yield from (place for place in level if _is_of_all(place.source, conditions, abstract))


def _objects(tree: Tree) -> Iterator[Place]:
    path, shown, source = tree
    if isinstance(shown, dict) and isinstance(source, dict):
        yield Place(path, shown, source)
    elif isinstance(shown, list) and isinstance(source, (list, tuple)):
        for index, (item, behind) in enumerate(zip(shown, source, strict=False)):
            yield from _objects(Tree((*path, index), item, behind))


def _is_of_all(
    source: dict[str, Any], conditions: tuple[str, ...], abstract: AbstractTypes
) -> bool:
    runtime = type_name(source)
    return all(is_of_type(runtime, condition, abstract) for condition in conditions)


def _leave_alone_what_overlaps(fragment: Fragment) -> None:
    """A list whose items hold something else that comes later is not streamed itself."""
    others = [_keys(each.path) for each in fragment.fragments]
    others += [_keys(each.path) for each in fragment.streams]
    fragment.streams[:] = [
        stream
        for stream in fragment.streams
        if sum(other[: len(stream.path)] == _keys(stream.path) for other in others) == 1
    ]
    for inner in fragment.fragments:
        _leave_alone_what_overlaps(inner)


def _is_same(one: Fragment, other: Fragment) -> bool:
    return (one.path, one.conditions, one.numbers) == (other.path, other.conditions, other.numbers)


def _keys(path: tuple[Step, ...]) -> tuple[str, ...]:
    return tuple(step.key for step in path)

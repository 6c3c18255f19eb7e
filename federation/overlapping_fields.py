"""Fields of one response key can be merged (specification section 5.3.2), in bounded time.

The algorithm of the specification compares every pair of fields, which a hostile document makes
quadratic at every level. Here all fields of one response key are held against the first of them,
and their selections are merged once: whatever any pair of them could differ in, one of them
differs in from the first.

The two demands are two walks. All fields of a key must have one shape; but only fields of which an
object may have both must be the same field: those of one object type, and those of interfaces
together with those of any one object type. The same merged selections are entered once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLCompositeType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    assert_composite_type,
    get_named_type,
    is_leaf_type,
)

from federation.errors import OperationTooComplexError

__all__ = ["overlapping_fields"]

_MAX_VISITS = 100_000
"""Fields read, those of a fragment once for every selection it is merged into."""


class _Found(NamedTuple):
    """One field of a selection, and the type it is asked of."""

    parent: GraphQLCompositeType
    node: FieldNode
    type: GraphQLOutputType


class _Selection(NamedTuple):
    """A selection set on a type."""

    parent: GraphQLCompositeType
    node: SelectionSetNode


_ByKey: TypeAlias = dict[str, list[_Found]]
_Parts: TypeAlias = Callable[[list[_Found]], Iterable[Sequence[_Found]]]


def overlapping_fields(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """One error for each response key whose fields cannot be merged.

    Args:
        schema: The API schema.
        document: Valid but for this rule.

    Raises:
        OperationTooComplexError: Its fragments make the document too large to be read.
    """
    overlap = _Overlap(schema, document)
    for node in document.definitions:
        root = isinstance(node, OperationDefinitionNode) and schema.get_root_type(node.operation)
        if isinstance(node, OperationDefinitionNode) and root:
            start = (_Selection(root, node.selection_set),)
            overlap.check_fields(start)
            overlap.check_shapes(start)
    return list(overlap.mistakes.values())


class _Overlap:
    """The two walks over one document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments: Mapping[str, FragmentDefinitionNode] = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._visits = 0
        self._arguments: dict[int, Hashable] = {}
        self.mistakes: dict[tuple[int, int], GraphQLError] = {}

    def check_shapes(self, start: tuple[_Selection, ...]) -> None:
        """SameResponseShape, for all fields of each key at once."""
        for by_key in self._walk(start, lambda fields: (fields,)):
            for key, (first, *others) in by_key.items():
                for other in others:
                    if not _same_shape(first.type, other.type):
                        reason = f"they return the different types {first.type} and {other.type}"
                        self._report(key, first, other, reason)

    def check_fields(self, start: tuple[_Selection, ...]) -> None:
        """The same field with the same arguments, wherever one object may have both."""
        for by_key in self._walk(start, _coinciding):
            for key, fields in by_key.items():
                for first, *others in _coinciding(fields):
                    for other in others:
                        reason = self._difference(first.node, other.node)
                        if reason:
                            self._report(key, first, other, reason)

    def _difference(self, first: FieldNode, other: FieldNode) -> str | None:
        if first.name.value != other.name.value:
            return f"'{first.name.value}' and '{other.name.value}' are different fields"
        if not first.arguments and not other.arguments:
            return None
        if self._arguments_of(first) != self._arguments_of(other):
            return "they have differing arguments"
        return None

    def _arguments_of(self, node: FieldNode) -> Hashable:
        at = id(node)
        if at not in self._arguments:
            self._arguments[at] = _arguments(node)
        return self._arguments[at]

    def _walk(self, start: tuple[_Selection, ...], parts: _Parts) -> Iterator[_ByKey]:
        """Fields by key, level by level; `parts` tells which fields' selections are merged."""
        entered: set[frozenset[int]] = set()
        waiting = [start]
        while waiting:
            by_key = self._collect(waiting.pop())
            yield by_key
            for fields in by_key.values():
                for part in parts(fields):
                    below = tuple(_below(part))
                    at = frozenset(id(selection.node) for selection in below)
                    if at and at not in entered:
                        entered.add(at)
                        waiting.append(below)

    def _collect(self, selections: Iterable[_Selection]) -> _ByKey:
        by_key: _ByKey = {}
        spread: set[str] = set()
        for selection in selections:
            self._read(selection, by_key, spread)
        return by_key

    def _read(self, selection: _Selection, by_key: _ByKey, spread: set[str]) -> None:
        self._visits += len(selection.node.selections)
        if self._visits > _MAX_VISITS:
            raise OperationTooComplexError(
                "The operation is too complex: its fragments overlap too often."
            )
        for node in selection.node.selections:
            if isinstance(node, FieldNode):
                field = self._schema.get_field(selection.parent, node.name.value)
                if field is not None:
                    key = node.alias.value if node.alias else node.name.value
                    found = _Found(selection.parent, node, field.type)
                    by_key.setdefault(key, []).append(found)
            else:
                inner = self._fragment(selection.parent, node, spread)
                if inner is not None:
                    self._read(inner, by_key, spread)

    def _fragment(
        self, parent: GraphQLCompositeType, node: SelectionNode, spread: set[str]
    ) -> _Selection | None:
        """What a fragment selects; None where the same one was spread before."""
        if not isinstance(node, FragmentSpreadNode):
            assert isinstance(node, InlineFragmentNode)  # noqa: S101 - the last kind there is
            return self._on(parent, node)
        name = node.name.value
        if name in spread:
            return None
        spread.add(name)
        return self._on(parent, self._fragments[name])

    def _on(
        self, parent: GraphQLCompositeType, node: FragmentDefinitionNode | InlineFragmentNode
    ) -> _Selection:
        if node.type_condition is not None:
            named = self._schema.get_type(node.type_condition.name.value)
            parent = assert_composite_type(named)
        return _Selection(parent, node.selection_set)

    def _report(self, key: str, first: _Found, other: _Found, reason: str) -> None:
        message = (
            f"Fields '{key}' conflict because {reason}."
            " Use different aliases on the fields to fetch both if this was intentional."
        )
        nodes = [first.node, other.node]
        self.mistakes.setdefault((id(first.node), id(other.node)), GraphQLError(message, nodes))


def _coinciding(fields: list[_Found]) -> list[Sequence[_Found]]:
    """Fields in groups of which one object may have all; those of interfaces are in each."""
    by_parent: dict[str, list[_Found]] = {}
    shared = [field for field in fields if not isinstance(field.parent, GraphQLObjectType)]
    for field in fields:
        if isinstance(field.parent, GraphQLObjectType):
            by_parent.setdefault(field.parent.name, [*shared]).append(field)
    return [*by_parent.values()] or [shared]


def _below(fields: Iterable[_Found]) -> Iterator[_Selection]:
    for field in fields:
        if field.node.selection_set is not None:
            type_ = assert_composite_type(get_named_type(field.type))
            yield _Selection(type_, field.node.selection_set)


def _same_shape(first: GraphQLOutputType, other: GraphQLOutputType) -> bool:
    """Whether values of both types look alike, below the objects' fields."""
    if first is other:
        return True
    for wrapper in (GraphQLNonNull, GraphQLList):
        if isinstance(first, wrapper) or isinstance(other, wrapper):
            return (
                isinstance(first, wrapper)
                and isinstance(other, wrapper)
                and _same_shape(first.of_type, other.of_type)
            )
    return not is_leaf_type(first) and not is_leaf_type(other)


def _arguments(node: FieldNode) -> Hashable:
    return frozenset(
        (argument.name.value, _value(argument.value)) for argument in node.arguments or ()
    )


def _value(node: ValueNode) -> Hashable:
    """A value to be compared; the order of an input object's fields does not count."""
    if isinstance(node, ListValueNode):
        return tuple(_value(item) for item in node.values)
    if isinstance(node, ObjectValueNode):
        return frozenset((field.name.value, _value(field.value)) for field in node.fields)
    if isinstance(node, VariableNode):
        return node.kind, node.name.value
    return node.kind, getattr(node, "value", None)

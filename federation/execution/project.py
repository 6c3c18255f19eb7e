"""The final shape of a response: the client's keys in the client's order, nulls where they belong.

Compiled once for an operation, a set of denied coordinates and the values of its condition
variables, into closures that look nothing up in the schema, and once it is used often into code
for data in which nothing is wrong (`optimistic`). Object shapes are made when an object type is
first met, so types that never occur cost nothing. Follows CompleteValue (specification section
6.4.3) over data that is already there; completing to None is completing to null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLCompositeType,
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    SelectionSetNode,
)

from federation.execution.collect import Truth, selection_sets
from federation.execution.completion import Completion, LinkedPath
from federation.execution.leaves import JSON_TYPES, accepted_types, leaf_completion
from federation.execution.optimistic import KnownPlace, Optimistic, Surprise
from federation.execution.selections import INTROSPECTION, Selections
from federation.execution.shapes import Complete, Shape, ShapeField, ShapeRefusal, completing
from federation.execution.sharing import Sharing
from federation.execution.whole import NOWHERE, WholePlace
from federation.operation import Operation

__all__ = ["Projection"]


class _Members(NamedTuple):
    """What a shape is being made of."""

    fields: list[ShapeField]
    refusals: list[ShapeRefusal]


class Projection:
    """Brings the merged data of one operation into its final shape."""

    def __init__(
        self,
        operation: Operation,
        schema: GraphQLSchema,
        *,
        denied: frozenset[str],
        truth: Truth,
        sharing: Sharing | None = None,
        whole: WholePlace = NOWHERE,
    ) -> None:
        """Compile for an operation.

        Args:
            operation: What the client asked for.
            schema: The API schema.
            denied: Coordinates that read as null with an error.
            truth: Values of the variables that conditions use.
            sharing: Where objects may stand at several places; given for an operation that will
                be used so often that generating code for it pays.
            whole: Where values have their final shape already.
        """
        self._schema = schema
        self._selections = Selections(operation, schema, denied=denied, truth=truth)
        root = schema.get_root_type(operation.definition.operation)
        if root is None:  # pragma: no cover - validation refuses such an operation
            raise ValueError(f"The schema has no {operation.kind} type.")
        sets = (operation.definition.selection_set,)
        self._complete = self._object(root, sets, whole)
        self._optimistic = None
        if sharing is not None:
            self._optimistic = Optimistic(
                schema, self._selections, root, sets, KnownPlace(sharing, whole)
            )

    def project(self, data: dict[str, Any], completion: Completion) -> dict[str, Any] | None:
        """The response's `data`; errors met on the way are added to `completion`."""
        if self._optimistic is not None:
            try:
                return self._optimistic.project(data)
            except Surprise:
                if not self._optimistic.is_hopeful:
                    self._optimistic = None
        answer: dict[str, Any] | None = self._complete(data, None, completion)
        return answer

    def fragment(self, type_: GraphQLCompositeType, selection: SelectionSetNode) -> Complete:
        """Completion of objects of a type by one selection of the operation."""
        sets = (selection,)
        if isinstance(type_, GraphQLObjectType):
            return self._only_object(type_, sets, type_.name, NOWHERE)
        return self._abstract(type_, sets, type_.name, NOWHERE)

    def _object(
        self, type_: GraphQLCompositeType, sets: Sequence[SelectionSetNode], place: WholePlace
    ) -> Complete:
        """Completion of objects of one type.

        For an abstract type these are objects that do not tell their own type, as those of
        interface objects: they have the fields that all possible types share.
        """
        return completing(self._shape(type_, sets, place))

    def _shape(
        self, type_: GraphQLCompositeType, sets: Sequence[SelectionSetNode], place: WholePlace
    ) -> Shape:
        collected = self._selections.fields(type_, sets)
        template: dict[str, Any] = dict.fromkeys(collected)
        fields, refusals = members = _Members([], [])
        for key, nodes in collected.items():
            name = nodes[0].name.value
            if name == "__typename" and isinstance(type_, GraphQLObjectType):
                template[key] = type_.name
            elif name == "__typename":
                fields.append(_hidden_typename(key, type_))
            elif name in INTROSPECTION:
                fields.append(_introspected(key, name))
            else:
                self._add_field(key, nodes, type_, place.at(key), members)
        return Shape(template, tuple(fields), tuple(refusals))

    def _add_field(
        self,
        key: str,
        nodes: list[FieldNode],
        parent: GraphQLCompositeType,
        place: WholePlace,
        members: _Members,
    ) -> None:
        if isinstance(parent, GraphQLUnionType):  # pragma: no cover - a union has no fields
            return
        name = nodes[0].name.value
        if name not in parent.fields:  # of an interface that the type implements incompletely
            return
        coordinate = f"{parent.name}.{name}"
        type_ = parent.fields[name].type
        is_non_null = isinstance(type_, GraphQLNonNull)
        if self._selections.is_denied(parent, name):
            members.refusals.append(ShapeRefusal(key, coordinate, is_non_null))
            return
        accepts, complete = self._value(type_, nodes, coordinate, place)
        members.fields.append(ShapeField(key, accepts, complete, is_non_null, coordinate))

    def _value(
        self,
        type_: GraphQLOutputType,
        nodes: list[FieldNode],
        coordinate: str,
        place: WholePlace,
    ) -> tuple[frozenset[type], Complete]:
        if place.is_whole:
            return frozenset(), _as_it_is
        if isinstance(type_, GraphQLNonNull):
            return self._value(type_.of_type, nodes, coordinate, place)
        if isinstance(type_, GraphQLList):
            return frozenset(), self._list(type_.of_type, nodes, coordinate, place)
        if isinstance(type_, (GraphQLScalarType, GraphQLEnumType)):
            return accepted_types(type_), _leaf(type_, coordinate)
        if isinstance(type_, GraphQLObjectType):
            return frozenset(), self._only_object(type_, selection_sets(nodes), coordinate, place)
        return frozenset(), self._abstract(type_, selection_sets(nodes), coordinate, place)

    def _list(
        self,
        type_: GraphQLOutputType,
        nodes: list[FieldNode],
        coordinate: str,
        place: WholePlace,
    ) -> Complete:
        accepts, complete_item = self._value(type_, nodes, coordinate, place)
        is_non_null = isinstance(type_, GraphQLNonNull)

        def complete(value: Any, path: LinkedPath, completion: Completion) -> Any:
            if not isinstance(value, (list, tuple)):
                completion.malformed(path, coordinate)
                return None
            answer = []
            for index, item in enumerate(value):
                done = item
                if item is not None and type(item) not in accepts:
                    done = complete_item(item, (path, index), completion)
                if done is None and is_non_null:
                    completion.null((path, index), coordinate)
                    return None
                answer.append(done)
            return answer

        return complete

    def _only_object(
        self,
        type_: GraphQLObjectType,
        sets: Sequence[SelectionSetNode],
        coordinate: str,
        place: WholePlace,
    ) -> Complete:
        shape: Complete | None = None

        def complete(value: Any, path: LinkedPath, completion: Completion) -> Any:
            nonlocal shape
            if not isinstance(value, dict):
                completion.malformed(path, coordinate)
                return None
            if shape is None:
                shape = self._object(type_, sets, place)
            return shape(value, path, completion)

        return complete

    def _abstract(
        self,
        type_: GraphQLAbstractType,
        sets: Sequence[SelectionSetNode],
        coordinate: str,
        place: WholePlace,
    ) -> Complete:
        shapes: dict[str | None, Complete] = {}

        def complete(value: Any, path: LinkedPath, completion: Completion) -> Any:
            name = value.get("__typename") if isinstance(value, dict) else _NO_NAME
            if name is not None and not isinstance(name, str):
                completion.malformed(path, coordinate)
                return None
            shape = shapes.get(name)
            if shape is None:
                # Names come from outside: only those of the schema are remembered.
                shape = self._runtime_shape(type_, name, sets, coordinate, place)
                if name is None or name in self._schema.type_map:
                    shapes[name] = shape
            return shape(value, path, completion)

        return complete

    def _runtime_shape(
        self,
        type_: GraphQLAbstractType,
        name: str | None,
        sets: Sequence[SelectionSetNode],
        coordinate: str,
        place: WholePlace,
    ) -> Complete:
        if name is not None and name not in self._schema.type_map:
            return _hidden
        runtime = self._selections.runtime(type_, name)
        return _misfit(coordinate) if runtime is None else self._object(runtime, sets, place)


_NO_NAME: Any = object()


def _leaf(type_: GraphQLScalarType | GraphQLEnumType, coordinate: str) -> Complete:
    coerce = leaf_completion(type_)

    def complete(value: Any, path: LinkedPath, completion: Completion) -> Any:
        answer = coerce(value)
        if answer is None:
            completion.malformed(path, coordinate)
        return answer

    return complete


def _misfit(coordinate: str) -> Complete:
    def complete(_value: Any, path: LinkedPath, completion: Completion) -> None:
        completion.malformed(path, coordinate)

    return complete


def _hidden_typename(key: str, type_: GraphQLCompositeType) -> ShapeField:
    """`__typename` of an object that does not tell its type: there is none."""
    coordinate = f"{type_.name}.__typename"
    return ShapeField(key, frozenset(), _hidden, is_non_null=True, coordinate=coordinate)


def _introspected(key: str, name: str) -> ShapeField:
    """`__schema` or `__type`, whose value is in the data in its final shape."""
    return ShapeField(key, JSON_TYPES, _hidden, is_non_null=False, coordinate=name)


def _as_it_is(value: Any, _path: LinkedPath, _completion: Completion) -> Any:
    """What is whole has its final shape."""
    return value


def _hidden(_value: Any, _path: LinkedPath, _completion: Completion) -> None:
    """What the API schema has no name for reads as null."""

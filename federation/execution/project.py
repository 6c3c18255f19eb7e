"""The final shape of a response: the client's keys in the client's order, nulls where they belong.

Compiled once for an operation, a set of denied coordinates and the values of its condition
variables, into closures that look nothing up in the schema, and once it is used often into code:
object shapes are made when an object type is first met, so types that never occur cost nothing.
Follows CompleteValue (specification
section 6.4.3) over data that is already there; completing to None is completing to null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import (
    FieldNode,
    GraphQLAbstractType,
    GraphQLCompositeType,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    SelectionSetNode,
    is_abstract_type,
)

from federation.execution.collect import Truth, collect_fields, selection_sets
from federation.execution.completion import Completion, LinkedPath
from federation.execution.leaves import JSON_TYPES, accepted_types, leaf_completion
from federation.execution.shapes import (
    Complete,
    Shape,
    ShapeField,
    ShapeRefusal,
    generated,
    interpreted,
)
from federation.operation import Operation

__all__ = ["Projection"]

_MAX_GENERATED = 100
"""Object shapes of one projection that code is generated for: a large operation must not stop all
others while it is compiled."""

_INTROSPECTION = frozenset({"__schema", "__type"})


class Projection:
    """Brings the merged data of one operation into its final shape."""

    def __init__(
        self,
        operation: Operation,
        schema: GraphQLSchema,
        *,
        denied: frozenset[str],
        truth: Truth,
        is_hot: bool = False,
    ) -> None:
        """Compile for an operation.

        Args:
            operation: What the client asked for.
            schema: The API schema.
            denied: Coordinates that read as null with an error.
            truth: Values of the variables that conditions use.
            is_hot: Whether it will be used so often that generating code for it pays.
        """
        self._schema = schema
        self._fragments = operation.fragments
        self._denied = denied
        self._truth = truth
        self._generations = _MAX_GENERATED if is_hot else 0
        root = schema.get_root_type(operation.definition.operation)
        if root is None:  # pragma: no cover - validation refuses such an operation
            raise ValueError(f"The schema has no {operation.kind} type.")
        self._complete = self._object(root, (operation.definition.selection_set,))

    def project(self, data: dict[str, Any], completion: Completion) -> dict[str, Any] | None:
        """The response's `data`; errors met on the way are added to `completion`."""
        answer: dict[str, Any] | None = self._complete(data, None, completion)
        return answer

    def _object(self, type_: GraphQLCompositeType, sets: Sequence[SelectionSetNode]) -> Complete:
        """Completion of objects of one type.

        For an abstract type these are objects that do not tell their own type, as those of
        interface objects: they have the fields that all possible types share.
        """
        shape = self._shape(type_, sets)
        if self._generations < 1:
            return interpreted(shape)
        self._generations -= 1
        return generated(shape)

    def _shape(self, type_: GraphQLCompositeType, sets: Sequence[SelectionSetNode]) -> Shape:
        collected = collect_fields(
            sets, self._fragments, lambda condition: self._applies(condition, type_), self._truth
        )
        template: dict[str, Any] = dict.fromkeys(collected)
        fields: list[ShapeField] = []
        refusals: list[ShapeRefusal] = []
        for key, nodes in collected.items():
            name = nodes[0].name.value
            if name == "__typename" and isinstance(type_, GraphQLObjectType):
                template[key] = type_.name
            elif name == "__typename":
                fields.append(_hidden_typename(key, type_))
            elif name in _INTROSPECTION:
                fields.append(_introspected(key, name))
            else:
                self._add_field(key, nodes, type_, fields, refusals)
        return Shape(template, tuple(fields), tuple(refusals))

    def _add_field(
        self,
        key: str,
        nodes: list[FieldNode],
        parent: GraphQLCompositeType,
        fields: list[ShapeField],
        refusals: list[ShapeRefusal],
    ) -> None:
        if isinstance(parent, GraphQLUnionType):  # pragma: no cover - a union has no fields
            return
        name = nodes[0].name.value
        coordinate = f"{parent.name}.{name}"
        type_ = parent.fields[name].type
        is_non_null = isinstance(type_, GraphQLNonNull)
        if self._is_denied(parent, name):
            refusals.append(ShapeRefusal(key, coordinate, is_non_null))
            return
        accepts, complete = self._value(type_, nodes, coordinate)
        fields.append(ShapeField(key, accepts, complete, is_non_null, coordinate))

    def _is_denied(self, parent: GraphQLCompositeType, name: str) -> bool:
        """For an object that hides its type, one denied possibility denies the field."""
        if not is_abstract_type(parent):
            return f"{parent.name}.{name}" in self._denied
        possible = self._schema.get_possible_types(parent)
        return any(f"{type_.name}.{name}" in self._denied for type_ in possible)

    def _applies(self, condition: str, type_: GraphQLCompositeType) -> bool:
        if condition == type_.name:
            return True
        abstract = self._schema.get_type(condition)
        return (
            is_abstract_type(abstract)
            and isinstance(type_, (GraphQLObjectType, GraphQLInterfaceType))
            and self._schema.is_sub_type(abstract, type_)
        )

    def _value(
        self, type_: GraphQLOutputType, nodes: list[FieldNode], coordinate: str
    ) -> tuple[frozenset[type], Complete]:
        if isinstance(type_, GraphQLNonNull):
            return self._value(type_.of_type, nodes, coordinate)
        if isinstance(type_, GraphQLList):
            return frozenset(), self._list(type_.of_type, nodes, coordinate)
        if isinstance(type_, (GraphQLScalarType, GraphQLEnumType)):
            return accepted_types(type_), _leaf(type_, coordinate)
        if isinstance(type_, GraphQLObjectType):
            return frozenset(), self._only_object(type_, selection_sets(nodes), coordinate)
        return frozenset(), self._abstract(type_, selection_sets(nodes), coordinate)

    def _list(self, type_: GraphQLOutputType, nodes: list[FieldNode], coordinate: str) -> Complete:
        accepts, complete_item = self._value(type_, nodes, coordinate)
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
        self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode], coordinate: str
    ) -> Complete:
        shape: Complete | None = None

        def complete(value: Any, path: LinkedPath, completion: Completion) -> Any:
            nonlocal shape
            if not isinstance(value, dict):
                completion.malformed(path, coordinate)
                return None
            if shape is None:
                shape = self._object(type_, sets)
            return shape(value, path, completion)

        return complete

    def _abstract(
        self, type_: GraphQLAbstractType, sets: Sequence[SelectionSetNode], coordinate: str
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
                shape = self._runtime_shape(type_, name, sets, coordinate)
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
    ) -> Complete:
        runtime = self._schema.get_type(name) if name is not None else type_
        if runtime is None:
            return _hidden
        if isinstance(runtime, GraphQLObjectType) and self._schema.is_sub_type(type_, runtime):
            return self._object(runtime, sets)
        if isinstance(runtime, GraphQLInterfaceType) or runtime is type_:
            return self._object(type_, sets)
        return _misfit(coordinate)


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


def _hidden(_value: Any, _path: LinkedPath, _completion: Completion) -> None:
    """What the API schema has no name for reads as null."""

"""Values of variables, coerced by functions made of the types once (specification 6.1.2).

Answers as graphql-core's `get_variable_values`, but that an object's fields stand in the order they
were given in. Whatever a function does not know for sure, a wrong value before all, is left to
graphql-core, which says what is wrong with it. PERF: bench/usage; graphql-core needs 12 to 80
microseconds for an input of nine fields, in the gateway and again in the module, and this 2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    VariableDefinitionNode,
    get_variable_values,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.utilities.coerce_input_value import coerce_default_value

__all__ = ["Variables", "takes_anything"]

_Coerce: TypeAlias = Callable[[Any], Any]
"""Answers the coerced value, or `Undefined` where graphql-core is to judge."""

_DEEPEST = 64
"""Objects within objects that functions are made for."""
_GREATEST = 2**31 - 1


class Variables:
    """The variables that one operation declares."""

    def __init__(
        self, schema: GraphQLSchema, declared: Sequence[VariableDefinitionNode], max_errors: int
    ) -> None:
        """Take the schema their types are of, and how many mistakes are listed at most."""
        self._schema = schema
        self._declared = declared
        self._max_errors = max_errors
        self._known = [_variable(schema, node) for node in declared]

    def coerce(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """The values with where they come from, or what is wrong with them."""
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for known in self._known:
            if known is None or not known.add(given, sources, coerced):
                return get_variable_values(
                    self._schema, self._declared, dict(given), max_errors=self._max_errors
                )
        return VariableValues(sources, coerced)


class _Variable:
    """One variable that a function is made for."""

    def __init__(self, signature: Any, coerce: _Coerce, *, may_be_absent: bool) -> None:
        self._name: str = signature.name
        self._signature = signature
        self._absent = VariableValueSource(signature)
        self._coerce = coerce
        self._may_be_absent = may_be_absent

    def add(
        self,
        given: Mapping[str, Any],
        sources: dict[str, VariableValueSource],
        coerced: dict[str, Any],
    ) -> bool:
        """Add its value; False where graphql-core is to judge."""
        value = given.get(self._name, Undefined)
        if value is Undefined:
            sources[self._name] = self._absent
            return self._may_be_absent
        made = self._coerce(value)
        if made is Undefined:
            return False
        sources[self._name] = VariableValueSource(self._signature, value)
        coerced[self._name] = made
        return True


def _variable(schema: GraphQLSchema, node: VariableDefinitionNode) -> _Variable | None:
    signature = get_variable_signature(schema, node)
    if isinstance(signature, GraphQLError):
        return None
    coerce = _coercer(signature.type, 0)
    if coerce is None:
        return None
    is_required = isinstance(signature.type, GraphQLNonNull)
    return _Variable(
        signature, coerce, may_be_absent=node.default_value is None and not is_required
    )


def _coercer(type_: GraphQLInputType, depth: int) -> _Coerce | None:
    """The function of a type; None for one that only graphql-core coerces."""
    if isinstance(type_, GraphQLNonNull):
        return _made(type_.of_type, depth, Undefined)
    return _made(type_, depth, None)


def _made(type_: Any, depth: int, null: Any) -> _Coerce | None:
    """The function of a type without its `!`; it answers `null` for null."""
    if isinstance(type_, GraphQLList):
        item = _coercer(type_.of_type, depth)
        return None if item is None else _list(item, null)
    if isinstance(type_, GraphQLInputObjectType):
        coerce = _object(type_, depth)
        return None if coerce is None else _or_null(coerce, null)
    return _leaf(type_, null)


def _or_null(coerce: _Coerce, null: Any) -> _Coerce:
    return lambda value: null if value is None else coerce(value)


def _list(coerce: _Coerce, null: Any) -> _Coerce:
    def items(value: Any) -> Any:
        if value is None:
            return null
        if value.__class__ is not list:
            return Undefined
        made = []
        for given in value:
            item = coerce(given)
            if item is Undefined:
                return Undefined
            made.append(item)
        return made

    return items


_objects: WeakKeyDictionary[GraphQLInputObjectType, _Coerce | None] = WeakKeyDictionary()


def _object(type_: GraphQLInputObjectType, depth: int) -> _Coerce | None:
    if type_ not in _objects:
        _objects[type_] = None  # while it is made: for a type that leads back to itself
        _objects[type_] = _made_object(type_, depth)
    return _objects[type_]


def _made_object(type_: GraphQLInputObjectType, depth: int) -> _Coerce | None:
    fields: dict[str, tuple[str, _Coerce]] = {}
    defaults: list[tuple[str, str, Any]] = []
    for name, field in type_.fields.items():
        coerce, out = _coercer(field.type, depth + 1), field.out_name or name
        if coerce is None:
            return None
        fields[name] = (out, coerce)
        if field.default is not None or field.default_value is not Undefined:
            try:
                defaults.append((name, out, coerce_default_value(field)))
            except Exception:  # noqa: BLE001 - told by graphql-core, to whom it matters
                return None
    is_ambiguous = len({out for out, _ in fields.values()}) < len(fields)
    if type_.is_one_of or depth == _DEEPEST or is_ambiguous:
        return None
    required = {name for name, field in type_.fields.items() if is_required_input_field(field)}
    coerce_object = _reader(fields, required, defaults)
    # The host's own value of the fields, where it has one.
    finish: _Coerce = type_.out_type
    is_plain = finish is GraphQLInputObjectType.out_type
    return coerce_object if is_plain else _finished(coerce_object, finish)


def _reader(
    fields: Mapping[str, tuple[str, _Coerce]],
    required: set[str],
    defaults: Sequence[tuple[str, str, Any]],
) -> _Coerce:
    def coerce_object(value: Any) -> Any:
        if value.__class__ is not dict or not required <= value.keys():
            return Undefined
        made: dict[str, Any] = {}
        for name, given in value.items():
            field = fields.get(name)
            if field is None:
                return Undefined
            out, coerce = field
            item = made[out] = coerce(given)
            if item is Undefined:
                return Undefined
        for name, out, default in defaults:
            if name not in value:
                made[out] = default  # noqa: PERF403 - mostly there is nothing to add
        return made

    return coerce_object


def _finished(coerce_object: _Coerce, finish: _Coerce) -> _Coerce:
    def coerce(value: Any) -> Any:
        made = coerce_object(value)
        return made if made is Undefined else finish(made)

    return coerce


def _leaf(type_: GraphQLLeafType, null: Any) -> _Coerce:
    if type_ in (GraphQLString, GraphQLID):
        return _of_class(str, null)
    if type_ is GraphQLBoolean:
        return _of_class(bool, null)
    if type_ is GraphQLInt:
        return _within(int, lambda value: -_GREATEST <= value <= _GREATEST, null)
    if type_ is GraphQLFloat:
        return _within(float, isfinite, null)
    if isinstance(type_, GraphQLScalarType) and takes_anything(type_):
        return lambda value: null if value is None else value
    return _or_null(_tried(type_.coerce_input_value), null)


def takes_anything(type_: GraphQLScalarType) -> bool:
    """Whether values of a scalar stay as they are."""
    return type_.coerce_input_value is GraphQLScalarType.parse_value


def _of_class(kind: type, null: Any) -> _Coerce:
    """Values of just this class stay as they are."""
    return lambda value: value if value.__class__ is kind else null if value is None else Undefined


def _within(kind: type, holds: Callable[[Any], bool], null: Any) -> _Coerce:
    """Values of just this class that a condition holds for stay as they are."""

    def coerce(value: Any) -> Any:
        if value.__class__ is kind and holds(value):
            return value
        return null if value is None else Undefined

    return coerce


def _tried(read: _Coerce) -> _Coerce:
    def coerce(value: Any) -> Any:
        try:
            return read(value)
        except Exception:  # noqa: BLE001 - asked again by graphql-core, which tells it
            return Undefined

    return coerce

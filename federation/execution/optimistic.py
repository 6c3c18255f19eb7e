"""The final shape of responses in which nothing is wrong, as code generated for one operation.

Paths, errors and propagated nulls cost more than the values. So operations that are used often get
functions that know none of them: what they cannot pass through as it is, is a `Surprise`, upon
which the projection is done again with everything it takes. An object that stands at several
places (see `sharing`) is completed once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

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

from federation.execution.collect import selection_sets
from federation.execution.leaves import JSON_TYPES, accepted_types, leaf_completion
from federation.execution.selections import INTROSPECTION, Selections
from federation.execution.sharing import NOWHERE, Sharing
from federation.execution.whole import WholePlace

__all__ = ["KnownPlace", "Optimistic", "Surprise"]

_Memo: TypeAlias = defaultdict[int, dict[int, Any]]
"""Completed objects by the number of their shape, then by the `id()` of their source."""

_Complete: TypeAlias = Callable[[Any, _Memo], Any]

_MAX_SHAPES = 100
"""Object shapes that code is generated for: a large operation must not stop all others while it is
compiled."""


class KnownPlace(NamedTuple):
    """What is known about a position of the response."""

    sharing: Sharing
    whole: WholePlace

    def below(self, key: str) -> KnownPlace:
        """The position below a key."""
        return KnownPlace(self.sharing.below.get(key, NOWHERE), self.whole.at(key))


class Surprise(Exception):  # noqa: N818 - it is no error
    """Data that needs a closer look."""


class Optimistic:
    """Completes data of one operation, or raises `Surprise`."""

    def __init__(
        self,
        schema: GraphQLSchema,
        selections: Selections,
        root: GraphQLObjectType,
        sets: Sequence[SelectionSetNode],
        place: KnownPlace,
    ) -> None:
        self.is_hopeful = True
        """Whether there can be data without a surprise."""
        self._schema = schema
        self._selections = selections
        self._shapes = 0
        self._root = (root, sets, place)
        self._complete: _Complete | None = None

    def project(self, data: dict[str, Any]) -> dict[str, Any]:
        """The response's `data`, every value as it should be. Raises `Surprise`."""
        if self._complete is None:
            self._complete = self._shape(*self._root)
        try:
            answer: dict[str, Any] = self._complete(data, defaultdict(dict))
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Surprise from error
        return answer

    def _shape(
        self, type_: GraphQLCompositeType, sets: Sequence[SelectionSetNode], place: KnownPlace
    ) -> _Complete:
        self._shapes += 1
        names: dict[str, Any] = {"Surprise": Surprise, "listed": _listed}
        lines = _Lines(self._shapes, names, is_shared=place.sharing.by is not None)
        for key, nodes in self._selections.fields(type_, sets).items():
            self._add_field(lines, key, nodes, type_, place.below(key))
        if self._shapes > _MAX_SHAPES:
            self._despair()
        # PERF: bench.federation; a quarter of the time of walking shapes. Of what the client
        # wrote, the text holds only response keys, as literals.
        exec(compile("\n".join(lines.text()), "<object shape>", "exec"), names)  # noqa: S102
        complete: _Complete = names["complete"]
        return complete

    def _add_field(
        self,
        lines: _Lines,
        key: str,
        nodes: list[FieldNode],
        parent: GraphQLCompositeType,
        place: KnownPlace,
    ) -> None:
        name = nodes[0].name.value
        if name == "__typename":
            if not isinstance(parent, GraphQLObjectType):
                self._despair()
            lines.constant(key, parent.name)
        elif name in INTROSPECTION:
            lines.leaf(key, JSON_TYPES, is_non_null=False)
        elif (
            isinstance(parent, GraphQLUnionType)
            or name not in parent.fields
            or self._selections.is_denied(parent, name)
        ):
            self._despair()
        else:
            self._add_value(lines, key, nodes, parent.fields[name].type, place)

    def _add_value(
        self,
        lines: _Lines,
        key: str,
        nodes: list[FieldNode],
        type_: GraphQLOutputType,
        place: KnownPlace,
    ) -> None:
        is_non_null = isinstance(type_, GraphQLNonNull)
        bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
        if place.whole.is_whole:
            lines.leaf(key, JSON_TYPES, is_non_null=is_non_null)
            return
        if isinstance(bare, GraphQLScalarType):
            lines.leaf(key, accepted_types(bare), leaf_completion(bare), is_non_null=is_non_null)
            return
        slot = lines.slot()
        lines.names[slot] = self._innermost(bare, nodes, place, lines.names, slot)
        lines.composite(key, lambda value: _expression(bare, value, slot), is_non_null=is_non_null)

    def _innermost(
        self,
        type_: GraphQLOutputType,
        nodes: list[FieldNode],
        place: KnownPlace,
        names: dict[str, Any],
        slot: str,
    ) -> _Complete:
        """Completion of what is inside all lists."""
        while isinstance(type_, (GraphQLList, GraphQLNonNull)):
            type_ = type_.of_type
        if isinstance(type_, (GraphQLScalarType, GraphQLEnumType)):
            return _leaf(type_)
        sets = selection_sets(nodes)
        if not isinstance(type_, GraphQLObjectType):
            return self._abstract(type_, sets, place)
        object_type = type_

        def first(value: Any, memo: _Memo) -> Any:
            # The generated code calls whatever stands at the slot: from now on the shape itself.
            names[slot] = self._shape(object_type, sets, place)
            return names[slot](value, memo)

        return first

    def _abstract(
        self, type_: GraphQLAbstractType, sets: Sequence[SelectionSetNode], place: KnownPlace
    ) -> _Complete:
        shapes: dict[str | None, _Complete] = {}

        def complete(value: Any, memo: _Memo) -> Any:
            name = value.get("__typename")
            shape = shapes.get(name)
            if shape is None:
                is_known = name is None or name in self._schema.type_map
                runtime = self._selections.runtime(type_, name) if is_known else None
                if runtime is None:
                    raise Surprise
                shape = shapes[name] = self._shape(runtime, sets, place)
            return shape(value, memo)

        return complete

    def _despair(self) -> None:
        self.is_hopeful = False
        raise Surprise


class _Lines:
    """The text of one shape's function, field by field."""

    def __init__(self, number: int, names: dict[str, Any], *, is_shared: bool) -> None:
        self.names = names
        self._number = number
        self._is_shared = is_shared
        self._entries: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self._checks: list[str] = []

    def slot(self) -> str:
        """A name for what the next field is completed with."""
        return f"complete_{len(self._entries)}"

    def constant(self, key: str, value: str) -> None:
        """A field with the same value in every object."""
        self._entries[key] = repr(value)

    def leaf(
        self,
        key: str,
        accepts: frozenset[type],
        complete: Callable[[Any], Any] | None = None,
        *,
        is_non_null: bool,
    ) -> None:
        """A field whose value passes, or nearly."""
        slot = self.slot()
        value = self._value(key)
        if accepts >= JSON_TYPES:
            if is_non_null:
                self._checks.append(f"if {value} is None: raise Surprise")
            return
        self.names[slot] = _refusing_null(complete)
        is_wrong = " and ".join(f"type({value}) is not {type_.__name__}" for type_ in accepts)
        is_null = "" if is_non_null else f" and {value} is not None"
        self._checks.append(f"if {is_wrong}{is_null}: {value} = {slot}({value})")

    def composite(self, key: str, expression: Callable[[str], str], *, is_non_null: bool) -> None:
        """A field with a further look at its value."""
        value = self._value(key)
        condition = "" if is_non_null else f"if {value} is not None: "
        self._checks.append(f"{condition}{value} = {expression(value)}")

    def text(self) -> Iterator[str]:
        """The function."""
        yield "def complete(source, memo):"
        if self._is_shared:
            yield f" known = memo[{self._number}]"
            yield " answer = known.get(id(source))"
            yield " if answer is not None: return answer"
        yield from self._reading()
        yield from (f" {check}" for check in self._checks)
        answer = ", ".join(f"{key!r}: {value}" for key, value in self._entries.items())
        yield f" answer = {{{answer}}}"
        if self._is_shared:
            yield " known[id(source)] = answer"
        yield " return answer"

    def _reading(self) -> Iterator[str]:
        if not self._values:
            yield " if not isinstance(source, dict): raise Surprise"
            return
        # A subscript costs half of a call, and most objects have what they were asked for.
        yield " try:"
        yield from (f"  {value} = source[{key!r}]" for key, value in self._values.items())
        yield " except KeyError:"
        yield from (f"  {value} = source.get({key!r})" for key, value in self._values.items())

    def _value(self, key: str) -> str:
        value = f"value_{len(self._entries)}"
        self._entries[key] = self._values[key] = value
        return value


def _expression(type_: GraphQLOutputType, value: str, slot: str) -> str:
    """Completion of a value that is not null, as an expression."""
    if not isinstance(type_, GraphQLList):
        return f"{slot}({value}, memo)"
    item = f"{value}_"
    inner = type_.of_type
    if isinstance(inner, GraphQLNonNull):
        each = _expression(inner.of_type, item, slot)
    else:
        each = f"None if {item} is None else {_expression(inner, item, slot)}"
    return f"[{each} for {item} in listed({value})]"


def _listed(value: Any) -> list[Any]:
    if type(value) is not list:
        raise Surprise
    return value


def _leaf(type_: GraphQLScalarType | GraphQLEnumType) -> _Complete:
    coerce = _refusing_null(leaf_completion(type_))
    return lambda value, _memo: coerce(value)


def _refusing_null(complete: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    def completed(value: Any) -> Any:
        answer = None if complete is None or value is None else complete(value)
        if answer is None:
            raise Surprise
        return answer

    return completed

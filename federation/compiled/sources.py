"""From rows to the raw values of one field: one value a row, exceptions among them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, cast

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    VariableNode,
    Visitor,
    default_field_resolver,
    visit,
)
from graphql.execution.values import VariableValues, get_argument_values

from federation.compiled.awaiting import awaited, holds_awaitables, settled
from federation.compiled.declared import AnswerBatch, AnswerEach, MoveRows
from federation.compiled.places import FieldPlace, Place
from federation.compiled.run import Run
from federation.compiled.site import Site

__all__ = [
    "Batch",
    "Columns",
    "Each",
    "Moved",
    "Raw",
    "Resolver",
    "Source",
    "fixed_arguments",
    "variables_in",
]

Raw: TypeAlias = Sequence[Any] | Awaitable[Sequence[Any]]
T = TypeVar("T")

_NO_VARIABLES = VariableValues({}, {})


class Source(Protocol):
    """Where a field's values come from."""

    def values(self, run: Run, rows: Sequence[Any], place: Place) -> Raw:
        """One value a row, or something to await for them; never raises. `place` is the rows'."""


class Columns:
    """An attribute of every row."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._get = attrgetter(name)

    def values(self, _run: Run, rows: Sequence[Any], _place: Place) -> Sequence[Any]:
        """Read all at once; one by one only when that fails."""
        try:
            return list(map(self._get, rows))
        except Exception:  # noqa: BLE001 - told row by row
            return [_attempt(self._get, row) for row in rows]


class Bound(Generic[T]):
    """A function bound to its field's arguments: once for ever, or once a request."""

    def __init__(self, bind: Callable[[Mapping[str, Any]], T], site: Site) -> None:
        self._bind = bind
        self._site = site
        self._passed = _passed_on(site.field, site.nodes[0])
        has_variables = variables_in(site.nodes[0])
        self._constant = None if has_variables else _attempt(self._bound, _NO_VARIABLES)

    def to(self, run: Run) -> T | Exception:
        """The function for a request, or why its arguments are refused."""
        found: T | Exception | None = self._constant
        if found is None:
            found = _attempt(self._bound, run.variables)
        return cast("T | Exception", found)

    def _bound(self, variables: VariableValues) -> T:
        return self._bind(self._arguments(variables))

    def _arguments(self, variables: VariableValues) -> Mapping[str, Any]:
        values = variables.coerced
        passed = {out: values.get(name) for out, name in self._passed.items()}
        # PERF: bench/access; whatever else a variable may be, graphql-core looks at.
        if passed and None not in passed.values():
            return passed
        return _arguments(self._site.field, self._site.nodes[0], variables)


class Batch:
    """A function of all rows at once."""

    def __init__(self, bind: Callable[[Mapping[str, Any]], AnswerBatch], site: Site) -> None:
        self._bound = Bound(bind, site)

    def values(self, run: Run, rows: Sequence[Any], _place: Place) -> Raw:
        """Call it; what it raises is every row's error."""
        answer = self._bound.to(run)
        if isinstance(answer, Exception):
            return [answer] * len(rows)
        try:
            values = answer(run.context, rows)
        except Exception as error:  # noqa: BLE001 - whatever the host's code raises
            return [error] * len(rows)
        return settled(values, len(rows)) if hasattr(values, "__await__") else values


class Each:
    """A function of one row, called for every row."""

    def __init__(self, bind: Callable[[Mapping[str, Any]], AnswerEach], site: Site) -> None:
        self._bound = Bound(bind, site)

    def values(self, run: Run, rows: Sequence[Any], _place: Place) -> Raw:
        """Call it a row at a time; what is awaitable is awaited together."""
        answer = self._bound.to(run)
        if isinstance(answer, Exception):
            return [answer] * len(rows)
        context = run.context
        values = [_attempt(answer, context, row) for row in rows]
        return awaited(values) if holds_awaitables(values) else values


class Moved:
    """What another source answers of the same objects' rows in another schema."""

    def __init__(self, source: Source, rows: MoveRows) -> None:
        self._source = source
        self._rows = rows

    def values(self, run: Run, rows: Sequence[Any], place: Place) -> Raw:
        """The source's values; an error of every row where any is not there."""
        there = _attempt(self._rows, run.context, rows)
        if hasattr(there, "__await__"):
            return self._later(run, there, len(rows), place)
        return self._values(run, there, len(rows), place)

    async def _later(
        self, run: Run, there: Awaitable[Sequence[Any]], size: int, place: Place
    ) -> Sequence[Any]:
        values = self._values(run, await settled(there, size), size, place)
        return await values if hasattr(values, "__await__") else values

    def _values(self, run: Run, there: Any, size: int, place: Place) -> Raw:
        if isinstance(there, Exception):
            return [there] * size
        missing = [row for row in there if row is None or isinstance(row, Exception)]
        if missing:
            return [missing[0] or LookupError("An object is not there.")] * size
        return self._source.values(run, there, place)


class Resolver:
    """A graphql-core resolver, called for every object."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._resolve = site.field.resolve or default_field_resolver
        self._bound: Bound[Mapping[str, Any]] = Bound(dict, site)

    def values(self, run: Run, rows: Sequence[Any], place: Place) -> Raw:
        """Call it a row at a time; what is awaitable is awaited together."""
        arguments = self._bound.to(run)
        if isinstance(arguments, Exception):
            return [arguments] * len(rows)
        info = self._site.info
        place = FieldPlace(place, self._site.key, self._site.parent.name)
        values = [
            _attempt(self._resolve, row, info(run, place, index), **arguments)
            for index, row in enumerate(rows)
        ]
        return awaited(values) if holds_awaitables(values) else values


def _attempt(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """What a function answers or raises: the host's code must not end the other rows."""
    try:
        return function(*arguments, **named)
    except Exception as error:  # noqa: BLE001 - as above
        return error


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_rest: Any) -> None:
        self.names.add(node.name.value)


def variables_in(node: FieldNode) -> set[str]:
    """Names of the variables in the arguments of a field."""
    found = _Variables()
    for argument in node.arguments or ():
        visit(argument, found)
    return found.names


def _passed_on(field: GraphQLField, node: FieldNode) -> Mapping[str, str]:
    """The variables whose values the arguments are, where all are given so; by out name."""
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    passed: dict[str, str] = {}
    for name, argument in field.args.items():
        value = given.get(name)
        if not isinstance(value, VariableNode):
            return {}
        passed[argument.out_name or name] = value.name.value
    return passed


def _arguments(
    field: GraphQLField, node: FieldNode, variables: VariableValues
) -> Mapping[str, Any]:
    return get_argument_values(field, node, variables) if field.args or node.arguments else {}


def fixed_arguments(field: GraphQLField, node: FieldNode) -> Mapping[str, Any] | None:
    """The arguments of a field; None where variables are in them, or they are refused."""
    if variables_in(node):
        return None
    try:
        return _arguments(field, node, _NO_VARIABLES)
    except GraphQLError:
        return None

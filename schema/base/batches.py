"""The declarations of fields, answered for all rows at once.

What stands here is attached to graphql-core's fields as plain values and functions, under the names
that the engine's compiled execution reads (`docs/execution.md`). The resolvers that `binding` makes
of the same declarations answer one object at a time, and the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import lru_cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from graphql import GraphQLField, get_named_type
from orjson import Fragment

from datasources.made import MadeObjects, made_objects, made_row
from datasources.narrowing import narrowed
from datasources.trees import wholly_written
from datasources.trees import written as written_rows
from resolvers.base import BatchRead, RequestContext
from resolvers.parts import Part
from schema.base.connections import narrow_pages
from schema.base.fields import (
    Column,
    Computed,
    Declaration,
    Events,
    Found,
    Made,
    Many,
    One,
    Outcome,
    PageOf,
    Reference,
    Write,
)
from schema.base.forms import form_of
from schema.base.inputs import page_request, plain_arguments
from schema.base.rows import ConnectionRow, PayloadRow
from schema.base.trees import tree_of
from schema.base.writes import written

if TYPE_CHECKING:
    from schema.base.modules import Entity

__all__ = ["batched", "is_missing", "key_getter", "known"]

Arguments = Mapping[str, Any]
By = tuple[str, ...]
Answer = Callable[[RequestContext, Sequence[Any]], Any]
Bind = Callable[[Arguments], Answer]
Resolve = Callable[..., Any]
BindEach = Callable[[Arguments], Resolve]
AnswerDirect = Callable[[RequestContext], Awaitable[Any]]
BindDirect = Callable[[Arguments], AnswerDirect]

_CONSTANTS = 16
"""Combinations of arguments for which the statement of objects made of them is kept."""


def batched(  # noqa: C901, PLR0911, PLR0912 - a table: one return a kind
    declaration: Declaration,
    name: str,
    field: GraphQLField,
    entities: Mapping[str, Entity],
) -> dict[str, Any]:
    """What to attach to a field."""
    match declaration:  # a table: one line a kind
        case Column(of, _):
            return {"column": of or name}
        case One(read, by):
            return {"batch": partial(_one, read, by), "needs": frozenset(by)}
        case Found(read, key, needs):
            return {
                "batch": partial(_found, read, key, field),
                "needs": frozenset(needs),
                **({} if needs else {"direct": partial(_direct, read, key, field)}),
            }
        case Many(read, by, limited):
            return {"batch": partial(_many, read, by, limited), "needs": frozenset(by)}
        case PageOf(pages, by):
            return {"batch": partial(_page, pages, by, field), "needs": frozenset(by)}
        case Reference(by):
            entity = entities[get_named_type(field.type).name]
            return {"batch": partial(_reference, entity, by), "needs": frozenset(by)}
        case Made(row, columns):
            return {
                "batch": partial(_made, row, columns, field),
                "needs": frozenset(columns.values()),
            }
        case Outcome(otherwise):
            return {"batch": partial(_outcome, name, otherwise)}
        case Computed(compute, needs, together, _):
            read_columns = {} if needs is None else {"needs": frozenset(needs)}
            if together is not None:
                return {"batch": partial(_together, together), **read_columns}
            if isinstance(compute, Part):
                return {"each": partial(_part, compute, field), **read_columns}
            return {"each": partial(_computed, compute, field), **read_columns}
        case Write():
            return {"each": partial(_write, declaration, name, field)}
        case Events():
            return {}


def key_getter(by: By) -> Callable[[Any], Any]:
    """The key in a row's columns: a value, a tuple of values, or None without columns."""
    return attrgetter(*by) if by else lambda _row: None


def is_missing(key: Any) -> bool:
    """Whether a key leads nowhere because a part of it is null."""
    return key is None or (isinstance(key, tuple) and None in key)


def _one(read: BatchRead[Any], by: By, wanted: Any) -> Bind:
    key_of = key_getter(by)
    read = _asked(read, wanted)

    def answer(context: RequestContext, rows: Sequence[Any]) -> Awaitable[Sequence[Any]]:
        return _loaded(context, read, list(map(key_of, rows)))

    return lambda _arguments: answer


def _asked(read: BatchRead[Any], wanted: Any) -> BatchRead[Any]:
    """The read with what is asked of its rows: as JSON already, or narrowed to some columns."""
    tree = tree_of(wanted)
    if tree is None:
        return narrowed(read, wanted.columns)
    return written_rows(read, tree, wanted.columns)


async def _loaded(
    context: RequestContext, read: BatchRead[Any], keys: list[Any], otherwise: Any = None
) -> Sequence[Any]:
    """The results of those keys that lead anywhere, in the order of all."""
    places = [place for place, key in enumerate(keys) if not is_missing(key)]
    if len(places) == len(keys):
        return await context.load_all(read, keys)
    found = [otherwise] * len(keys)
    if places:
        results = await context.load_all(read, [keys[place] for place in places])
        for place, result in zip(places, results, strict=True):
            found[place] = result
    return found


def _found(read: BatchRead[Any], key_of: Resolve, field: GraphQLField, wanted: Any) -> Bind:
    read = _asked(read, wanted)

    def bind(arguments: Arguments) -> Answer:
        values = plain_arguments(field.args, arguments)

        async def answer(context: RequestContext, rows: Sequence[Any]) -> list[Any]:
            keys = [await _attempt(key_of, context, row, values) for row in rows]
            sought = [None if isinstance(key, Exception) else key for key in keys]
            results = await _loaded(context, read, sought)
            return [
                key if isinstance(key, Exception) else result
                for key, result in zip(keys, results, strict=True)
            ]

        return answer

    return bind


def _direct(
    read: BatchRead[Any], key_of: Resolve, field: GraphQLField, wanted: Any
) -> BindDirect | None:
    """The same where there is no row to begin with, and the object is written whatever is in it."""
    tree = tree_of(wanted)
    writing = None if tree is None else wholly_written(read, tree)
    if writing is None:
        return None

    def bind(arguments: Arguments) -> AnswerDirect:
        values = plain_arguments(field.args, arguments)

        async def answer(context: RequestContext) -> Any:
            key = await known(key_of(context, None, **values))
            if is_missing(key):
                return None
            (found,) = await writing(context.database, context.caller, [key])
            return found if isinstance(found, Fragment) else None

        return answer

    return bind


async def _attempt(key_of: Resolve, context: RequestContext, row: Any, values: Arguments) -> Any:
    """The key of a row, or why there is none: the others must not suffer from it."""
    try:
        return await known(key_of(context, row, **values))
    except Exception as error:  # noqa: BLE001 - whatever the function raises is the row's error
        return error


async def known(value: Any) -> Any:
    """A value, waited for if need be."""
    return await value if isinstance(value, Awaitable) else value


def _many(read: BatchRead[Any], by: By, limited: bool, wanted: Any) -> Bind:
    key_of = key_getter(by)
    read = _asked(read, wanted)

    def bind(arguments: Arguments) -> Answer:
        first = arguments.get("first") if limited else None

        async def answer(context: RequestContext, rows: Sequence[Any]) -> list[Any]:
            lists = await _loaded(context, read, list(map(key_of, rows)), ())
            return [found[:first] for found in lists]

        return answer

    return bind


def _page(pages: Any, by: By, field: GraphQLField, wanted: Any) -> Bind:
    key_of = key_getter(by)
    shown = narrow_pages(pages, wanted)

    def bind(arguments: Arguments) -> Answer:
        request = page_request(pages, plain_arguments(field.args, arguments))

        def answer(_context: RequestContext, rows: Sequence[Any]) -> list[ConnectionRow]:
            return [ConnectionRow(shown, request, key_of(row)) for row in rows]

        return answer

    return bind


def _reference(entity: Entity, by: By, wanted: Any) -> Bind:
    if entity.read is not None:
        return _one(entity.read, by, wanted)
    key_of, row_class = key_getter(by), entity.row

    def answer(_context: RequestContext, rows: Sequence[Any]) -> list[Any]:
        keys = map(key_of, rows)
        return [None if is_missing(key) else row_class(key) for key in keys]

    return lambda _arguments: answer


def _made(
    row_class: type[Any], columns: Mapping[str, str], field: GraphQLField, wanted: Any
) -> Bind:
    key_of, names = key_getter(tuple(columns.values())), tuple(columns)
    tree = tree_of(wanted)

    @lru_cache(_CONSTANTS)
    def reading(constants: tuple[tuple[str, str], ...]) -> MadeObjects | None:
        return None if tree is None else made_objects(row_class, names, dict(constants), tree)

    def bind(arguments: Arguments) -> Answer:
        values = plain_arguments(field.args, arguments)
        read = reading(tuple(values.items()))

        def answer(context: RequestContext, rows: Sequence[Any]) -> Any:
            keys = list(map(key_of, rows))
            if read is not None:
                return context.load_all(read, keys)
            return [made_row(row_class, names, key, values) for key in keys]

        return answer

    return bind


def _outcome(name: str, otherwise: Any, _wanted: Any) -> Bind:
    part = attrgetter(name)

    def answer(_context: RequestContext, rows: Sequence[PayloadRow]) -> list[Any]:
        return [otherwise if row.result is None else part(row.result) for row in rows]

    return lambda _arguments: answer


def _together(compute: Resolve, _wanted: Any) -> Bind:
    return lambda _arguments: compute


def _computed(compute: Resolve, field: GraphQLField, _wanted: Any) -> BindEach:
    def bind(arguments: Arguments) -> Resolve:
        values = plain_arguments(field.args, arguments)
        return partial(compute, **values) if values else compute

    return bind


def _part(part: Part[Any], field: GraphQLField, wanted: Any) -> BindEach:
    form = form_of(field, wanted)
    if form is None:
        return _computed(part, field, wanted)

    def bind(arguments: Arguments) -> Resolve:
        values = plain_arguments(field.args, arguments)
        return partial(part.shown, f"{form}{values or ''}", values)

    return bind


def _write(declaration: Write, name: str, field: GraphQLField, _wanted: Any) -> BindEach:
    def bind(arguments: Arguments) -> Resolve:
        def answer(context: RequestContext, _row: Any) -> Awaitable[PayloadRow]:
            return written(declaration, name, field, context, arguments)

        return answer

    return bind

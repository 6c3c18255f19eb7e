"""Objects that PostgreSQL writes as JSON: what is asked of them, and the expression that writes it.

A tree lists an object's keys in their order and says of each where its value comes from: a column,
or rows of another read that belong to the object's row, written in turn. What a read cannot tell
about itself, or a column's type does not allow, makes the tree `Unwritable`, and rows are read.

The expression is NULL where anything in the object is not sound; see `json_text`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import add
from typing import Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar, cast

from sqlalchemy import (
    Case,
    ColumnElement,
    DateTime,
    Label,
    Select,
    String,
    Subquery,
    Text,
    and_,
    case,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.sql.elements import OperatorExpression
from sqlalchemy.sql.operators import concat_op
from sqlalchemy.types import Uuid

from auth.caller import SYSTEM, Caller
from datasources.base import owned
from datasources.expressions import constant, word, word_of
from datasources.json_text import WriteColumn
from datasources.narrowing import narrowed

__all__ = [
    "Fixed",
    "Here",
    "Key",
    "Leaf",
    "Linked",
    "Listed",
    "Made",
    "Node",
    "Paged",
    "Part",
    "Reached",
    "Related",
    "Relating",
    "Tree",
    "Unwritable",
    "Written",
    "WrittenRow",
    "array_text",
    "belongs",
    "is_writable",
    "object_text",
    "related",
    "wholly_written",
    "written",
]

ReadT = TypeVar("ReadT")

By: TypeAlias = tuple[str, ...]

_NULL = word("null")


class Unwritable(LookupError):  # noqa: N818 - named for what it is
    """A tree that PostgreSQL is not to write."""


class Key(NamedTuple):
    """A part of the key that leads from an object's row to those that belong to it."""

    column: ColumnElement[Any]
    constant: str | None = None
    """What the column holds in every row, where that is known."""
    is_tenant: bool = False
    """Whether the statement sees to it that the column holds the caller's account."""


class WrittenRow(NamedTuple):
    """A row that is one JSON object."""

    text: str | None
    """None where something in it is not sound."""


class Written(NamedTuple, Generic[ReadT]):
    """What a read's rows are written as, and the read of rows for when that is not sound."""

    tree: Tree
    rows: ReadT


class Related(NamedTuple):
    """The rows of a source that belong to a row of another one."""

    source: Subquery
    condition: ColumnElement[bool]
    tenant: str | None
    order: Sequence[ColumnElement[Any]] = ()


class Relating(Protocol):
    """A read or list whose rows can be found from another's columns."""

    def related(self, keys: Sequence[Key], *request: Any) -> Related:
        """The rows of a key; a list takes a `PageRequest` too. Raises `Unwritable`."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A value that is the same in every object."""

    text: str
    """The value as JSON."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column."""

    column: str
    write: WriteColumn
    is_required: bool


@dataclass(frozen=True, slots=True)
class Part:
    """An object made of columns of the same row; null where one of `needs` is."""

    tree: Tree
    needs: By
    is_required: bool


@dataclass(frozen=True, slots=True)
class Linked:
    """One row of another read."""

    read: Any
    by: By
    tree: Tree
    is_required: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows of another read."""

    read: Any
    by: By
    tree: Tree
    first: int | None = None


@dataclass(frozen=True, slots=True)
class Paged:
    """A page of a list, as a connection: its keys in their order, each with its nodes' tree.

    A key with None is the number of rows the list has.
    """

    pages: Any
    by: By
    request: Any
    keys: tuple[tuple[str, Tree | Fixed | None], ...]


@dataclass(frozen=True, slots=True)
class Made:
    """An object that no table holds: its columns are some of the row's, and constants."""

    columns: tuple[tuple[str, str], ...]
    """Its own columns, each with the row's that it is."""
    constants: tuple[tuple[str, str], ...]
    tree: Tree


@dataclass(frozen=True, slots=True)
class Reached:
    """A value of the one row of another read that stands for the same object."""

    read: Any
    by: By
    node: Node


class Here(NamedTuple):
    """Where something is written: beside the rows of a source, for a caller."""

    source: Subquery
    caller: Caller
    """Sees the rows of their own account, or of every one."""
    tenant: str | None = None
    """The source's column that holds its rows' account, of which only those are read that the
    caller may see."""
    columns: Mapping[str, Key] | None = None
    """The columns of an object that is no row of the source, but made of one."""

    def column(self, name: str) -> Key:
        """A column of the object. Raises `Unwritable`."""
        found = self._of_source(name) if self.columns is None else self.columns.get(name)
        if found is None:
            raise Unwritable(f"There is no column {name}.")
        return found

    def _of_source(self, name: str) -> Key | None:
        if name not in self.source.c:
            return None
        is_tenant = name == self.tenant and not self.caller.spans_accounts
        return Key(self.source.c[name], constant(self.source, name), is_tenant)

    def beside(self, rows: Related) -> Here:
        """The same for rows that belong to one of these."""
        return Here(rows.source, self.caller, rows.tenant)

    def joined(self, key: str, other: Subquery) -> Here | None:
        """The row of another source that a column is the id of, if this source has joined it.

        It then has that row's columns under names such as `user_id.name`, each the very expression
        that the other source shows.
        """
        if self.columns is not None:
            return None
        columns = {
            column.name: Key(self.source.c[own])
            for column in other.c
            if (own := f"{key}.{column.name}") in self.source.c
            and _expression(self.source, own).compare(_expression(other, column.name))
        }
        return self._replace(columns=columns) if "id" in columns else None


def _expression(source: Subquery, name: str) -> ColumnElement[Any]:
    """What a column of a source is."""
    columns: Any = getattr(source.element, "selected_columns", source.c)
    column: ColumnElement[Any] = columns[name]
    return column.element if isinstance(column, Label) else column


Node: TypeAlias = Fixed | Leaf | Part | Linked | Listed | Paged | Made | Reached
Tree: TypeAlias = tuple[tuple[str, Node], ...]


def written(read: ReadT, tree: Tree, columns: frozenset[str] | None, **options: Any) -> ReadT:
    """The read with rows that are JSON already where it can write them, narrowed where not."""
    write: Callable[..., ReadT] | None = getattr(read, "written", None)
    return narrowed(read, columns, **options) if write is None else write(tree, columns, **options)


def wholly_written(read: ReadT, tree: Tree) -> ReadT | None:
    """The read with rows that are JSON already; None where it cannot write them."""
    write: Callable[..., Any] | None = getattr(read, "written", None)
    writing = None if write is None else write(tree, None)
    return writing if getattr(writing, "row", None) is WrittenRow else None


def related(read: Any, keys: Sequence[Key], *request: Any) -> Related:
    """The rows of a read that belong to another row. Raises `Unwritable`."""
    relate: Callable[..., Related] | None = getattr(read, "related", None)
    if relate is None:
        raise Unwritable(f"{type(read).__name__} does not tell where its rows come from.")
    return relate(keys, *request)


def is_writable(tree: Tree, source: Subquery) -> bool:
    """Whether a tree can be written of the rows of a source."""
    try:
        object_text(tree, Here(source, SYSTEM))
    except Unwritable:
        return False
    return True


def object_text(tree: Tree, here: Here) -> ColumnElement[str]:
    """The JSON object of a row. Raises `Unwritable`."""
    pieces: list[ColumnElement[str] | str] = ["{"]
    for number, (key, node) in enumerate(tree):
        pieces.append(f'{"," if number else ""}"{key}":')
        pieces.append(_value(node, here))
    return _joined([*pieces, "}"])


def array_text(items: ColumnElement[Any]) -> ColumnElement[str]:
    """The JSON array of all items of a query, in its order; NULL if one of them is."""
    joined = func.coalesce(func.string_agg(items, word(",")), word(""), type_=Text())
    all_sound = func.count() == func.count(items)
    return case((all_sound, _joined(["[", joined, "]"])))


def belongs(
    source: Subquery, names: Sequence[str], keys: Sequence[Key], tenant: str | None
) -> ColumnElement[bool]:
    """Whether a row of `source` has a key. Raises `Unwritable` for types that do not compare.

    The rows are the caller's by their column `tenant`: where the key's part is as well, the two
    are not compared. PERF: bench/nested; PostgreSQL would do so at every row.
    """
    pairs = zip(names, keys, strict=True)
    compared = [
        _equal(source.c[name], key.column)
        for name, key in pairs
        if not (key.is_tenant and name == tenant)
    ]
    return and_(true(), *compared)


def _equal(column: ColumnElement[Any], key: ColumnElement[Any]) -> ColumnElement[bool]:
    """A comparison that means what comparing the key as a value of Python's means."""
    kinds = (type(column.type), type(key.type))
    if isinstance(column.type, String) and isinstance(key.type, Uuid):
        key = sql_cast(key, Text)
    elif not _compare(column.type, key.type):
        raise Unwritable(f"{kinds[0].__name__} is not compared with {kinds[1].__name__}.")
    return column == key


def _compare(one: Any, other: Any) -> bool:
    if isinstance(one, DateTime) and isinstance(other, DateTime):
        return one.timezone == other.timezone
    return any(isinstance(one, kind) and isinstance(other, kind) for kind in (String, Uuid))


def _value(  # noqa: PLR0911 - one return a kind
    node: Node, here: Here
) -> ColumnElement[str] | str:
    match node:  # a table: one line a kind
        case Fixed(text):
            return text
        case Leaf():
            return _leaf(node, here)
        case Part():
            return _part(node, here)
        case Linked():
            return _linked(node, here)
        case Listed():
            return _listed(node, here)
        case Paged():
            return _paged(node, here)
        case Made():
            return _made(node, here)
        case Reached():
            return _reached(node, here)


def _leaf(leaf: Leaf, here: Here) -> ColumnElement[str]:
    column = here.column(leaf.column).column
    text = leaf.write(column)
    if text is None:
        raise Unwritable(f"The column {leaf.column} is of a type that is not written.")
    if leaf.is_required:
        return text
    is_null = (column.is_(None), _NULL)
    if isinstance(text, Case) and text.else_ is None:
        # PERF: bench/list; that it is sound is seen first, and holds of no NULL.
        return case(*text.whens, is_null)
    return case(is_null, else_=text)


def _part(part: Part, here: Here) -> ColumnElement[str]:
    text = object_text(part.tree, here)
    if not part.needs:
        return text
    there = and_(*[here.column(name).column.is_not(None) for name in part.needs])
    return case((there, text), else_=None if part.is_required else _NULL)


def _made(made: Made, here: Here) -> ColumnElement[str]:
    columns = {name: here.column(of_row) for name, of_row in made.columns}
    constants = {name: Key(word(value), value) for name, value in made.constants}
    return object_text(made.tree, here._replace(columns={**columns, **constants}))


def _reached(reached: Reached, here: Here) -> ColumnElement[str]:
    """The value; NULL, as what is not sound, where there is no such row."""
    rows = _related(reached.read, reached.by, here)
    value = _value(reached.node, here.beside(rows))
    item = (word(value) if isinstance(value, str) else value).label("item")
    query = select(item).select_from(rows.source)
    return _scalar(_only(_rows(query, rows, here)))


def _linked(linked: Linked, here: Here) -> ColumnElement[str]:
    rows = _related(linked.read, linked.by, here)
    joined = here.joined(linked.by[-1], rows.source)
    if joined is not None:
        with suppress(Unwritable):  # more is asked for than has been joined
            return object_text(linked.tree, joined)
    otherwise = () if linked.is_required else ((func.count() == literal_column("0"), _NULL),)
    return _scalar(_only(_items(rows, linked.tree, here), *otherwise))


def _only(query: Select[Any], *otherwise: tuple[ColumnElement[bool], Any]) -> Select[Any]:
    """The one item of a query; NULL if there are others, or none and nothing `otherwise`."""
    items = query.subquery()
    is_alone = func.count() == literal_column("1")
    text = case(*otherwise, (is_alone, func.max(items.c.item)))
    return select(text).select_from(items)


def _listed(listed: Listed, here: Here) -> ColumnElement[str]:
    rows = _related(listed.read, listed.by, here)
    return _array(rows, listed.tree, listed.first, here)


def _paged(paged: Paged, here: Here) -> ColumnElement[str]:
    pieces: list[ColumnElement[str] | str] = ["{"]
    for number, (key, tree) in enumerate(paged.keys):
        pieces.append(f'{"," if number else ""}"{key}":')
        rows = _related(paged.pages, paged.by, here, paged.request)
        if isinstance(tree, Fixed):
            pieces.append(tree.text)
        elif tree is None:
            pieces.append(_count(rows, here))
        else:
            pieces.append(_array(rows, tree, paged.request.size, here))
    return _joined([*pieces, "}"])


def _related(read: Any, by: By, here: Here, *request: Any) -> Related:
    return related(read, [here.column(name) for name in by], *request)


def _items(related: Related, tree: Tree, here: Here) -> Select[Any]:
    """The objects of the rows that belong to a row, as text."""
    item = object_text(tree, here.beside(related)).label("item")
    return _rows(select(item).select_from(related.source), related, here)


def _rows(query: Select[Any], related: Related, here: Here) -> Select[Any]:
    if related.tenant is not None:
        query = query.where(owned(related.source, here.caller, column=related.tenant))
    return query.where(related.condition).correlate(here.source)


def _array(related: Related, tree: Tree, size: int | None, here: Here) -> ColumnElement[str]:
    """All of them as an array; NULL if one of them is.

    The rows are kept from being merged into what is around them (by LIMIT or OFFSET), which would
    write every object once for each time that it is looked at.
    """
    query = _items(related, tree, here).order_by(*related.order)
    bound: ColumnElement[Any] = literal_column("0" if size is None else str(size))
    items = (query.offset(bound) if size is None else query.limit(bound)).subquery()
    return _scalar(select(array_text(items.c.item)))


def _count(related: Related, here: Here) -> ColumnElement[str]:
    query = select(sql_cast(func.count(), Text)).select_from(related.source)
    return _scalar(_rows(query, related, here))


def _scalar(query: Select[Any]) -> ColumnElement[str]:
    return cast("ColumnElement[str]", query.scalar_subquery())


def _joined(pieces: Sequence[ColumnElement[str] | str]) -> ColumnElement[str]:
    """Pieces one after the other; constants that meet become one.

    PERF: bench/nested; every `||` copies what is on its left.
    """
    merged: list[ColumnElement[str] | str] = []
    for piece in chain.from_iterable(map(_pieces, pieces)):
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    return reduce(add, [word(piece) if isinstance(piece, str) else piece for piece in merged])


def _pieces(text: ColumnElement[str] | str) -> Iterator[ColumnElement[str] | str]:
    """What a text has been joined from, constants as what they are."""
    if isinstance(text, OperatorExpression) and text.operator is concat_op:
        for part in text.get_children():
            yield from _pieces(cast("ColumnElement[str]", part))
    else:
        yield text if isinstance(text, str) else word_of(text) or text

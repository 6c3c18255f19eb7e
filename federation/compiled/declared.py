"""What a field says of itself beside its resolver, so that all rows are answered at once.

The host attaches these to the graphql-core objects, under `extensions`; plain values and functions,
so that whoever declares a field needs nothing of ours. A field without any of them is answered
by its resolver, one object at a time, as in graphql-core.

    column      str: the value is this attribute of the row
    batch       prepare(wanted) -> bind(arguments) -> answer(context, rows) -> one value a row, or
                an awaitable
    each        prepare(wanted) -> bind(arguments) -> answer(context, row) -> a value or an
                awaitable
    needs       frozenset[str]: attributes of its row that `batch` or `each` reads; all if absent

An object type may have

    move        prepare(here, names, columns) -> the parts of `Moving`, or None: how rows of the
                same type in another schema of the host, `here`, become rows of this schema; `names`
                are the fields that the other schema answers, `columns` the attributes that will be
                read

A function is prepared once for an operation, and bound to its arguments once a request; once for
ever where no variable is in them. A value that is an exception is an error of its row. Where what
is wanted is whole, the field's value, or an object in it, may be answered with an
`orjson.Fragment`: JSON written already. A field's value that has a method `keep_written` stands for
its attribute `value`, and is given the JSON of what that came to; see `federation.written`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol, TypeAlias

from graphql import GraphQLField, GraphQLObjectType

__all__ = [
    "Declared",
    "Move",
    "MoveRows",
    "Moving",
    "PrepareBatch",
    "PrepareEach",
    "Wanted",
    "WantedField",
    "declared",
    "union",
]

Arguments: TypeAlias = Mapping[str, Any]


class Wanted(Protocol):
    """What is asked of the objects a field answers with."""

    @property
    def columns(self) -> frozenset[str] | None:
        """Attributes of the rows that will be read; None when it cannot be told: then all."""

    @property
    def is_whole(self) -> bool:
        """Whether the objects reach the client as they are answered, with all that is in them."""

    @property
    def fields(self) -> Sequence[WantedField]:
        """What is asked of the objects, in the order of the response; of one type only."""

    def below(self, name: str) -> Wanted | None:
        """What is asked of a field of the objects; None when it is not asked for at all."""

    def of(self, type_name: str) -> Wanted:
        """What is asked of those objects that are of one type, where the field's is abstract."""


class Move(NamedTuple):
    """From an object to the same object in another schema of its host."""

    here: GraphQLObjectType
    """The object's type in the schema that answers with it."""
    there: GraphQLObjectType
    """Its type in the schema that answers the field."""


MoveRows: TypeAlias = Callable[[Any, Sequence[Any]], Sequence[Any] | Awaitable[Sequence[Any]]]
"""`(context, rows)` to one row there a row; None for what is not there."""


class Moving(NamedTuple):
    """How rows of one schema become rows of another."""

    needs: frozenset[str] | None
    """Attributes of the rows here that are read for it; None for all."""
    rows: MoveRows


class WantedField(NamedTuple):
    """One response key asked of objects of one type."""

    key: str
    name: str
    """The field's name in the schema; `__typename` too."""
    type_name: str
    """Name of the objects' type."""
    field: GraphQLField
    arguments: Arguments | None
    """Its arguments; None where only the request tells them, or where they are refused."""
    wanted: Wanted
    """What is asked of its value."""
    move: Move | None = None
    """Where another schema answers it than the object."""


AnswerBatch: TypeAlias = Callable[[Any, Sequence[Any]], Sequence[Any] | Awaitable[Sequence[Any]]]
AnswerEach: TypeAlias = Callable[[Any, Any], Any]
BindBatch: TypeAlias = Callable[[Arguments], AnswerBatch]
PrepareBatch: TypeAlias = Callable[[Wanted], BindBatch]
BindEach: TypeAlias = Callable[[Arguments], AnswerEach]
PrepareEach: TypeAlias = Callable[[Wanted], BindEach]
Columns: TypeAlias = "frozenset[str] | None"
"""Attributes of rows; None for all."""


@dataclass(frozen=True, slots=True)
class Declared:
    """The declaration of one field; of the first three at most one is set."""

    column: str | None = None
    batch: PrepareBatch | None = None
    each: PrepareEach | None = None
    needs: frozenset[str] | None = None

    @property
    def is_resolver(self) -> bool:
        """Whether nothing is declared and the resolver answers."""
        return self.column is None and self.batch is None and self.each is None

    @property
    def reads(self) -> frozenset[str] | None:
        """Attributes of its row that the field reads; None for all."""
        return self.needs if self.column is None else frozenset({self.column})


def declared(field: GraphQLField) -> Declared:
    """Read a field's declaration."""
    names = Declared.__dataclass_fields__
    extensions = field.extensions or {}
    return Declared(**{name: extensions[name] for name in names if name in extensions})


def union(several: Iterable[Columns]) -> Columns:
    """All attributes of several; None for all where one of them is that."""
    found: set[str] = set()
    for columns in several:
        if columns is None:
            return None
        found |= columns
    return frozenset(found)

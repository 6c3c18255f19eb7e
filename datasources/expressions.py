"""Expressions that more than one module's statements are made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnClause,
    ColumnElement,
    DateTime,
    FromClause,
    Subquery,
    Text,
    cast,
    func,
    literal_column,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.types import TypeEngine

__all__ = [
    "constant",
    "has_row",
    "in_utc",
    "joined",
    "no_text",
    "nothing",
    "sortable",
    "word",
    "word_of",
    "words",
]

_WORD = re.compile("'((?:[^']|'')*)'")


def word(text: str) -> ColumnElement[str]:
    """A constant of ours as part of the statement's text, so that it costs no placeholder."""
    return literal_column("'" + text.replace("'", "''") + "'", Text())


def constant(source: Subquery, name: str) -> str | None:
    """The constant that a column of a subquery is in every row; None for any other column."""
    columns: Any = getattr(source.element, "selected_columns", {})
    column = columns.get(name)
    return word_of(getattr(column, "element", column))


def word_of(expression: object) -> str | None:
    """The constant that `word` has made an expression of; None for any other."""
    if not isinstance(expression, ColumnClause) or not expression.is_literal:
        return None
    found = _WORD.fullmatch(expression.name)
    return None if found is None else found[1].replace("''", "'")


def joined(key: str, table: FromClause) -> list[ColumnElement[Any]]:
    """The columns of a joined row under names such as `user_id.name`; `key` holds its id.

    Of an inner join, so that there always is such a row. Whoever shows the row beside this one
    finds them there; see `trees.Here.joined`.
    """
    return [column.label(f"{key}.{name}") for name, column in table.c.items()]


def words(texts: Sequence[str]) -> ColumnElement[Any]:
    """Constants of ours as an array of text."""
    return cast(array([word(text) for text in texts]), ARRAY(Text))


def no_text() -> ColumnElement[str | None]:
    """A column that holds nothing here, and text elsewhere."""
    return nothing(Text())


def nothing(type_: TypeEngine[Any]) -> ColumnElement[Any]:
    """NULL of a type."""
    return cast(null(), type_)


def has_row(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a row meets the conditions, as a value to show or to compare.

    For an EXISTS that is such a value PostgreSQL may read the whole table, whoever owns its rows;
    this looks for one row at a time, through an index.
    """
    one = select(literal_column("true", Boolean())).where(*conditions).limit(literal_column("1"))
    return func.coalesce(one.scalar_subquery(), literal_column("false"), type_=Boolean())


def in_utc(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A time stored without zone, which its writers mean in UTC, as a time with zone."""
    return func.timezone(word("UTC"), column, type_=DateTime(timezone=True))


_LONG_AGO: ColumnElement[Any] = cast(literal_column("'-infinity'"), DateTime(timezone=True))


def sortable(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """A time to sort by: one that is unknown counts as long ago."""
    return func.coalesce(moment, _LONG_AGO, type_=DateTime(timezone=True))

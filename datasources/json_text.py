"""Columns written as JSON by PostgreSQL, so that they read as what Python would have written.

A writer takes a column to an expression of text: the value as JSON. Where a value is not as it
should be (a number that does not fit, a word that an enum does not have, a time beyond Python's
years) the expression is NULL, and NULL it stays whatever it is joined to with `||`: that is how
whoever reads the whole text finds out that something in it is not sound. A column that is NULL is
written as NULL too. A column of a type that a writer does not know has no expression.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Double,
    Integer,
    Numeric,
    String,
    Text,
    and_,
    case,
    cast,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import Uuid

from datasources.expressions import in_utc, word

__all__ = [
    "WriteColumn",
    "boolean_text",
    "decimal_text",
    "float_text",
    "id_text",
    "integer_text",
    "json_text",
    "moment_text",
    "number_text",
    "one_of",
    "string_text",
]

Written: TypeAlias = ColumnElement[str] | None
WriteColumn: TypeAlias = Callable[[ColumnElement[Any]], Written]

_QUOTE = word('"')
_LEAST: ColumnElement[int] = literal_column("-2147483648")
_MOST: ColumnElement[int] = literal_column("2147483647")
_ZONE = word('Z"')
_ALL_BUT_ONE: ColumnElement[int] = literal_column("-1")
_NO_NUMBER: ColumnElement[Any] = literal_column("'NaN'::numeric")
_HUGE = word("[0-9]{250}")
"""Digits of a number that Python may not be able to hold as a float."""
_EXACT: ColumnElement[Any] = literal_column("1e15::float8")
"""From here on PostgreSQL writes a float with an exponent."""


def string_text(column: ColumnElement[Any]) -> Written:
    """Text as a JSON string."""
    return _quoted(column) if isinstance(column.type, String) else None


def id_text(column: ColumnElement[Any]) -> Written:
    """An id, which is text or a UUID, as a JSON string."""
    if isinstance(column.type, Uuid):
        return _QUOTE + cast(column, Text) + _QUOTE
    return string_text(column)


def boolean_text(column: ColumnElement[Any]) -> Written:
    """`true` or `false`."""
    return cast(column, Text) if isinstance(column.type, Boolean) else None


def integer_text(column: ColumnElement[Any]) -> Written:
    """A whole number of 32 bits."""
    if not isinstance(column.type, Integer):
        return None
    return case((column.between(_LEAST, _MOST), cast(column, Text)))


def number_text(column: ColumnElement[Any]) -> Written:
    """A whole number of 64 bits."""
    if not isinstance(column.type, Integer):
        return None
    return cast(cast(column, BigInteger), Text)


def float_text(column: ColumnElement[Any]) -> Written:
    """A finite float; one without a fraction keeps its `.0`.

    A session may have been told to show fewer digits than there are.
    """
    if not isinstance(column.type, Double):
        return None
    written = cast(column, Text)
    is_small = and_(func.abs(column) < _EXACT, cast(written, Double) == column)
    return case(
        (and_(is_small, func.trunc(column) != column), written),
        (is_small, written + word(".0")),
    )


def decimal_text(column: ColumnElement[Any]) -> Written:
    """An exact number as a JSON string, its places as they are stored."""
    if not isinstance(column.type, Numeric) or isinstance(column.type, Double):
        return string_text(column)
    return case((column != _NO_NUMBER, _QUOTE + cast(column, Text) + _QUOTE))


def moment_text(column: ColumnElement[Any]) -> Written:
    """A time in UTC as a JSON string, with as many digits of a second's fraction as it has.

    PERF: bench/list; `to_char` takes twice as long.
    """
    if not isinstance(column.type, DateTime):
        return None
    kind = column.type
    without_zone = cast(func.to_json(in_utc(column) if kind.timezone else column), Text)
    text = func.left(without_zone, _ALL_BUT_ONE, type_=Text()) + _ZONE
    return case((and_(column >= _year(1000, kind), column < _year(10000, kind)), text))


def _year(number: int, kind: DateTime) -> ColumnElement[Any]:
    """The first moment of a year of UTC."""
    name, zone = ("timestamptz", "Z") if kind.timezone else ("timestamp", "")
    return literal_column(f"{name} '{number}-01-01 00:00:00{zone}'")


def json_text(column: ColumnElement[Any]) -> Written:
    """JSON as it is stored; only in its binary form, where no key is there twice."""
    if not isinstance(column.type, JSONB):
        return None
    text: ColumnElement[str] = cast(column, Text)
    is_null = func.jsonb_typeof(column, type_=Text()) == word("null")
    return case((and_(~is_null, ~text.bool_op("~")(_HUGE)), text))


def one_of(members: frozenset[str]) -> WriteColumn:
    """A writer of text that is one of these words, none of which needs escaping in JSON."""

    def member_text(column: ColumnElement[Any]) -> Written:
        if not isinstance(column.type, String):
            return None
        known = column.in_([word(member) for member in sorted(members)])
        return case((known, _QUOTE + cast(column, Text) + _QUOTE))

    return member_text


def _quoted(column: ColumnElement[Any]) -> ColumnElement[str]:
    text: ColumnElement[str] = cast(func.to_json(cast(column, Text)), Text)
    return text

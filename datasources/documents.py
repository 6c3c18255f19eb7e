"""JSON documents of the existing database, read inside SQL whatever their writers made of them.

Some writers stored a document's text instead of the document, once or twice over, and some of that
text is broken; a column like that must not keep a page from being read.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, cast, func
from sqlalchemy.dialects.postgresql import JSONB

from datasources.expressions import word

__all__ = ["is_kind", "object_of", "unwrapped"]


def unwrapped(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The document in a `jsonb` value, its text decoded where it was stored as text.

    Text that is no JSON stays the string it is. Needs PostgreSQL 16 (`pg_input_is_valid`).
    """
    return _decoded(_decoded(value))


def object_of(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The object in a `jsonb` value, unwrapped; an empty one for whatever is none.

    A function of the database (migration 0024): an object inside another would otherwise be
    written into the statement hundreds of times.
    """
    return func.gateway.object_of(value, type_=JSONB())


def is_kind(value: ColumnElement[Any], kind: str) -> ColumnElement[bool]:
    """Whether a `jsonb` value is an `object`, `array`, `string`, `boolean` or `number`."""
    return func.jsonb_typeof(value) == word(kind)


def _decoded(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """One layer of text taken off, where the text is JSON."""
    text = value.op("#>>", return_type=Text())(word("{}"))
    is_json = func.pg_input_is_valid(text, word("jsonb"))
    return case((and_(is_kind(value, "string"), is_json), cast(text, JSONB)), else_=value)

"""Objects inside an account's documents, as SQL that can read and update them in place."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, case, cast, func
from sqlalchemy.dialects.postgresql import JSONB

from datasources.documents import is_kind, unwrapped
from datasources.expressions import word

__all__ = ["json_object", "text_at", "value_at"]


def json_object(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The object that a `jsonb` value holds, `{}` for whatever is none."""
    document = unwrapped(value)
    return case((is_kind(document, "object"), document), else_=cast(word("{}"), JSONB))


def text_at(document: ColumnElement[Any], key: str) -> ColumnElement[str | None]:
    """The text at a key of an object, trimmed; NULL where it is missing or blank."""
    text = document.op("->>", return_type=Text())(word(key))
    return func.nullif(func.btrim(text), word(""))


def value_at(document: ColumnElement[Any], key: str) -> ColumnElement[Any]:
    """The value at a key of an object; NULL where it is missing."""
    return document.op("->", return_type=JSONB())(word(key))

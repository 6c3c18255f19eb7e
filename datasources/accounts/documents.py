"""Objects inside an account's documents, as SQL that can read and update them in place."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, func
from sqlalchemy.dialects.postgresql import JSONB

from datasources.expressions import word

__all__ = ["text_at", "value_at"]


def text_at(document: ColumnElement[Any], key: str) -> ColumnElement[str | None]:
    """The text at a key of an object, trimmed; NULL where it is missing or blank."""
    text = document.op("->>", return_type=Text())(word(key))
    return func.nullif(func.btrim(text), word(""))


def value_at(document: ColumnElement[Any], key: str) -> ColumnElement[Any]:
    """The value at a key of an object; NULL where it is missing."""
    return document.op("->", return_type=JSONB())(word(key))

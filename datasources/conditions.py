"""Conditions of list filters: how one filter value becomes a predicate.

A condition says which placeholders it needs and how the client's value is turned into what
PostgreSQL gets. Whether a condition is present shapes the statement; its value never does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, Boolean, ColumnElement, Text, any_, bindparam, or_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine, Uuid

from datasources.base import is_uuid

__all__ = ["Condition", "any_of", "at_least", "before", "contains", "equals", "flag", "matching"]

Build: TypeAlias = Callable[[BindParameter[Any]], ColumnElement[bool]]
Prepare: TypeAlias = Callable[[Any], Any]


def _unchanged(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter: a predicate over a placeholder, and the value the placeholder gets."""

    type: TypeEngine[Any]
    build: Build
    prepare: Prepare = _unchanged

    def predicate(self, name: str) -> ColumnElement[bool]:
        """The predicate, its placeholder named after the filter."""
        return self.build(bindparam(name, type_=self.type))

    def fixed(self, value: Any) -> ColumnElement[bool]:
        """The predicate of one value, its placeholder of a name of its own."""
        return self.build(bindparam(None, self.prepare(value), type_=self.type, unique=True))


def matching(type_: TypeEngine[Any], build: Build, prepare: Prepare = _unchanged) -> Condition:
    """Any predicate over one placeholder, for what the others do not cover."""
    return Condition(type_, build, _uuid_or_none if isinstance(type_, Uuid) else prepare)


def equals(column: ColumnElement[Any]) -> Condition:
    """The column has this value; a malformed id matches nothing."""
    prepare = _uuid_or_none if isinstance(column.type, Uuid) else _unchanged
    return Condition(column.type, lambda value: column == value, prepare)


def any_of(column: ColumnElement[Any]) -> Condition:
    """The column has one of these values; malformed ids match nothing."""
    prepare = _only_uuids if isinstance(column.type, Uuid) else list
    return Condition(ARRAY(column.type), lambda values: column == any_(values), prepare)


def flag(predicate: ColumnElement[bool]) -> Condition:
    """A Boolean filter: the predicate holds, or does not."""
    return Condition(Boolean(), lambda value: predicate == value)


def contains(*columns: ColumnElement[Any]) -> Condition:
    """One of the columns contains the text, ignoring case; blanks around it do not count."""
    return Condition(
        Text(),
        lambda pattern: or_(*[column.ilike(pattern, escape="\\") for column in columns]),
        _pattern,
    )


def at_least(column: ColumnElement[Any]) -> Condition:
    """The column is this or later: the included start of a span."""
    return Condition(column.type, lambda value: column >= value)


def before(column: ColumnElement[Any]) -> Condition:
    """The column is earlier than this: the excluded end of a span."""
    return Condition(column.type, lambda value: column < value)


def _pattern(text: str) -> str:
    escaped = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _uuid_or_none(value: str) -> str | None:
    return value if is_uuid(value) else None


def _only_uuids(values: list[str]) -> list[str]:
    return [value for value in values if is_uuid(value)]

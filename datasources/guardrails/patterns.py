"""Patterns of an account and of the platform, as the addressed account uses them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, Select, Text, any_, case, func, or_, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Boolean

from auth.caller import Caller
from datasources.base import Database
from datasources.conditions import contains, flag, matching
from datasources.derived import Value
from datasources.expressions import word
from datasources.guardrails.rows import PatternRow
from datasources.guardrails.tables import patterns, switches
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import Many, One
from datasources.tables import accounts

__all__ = [
    "account_patterns",
    "pattern_counts",
    "patterns_by_id",
    "patterns_in_account",
    "patterns_of_platform",
    "patterns_used",
    "platform_patterns",
]

_SEVERITIES = ("low", "medium", "high", "critical")
_severity: ColumnElement[str] = func.coalesce(patterns.c.severity, word("medium"), type_=Text())
_rank: ColumnElement[int] = sql_cast(
    case(*[(_severity == word(name), i) for i, name in enumerate(_SEVERITIES)], else_=0), Integer
)
_is_used: ColumnElement[bool] = func.coalesce(
    switches.c.is_enabled, patterns.c.enabled, type_=Boolean()
)


def _columns(is_enabled: ColumnElement[bool]) -> list[ColumnElement[Any]]:
    row = patterns.c
    return [
        row.id,
        row.account_id,
        func.upper(row.guard_type, type_=Text()).label("guard"),
        row.pattern_name.label("name"),
        row.pattern_regex.label("regex"),
        func.upper(row.pattern_type, type_=Text()).label("type"),
        func.upper(row.action, type_=Text()).label("action"),
        func.upper(_severity, type_=Text()).label("severity"),
        row.category,
        row.description,
        is_enabled.label("is_enabled"),
        row.created_at,
        row.updated_at,
        row.created_by,
        row.updated_by,
        func.lower(row.pattern_name, type_=Text()).label("sort_name"),
        _rank.label("rank"),
    ]


_SEEN = accounts.join(
    patterns,
    or_(patterns.c.account_id == accounts.c.account_id, patterns.c.account_id.is_(None)),
).outerjoin(
    switches,
    (switches.c.pattern_id == patterns.c.id)
    & (switches.c.account_id == accounts.c.account_id)
    & patterns.c.account_id.is_(None),
)
_OF_ACCOUNT: Select[Any] = select(
    *_columns(_is_used), accounts.c.account_id.label("addressed")
).select_from(_SEEN)
_OF_PLATFORM: Select[Any] = select(*_columns(patterns.c.enabled)).where(
    patterns.c.account_id.is_(None)
)
_ORDERS = {"CREATED_AT": ("created_at",), "NAME": ("sort_name",), "SEVERITY": ("rank",)}


def _words(column: ColumnElement[str]) -> Any:
    return matching(
        ARRAY(Text()),
        lambda values: column == any_(values),
        lambda values: [value.lower() for value in values],
    )


def _conditions(is_enabled: ColumnElement[bool]) -> dict[str, Any]:
    row = patterns.c
    return {
        "search": contains(row.pattern_name, row.category, row.description),
        "guards": _words(row.guard_type),
        "severities": _words(_severity),
        "is_enabled": flag(is_enabled),
        "is_platform": flag(row.account_id.is_(None)),
    }


account_patterns = Pages(
    PatternRow,
    _OF_ACCOUNT,
    parent="addressed",
    tenant="addressed",
    orders=_ORDERS,
    default=Sorting("CREATED_AT", descending=True),
    conditions=_conditions(_is_used),
)
"""The account's own patterns and the platform's."""

platform_patterns = Pages(
    PatternRow,
    _OF_PLATFORM,
    parent=None,
    tenant=None,
    orders=_ORDERS,
    default=Sorting("CREATED_AT", descending=True),
    conditions=_conditions(patterns.c.enabled),
)
"""The platform's patterns."""

patterns_in_account = One(PatternRow, _OF_ACCOUNT, key=("addressed", "id"), tenant="addressed")
"""One pattern as an account uses it, by the account's id and its own."""

patterns_used = Many(
    PatternRow,
    _OF_ACCOUNT.where(_is_used),
    key="addressed",
    tenant="addressed",
    order=("created_at", "id"),
)
"""Every enabled pattern of each account."""


class _Count(NamedTuple):
    total: int


pattern_counts = Value(
    _Count,
    select(
        accounts.c.account_id.label("account_id"),
        func.upper(patterns.c.guard_type, type_=Text()).label("guard"),
        func.count().label("total"),
    )
    .select_from(_SEEN)
    .where(_is_used)
    .group_by(accounts.c.account_id, patterns.c.guard_type),
    key=("account_id", "guard"),
    otherwise=0,
    derived=True,
)
"""How many enabled patterns a guard of an account uses, by the account's id and the guard."""

_anybodys = One(PatternRow, select(*_columns(patterns.c.enabled)), tenant=None)

patterns_of_platform = One(PatternRow, _OF_PLATFORM, tenant=None)
"""One of the platform's patterns, as it is stored."""


async def patterns_by_id(
    database: Database, caller: Caller, ids: Sequence[str]
) -> list[PatternRow | None]:
    """The patterns of these ids: as the caller's account uses them, or as they are stored."""
    if caller.spans_accounts:
        return await _anybodys(database, caller, ids)
    return await patterns_in_account(database, caller, [(caller.account_id, id) for id in ids])

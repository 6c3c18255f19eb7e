"""Budgets as a query: what production's table and our details say together.

Production's cycles end a second before the next begins and its limits may pass what was allocated;
both read here as they are meant: a cycle excludes its end, a limit is never above `allocated`. A
budget without parent hangs off the account's own budget of its cycle.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Double,
    FromClause,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
)

from datasources.budgets.rows import FiguresRow
from datasources.budgets.tables import budget_details
from datasources.expressions import word
from datasources.tables import accounts, credit_budgets, groups, teams, users

__all__ = [
    "ALERT_LEVELS",
    "BUDGET",
    "DETAILS",
    "SUBJECT_NAME",
    "alert_level",
    "budgets",
    "figures",
    "open_budgets",
    "parent_of",
    "percent",
]

ALERT_LEVELS = (None, "WARNING", "CRITICAL", "AT_LIMIT")
"""From no alert to the highest."""

BUDGET = credit_budgets.alias("budget")
DETAILS = budget_details.alias("details")
_ROOT = credit_budgets.alias("root")
_SECOND: ColumnElement[Any] = literal_column("interval '1 second'")
_NOW = func.statement_timestamp(type_=DateTime(timezone=True))


def _end() -> ColumnElement[Any]:
    """First moment after the cycle."""
    stored = BUDGET.c.cycle_end
    following = stored + _SECOND
    in_utc = func.timezone(word("UTC"), following)
    is_last_second = func.date_trunc(word("day"), in_utc) == in_utc
    meant = case((is_last_second, following), else_=stored)
    return func.coalesce(DETAILS.c.cycle_end, meant, type_=DateTime(timezone=True))


def parent_of(budget: FromClause = BUDGET) -> ColumnElement[Any]:
    """The budget that a budget's credits come from; NULL for the account's own.

    A subquery, so that statements that do not ask for it do not look for it.
    """
    own = (
        select(_ROOT.c.id)
        .where(
            budget.c.scope_type != word("account"),
            _ROOT.c.account_id == budget.c.account_id,
            _ROOT.c.scope_type == word("account"),
            _ROOT.c.cycle_start == budget.c.cycle_start,
        )
        .order_by(_ROOT.c.id)
        .limit(literal_column("1"))
        .correlate(budget)
        .scalar_subquery()
    )
    return func.coalesce(budget.c.parent_budget_id, own, type_=BUDGET.c.id.type)


_LIMIT = func.least(BUDGET.c.limit_amount, BUDGET.c.allocated, type_=BigInteger())
_SCOPE_ID = func.coalesce(DETAILS.c.scope_id, cast(BUDGET.c.scope_id, Text), type_=Text())


def percent(part: ColumnElement[Any], whole: ColumnElement[Any]) -> ColumnElement[float]:
    """A share in percent, to two places; 0 of nothing."""
    share = func.round(cast(part, BigInteger) * literal_column("100.0") / whole, 2)
    return cast(case((whole > 0, share), else_=literal_column("0")), Double)


def alert_level() -> ColumnElement[str | None]:
    """How close use is to the limit, as `BudgetRow.alert_level` says in Python."""
    used, has_limit = cast(BUDGET.c.used, BigInteger), _LIMIT > 0
    return case(
        (BUDGET.c.overflow_used > 0, word("AT_LIMIT")),
        (and_(has_limit, used >= _LIMIT), word("AT_LIMIT")),
        (and_(has_limit, used * 100 >= _LIMIT * 95), word("CRITICAL")),
        (and_(has_limit, used * 100 >= _LIMIT * 80), word("WARNING")),
    )


def _detail(name: str) -> ColumnElement[int]:
    return func.coalesce(DETAILS.c[name], literal_column("0"), type_=BigInteger())


def _remaining() -> ColumnElement[int]:
    """What can still be used within the limit, as `BudgetRow.remaining` says in Python."""
    left = _LIMIT - cast(BUDGET.c.used, BigInteger) - _detail("reserved")
    return func.greatest(literal_column("0"), left, type_=BigInteger())


def _subject_name() -> ColumnElement[str]:
    """Name of who the credits are for, to search in."""
    named = [
        select(table.c.name)
        .where(table.c.id == BUDGET.c.scope_id, table.c.account_id == BUDGET.c.account_id)
        .scalar_subquery()
        for table in (users, groups, teams)
    ]
    account = (
        select(accounts.c.account_name)
        .where(accounts.c.account_id == BUDGET.c.account_id)
        .scalar_subquery()
    )
    own = case((BUDGET.c.scope_type == word("account"), account))
    return func.coalesce(*named, own, type_=Text())


SUBJECT_NAME = _subject_name()


def _origin() -> FromClause:
    """Budgets with their details."""
    of_budget = and_(
        DETAILS.c.budget_id == BUDGET.c.id, DETAILS.c.account_id == BUDGET.c.account_id
    )
    return BUDGET.outerjoin(DETAILS, of_budget)


def figures() -> Select[Any]:
    """What of budgets changes with their use, while nothing that decides about access does.

    PERF: bench/access; whatever else there is to know of a budget is known from when it was read
    last, and to work it out again takes PostgreSQL longer than to read this.
    """
    return select(
        BUDGET.c.id,
        BUDGET.c.account_id,
        *[each for each in _amounts() if each.name in FiguresRow._fields],
        BUDGET.c.updated_at,
    ).select_from(_origin())


def _amounts() -> list[ColumnElement[Any]]:
    return [
        cast(BUDGET.c.allocated, BigInteger).label("allocated"),
        _LIMIT.label("limit"),
        cast(BUDGET.c.used, BigInteger).label("used"),
        _detail("reserved").label("reserved"),
        cast(BUDGET.c.overflow_cap, BigInteger).label("overflow_cap"),
        cast(BUDGET.c.overflow_used, BigInteger).label("overflow_used"),
        _detail("reserved_overflow").label("reserved_overflow"),
        _detail("pooled").label("pooled"),
        _detail("rolled_over").label("rolled_over"),
        _detail("overflow_charged").label("overflow_charged"),
    ]


def budgets() -> Select[Any]:
    """Every budget, those that were closed included."""
    end = _end()
    is_closed = DETAILS.c.closed_at.is_not(None)
    is_active = and_(BUDGET.c.cycle_start <= _NOW, end > _NOW, ~is_closed)
    return select(
        BUDGET.c.id,
        BUDGET.c.account_id,
        func.upper(BUDGET.c.scope_type, type_=Text()).label("scope_type"),
        _SCOPE_ID.label("scope_id"),
        BUDGET.c.budget_plan_id.label("plan_id"),
        parent_of().label("parent_id"),
        BUDGET.c.cycle_start,
        end.label("cycle_end"),
        cast(is_active, Boolean).label("is_active"),
        func.upper(BUDGET.c.allocation_strategy, type_=Text()).label("strategy"),
        *_amounts(),
        cast(is_closed, Boolean).label("is_closed"),
        BUDGET.c.created_at,
        BUDGET.c.updated_at,
        _remaining().label("remaining"),
        (BUDGET.c.overflow_used > 0).label("has_overflow"),
        percent(BUDGET.c.used, _LIMIT).label("usage_percent"),
        alert_level().label("alert_level"),
    ).select_from(_origin())


def open_budgets() -> Select[Any]:
    """Every budget that was not closed."""
    return budgets().where(DETAILS.c.closed_at.is_(None))

"""Which accounts a list or a change of many is about: the conditions clients may state."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    Text,
    and_,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
    select,
)

from datasources.access_tables import model_lists
from datasources.conditions import Condition, any_of, at_least, before, contains
from datasources.entitlement_documents import written
from datasources.expressions import word
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.references import AccountRef
from datasources.tables import accounts, credit_budgets

__all__ = [
    "ACCOUNT_CONDITIONS",
    "account_status",
    "of_own_budget",
    "selected_accounts",
    "used",
    "used_percent",
]


account_status = case(
    (func.lower(func.btrim(accounts.c.status)) == word("active"), word("ACTIVE")),
    else_=word("SUSPENDED"),
)
"""Stored statuses are free text; only one of them means that the account is in use."""


def of_own_budget(figure: ColumnElement[Any]) -> ColumnElement[Any]:
    """A figure of the account's own budget in the running cycle; NULL when there is none."""
    budgets = credit_budgets.c
    return (
        select(figure)
        .where(
            budgets.account_id == accounts.c.account_id,
            budgets.scope_type == word("account"),
            cast(budgets.scope_id, Text) == func.lower(accounts.c.account_id),
            budgets.cycle_start <= func.now(),
            budgets.cycle_end > func.now(),
        )
        .order_by(budgets.cycle_start.desc(), budgets.updated_at.desc())
        .limit(literal_column("1"))
        .correlate(accounts)
        .scalar_subquery()
    )


_limit = credit_budgets.c.limit_amount
used = credit_budgets.c.used
used_percent = case(
    (_limit > literal_column("0"), cast(used, Double) * literal_column("100") / _limit),
    else_=literal_column("0.0::float8"),
)
_alert_level = case(
    (
        or_(
            credit_budgets.c.overflow_used > literal_column("0"),
            and_(_limit > literal_column("0"), used >= _limit),
        ),
        word("AT_LIMIT"),
    ),
    (used_percent >= literal_column("95"), word("CRITICAL")),
    (used_percent >= literal_column("80"), word("WARNING")),
    else_=null(),
)

_grant = func.coalesce(
    written("copilot_model_super_allowlist"),
    literal_column("'[]'::jsonb"),
)
_written_mode = case(
    (
        and_(
            func.jsonb_typeof(_grant) == word("array"),
            _grant != literal_column("'[]'::jsonb"),
        ),
        word("LIST"),
    ),
    else_=word("ALL"),
)
"""A list of the document that is empty, or none, grants everything."""
_stored_mode = (
    select(model_lists.c.mode)
    .where(model_lists.c.account_id == accounts.c.account_id)
    .where(model_lists.c.layer == word("GRANT"))
    .correlate(accounts)
    .scalar_subquery()
)
_model_mode = func.coalesce(_stored_mode, _written_mode, type_=Text())

ACCOUNT_CONDITIONS: dict[str, Condition] = {
    "search": contains(accounts.c.account_name, accounts.c.account_alias, accounts.c.domain),
    "ids": any_of(accounts.c.account_id),
    "statuses": any_of(account_status),
    "model_modes": any_of(_model_mode),
    "alert_levels": any_of(of_own_budget(_alert_level)),
    "created_at_from": at_least(accounts.c.created_at),
    "created_at_to": before(accounts.c.created_at),
}

selected_accounts = Pages(
    AccountRef,
    select(accounts.c.account_id.label("id")),
    parent=None,
    tenant="id",
    orders={"ID": ("id",)},
    default=Sorting("ID"),
    conditions=ACCOUNT_CONDITIONS,
)
"""The accounts that meet conditions, by their ids, for changes of many."""

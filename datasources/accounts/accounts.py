"""Reads of accounts: by id, and the list of all of them."""

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

from datasources.accounts.documents import json_object, text_at
from datasources.accounts.rows import AccountRow
from datasources.conditions import any_of, at_least, before, contains
from datasources.expressions import word
from datasources.pages import Pages, Sorting
from datasources.reads import One
from datasources.tables import accounts, credit_budgets

__all__ = ["account_status", "accounts_by_id", "all_accounts", "identity_organization_id"]


account_status = case(
    (func.lower(func.btrim(accounts.c.status)) == word("active"), word("ACTIVE")),
    else_=word("SUSPENDED"),
)
"""Stored statuses are free text; only one of them means that the account is in use."""

_metadata = json_object(accounts.c.metadata)
identity_organization_id = text_at(_metadata, "auth_org_id")


def _of_own_budget(figure: ColumnElement[Any]) -> ColumnElement[Any]:
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
_used = credit_budgets.c.used
_used_percent = case(
    (_limit > literal_column("0"), cast(_used, Double) * literal_column("100") / _limit),
    else_=literal_column("0.0::float8"),
)
_alert_level = case(
    (
        or_(
            credit_budgets.c.overflow_used > literal_column("0"),
            and_(_limit > literal_column("0"), _used >= _limit),
        ),
        word("AT_LIMIT"),
    ),
    (_used_percent >= literal_column("95"), word("CRITICAL")),
    (_used_percent >= literal_column("80"), word("WARNING")),
    else_=null(),
)

_grant = func.coalesce(
    _metadata.op("#>")(word("{entitlements,copilot_model_super_allowlist}")),
    literal_column("'[]'::jsonb"),
)
_model_mode = case(
    (
        and_(
            func.jsonb_typeof(_grant) == word("array"),
            _grant != literal_column("'[]'::jsonb"),
        ),
        word("LIST"),
    ),
    else_=word("ALL"),
)
"""A stored list that is empty, or none, grants everything."""

_accounts = select(
    accounts.c.account_id.label("id"),
    accounts.c.account_name.label("name"),
    accounts.c.account_alias.label("alias"),
    func.nullif(func.lower(func.btrim(accounts.c.domain)), word("")).label("domain"),
    account_status.label("status"),
    identity_organization_id.label("identity_organization_id"),
    accounts.c.max_budget,
    accounts.c.spend,
    accounts.c.created_by,
    accounts.c.created_at,
    accounts.c.updated_at,
    func.coalesce(_of_own_budget(_used), literal_column("0")).label("used"),
    func.coalesce(_of_own_budget(_used_percent), literal_column("0.0::float8")).label(
        "used_percent"
    ),
)

accounts_by_id = One(AccountRow, _accounts, tenant="id")
"""Accounts by their ids."""

all_accounts = Pages(
    AccountRow,
    _accounts,
    parent=None,
    tenant="id",
    orders={
        "CREATED_AT": ("created_at",),
        "NAME": ("name",),
        "STATUS": ("status",),
        "USED": ("used",),
        "USAGE_PERCENT": ("used_percent",),
    },
    default=Sorting("CREATED_AT", descending=True),
    conditions={
        "search": contains(accounts.c.account_name, accounts.c.account_alias, accounts.c.domain),
        "ids": any_of(accounts.c.account_id),
        "statuses": any_of(account_status),
        "model_modes": any_of(_model_mode),
        "alert_levels": any_of(_of_own_budget(_alert_level)),
        "created_at_from": at_least(accounts.c.created_at),
        "created_at_to": before(accounts.c.created_at),
    },
)
"""The accounts the caller reaches; for super admins, all."""

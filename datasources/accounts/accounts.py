"""Reads of accounts: by id, and the list of all of them."""

from __future__ import annotations

from sqlalchemy import func, literal_column, select

from datasources.account_selection import (
    ACCOUNT_CONDITIONS,
    account_status,
    of_own_budget,
    used,
    used_percent,
)
from datasources.accounts.documents import text_at
from datasources.accounts.rows import AccountRow
from datasources.documents import object_of
from datasources.expressions import word
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import One
from datasources.tables import accounts

__all__ = ["accounts_by_id", "all_accounts", "identity_organization_id"]

_metadata = object_of(accounts.c.metadata)
identity_organization_id = text_at(_metadata, "auth_org_id")

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
    func.coalesce(of_own_budget(used), literal_column("0")).label("used"),
    func.coalesce(of_own_budget(used_percent), literal_column("0.0::float8")).label("used_percent"),
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
    conditions=ACCOUNT_CONDITIONS,
)
"""The accounts the caller reaches; for super admins, all."""

"""Integrations as accounts see them: the active entries, and which of them are enabled.

While an account has no row of its own, what its document lists counts.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import FromClause, Select, Text, any_, bindparam, case, cast, func, select, true
from sqlalchemy import update as sql_update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from auth.caller import Caller
from auth.policy import sees_whole_account
from datasources.base import (
    TENANT,
    Database,
    Statement,
    in_account,
    is_uuid,
    tenant_values,
)
from datasources.conditions import flag
from datasources.connectors.integrations import search_in_catalogue, sort_name
from datasources.connectors.tables import integration_lists, integrations
from datasources.entitlement_documents import listed, with_entitlements, written
from datasources.expressions import word
from datasources.pages import Pages
from datasources.paging import Page, PageRequest, Sorting
from datasources.tables import accounts

__all__ = [
    "AccountIntegrationRow",
    "account_integrations",
    "enabled_account_counts",
    "enabled_integrations",
    "listed_integrations",
    "store_enabled",
    "strike_integration",
]

_KEY = "copilot_enabled_integrations"


class AccountIntegrationRow(NamedTuple):
    """An integration as one account sees it."""

    account_id: str
    integration_id: str
    is_enabled: bool


_listing = accounts.outerjoin(
    integration_lists, integration_lists.c.account_id == accounts.c.account_id
)
_ids = case(
    (
        integration_lists.c.account_id.is_not(None),
        func.to_jsonb(integration_lists.c.integration_ids, type_=JSONB()),
    ),
    else_=listed(_KEY),
)
"""What an account has enabled, as a JSON array."""


def _enabled() -> FromClause:
    """What an account has enabled, worked out once an account rather than once an entry."""
    return (
        select(_ids.label("ids"))
        .correlate(accounts, integration_lists)
        .offset(0)
        .lateral("enabled")
    )


_enabled_ids = _enabled()
_is_enabled = _enabled_ids.c.ids.op("?")(cast(integrations.c.id, Text))


def _offers() -> Select[Any]:
    return (
        select(
            accounts.c.account_id,
            integrations.c.id,
            integrations.c.id.label("integration_id"),
            _is_enabled.label("is_enabled"),
            sort_name,
        )
        .select_from(_listing.join(_enabled_ids, true()).join(integrations, true()))
        .where(integrations.c.is_active)
    )


def _pages(source: Select[Any]) -> Pages[AccountIntegrationRow]:
    return Pages(
        AccountIntegrationRow,
        source,
        orders={"NAME": ("sort_name",)},
        default=Sorting("NAME"),
        conditions={"search": search_in_catalogue(), "is_enabled": flag(_is_enabled)},
    )


class _AsSeen:
    """The active catalogue; who does not see the whole account sees what is enabled."""

    def __init__(self) -> None:
        self._all, self._enabled = _pages(_offers()), _pages(_offers().where(_is_enabled))
        self.row: type[AccountIntegrationRow] = self._all.row
        self.orders = self._all.orders
        self.default = self._all.default
        self.conditions = self._all.conditions

    async def read(
        self, database: Database, caller: Caller, request: PageRequest, parents: Sequence[Hashable]
    ) -> list[Page[AccountIntegrationRow]]:
        """One page for each account, in the order of the accounts. Raises `BadCursor`."""
        return await self._of(caller).read(database, caller, request, parents)

    async def count(
        self,
        database: Database,
        caller: Caller,
        filters: tuple[tuple[str, Hashable], ...],
        parents: Sequence[Hashable],
    ) -> list[int]:
        """How many match for each account, in the order of the accounts."""
        return await self._of(caller).count(database, caller, filters, parents)

    def _of(self, caller: Caller) -> Pages[AccountIntegrationRow]:
        return self._all if sees_whole_account(caller) else self._enabled


account_integrations = _AsSeen()
"""Integrations as an account's callers see them."""

_offered = _offers().where(_is_enabled, in_account(accounts)).subquery("offered")
_ENABLED = Statement(
    select(*[_offered.c[name] for name in AccountIntegrationRow._fields]).order_by(
        _offered.c.sort_name, _offered.c.id
    )
)


async def enabled_integrations(database: Database, caller: Caller) -> list[AccountIntegrationRow]:
    """What the caller's account has enabled of the active catalogue, by name."""
    records = await database.fetch(_ENABLED, **tenant_values(caller))
    return [AccountIntegrationRow._make(record) for record in records]


_LISTED = Statement(select(_ids).select_from(_listing).where(in_account(accounts)))


async def listed_integrations(database: Database, caller: Caller) -> list[str]:
    """The ids on the list of the caller's account, those out of use or gone among them."""
    record = await database.fetchrow(_LISTED, **tenant_values(caller))
    return [] if record is None else [str(id) for id in record[0]]


_each = (
    func.jsonb_array_elements_text(_enabled_ids.c.ids)
    .table_valued("id", name="each")
    .render_derived()
)
_COUNTS = Statement(
    select(_each.c.id, func.count(accounts.c.account_id.distinct()))
    .select_from(_listing.join(_enabled_ids, true()).join(_each, true()))
    .where(_each.c.id == any_(bindparam("ids", type_=ARRAY(Text()))))
    .group_by(_each.c.id)
)


async def enabled_account_counts(
    database: Database, caller: Caller, ids: Sequence[Hashable]
) -> list[int | None]:
    """How many accounts have enabled each entry; None for who does not span accounts."""
    if not caller.spans_accounts:
        return [None] * len(ids)
    records = await database.fetch(_COUNTS, ids=[str(id) for id in ids])
    counts = {record[0]: record[1] for record in records}
    return [counts.get(id, 0) for id in ids]


# --- writes -------------------------------------------------------------------------------------

_given = bindparam("ids", type_=ARRAY(Text()))
_values = {"integration_ids": _given, "updated_by": bindparam("author", type_=Text())}
_PUT = Statement(
    insert(integration_lists)
    .values(account_id=bindparam(TENANT, type_=Text()), **_values)
    .on_conflict_do_update(
        index_elements=["account_id"], set_={**_values, "updated_at": func.now()}
    )
)
_MIRROR = Statement(
    sql_update(accounts)
    .where(in_account(accounts))
    .values(with_entitlements(func.jsonb_build_object(word(_KEY), func.to_jsonb(_given))))
)
_struck = bindparam("id", type_=Text())
_STRIKE = Statement(
    sql_update(integration_lists)
    .where(_struck == any_(integration_lists.c.integration_ids))
    .values(integration_ids=func.array_remove(integration_lists.c.integration_ids, _struck))
)
_STRIKE_WRITTEN = Statement(
    sql_update(accounts)
    .where(listed(_KEY).op("?")(_struck))
    .values(
        with_entitlements(
            func.jsonb_build_object(word(_KEY), written(_KEY).op("-", return_type=JSONB())(_struck))
        )
    )
)


async def store_enabled(database: Database, caller: Caller, ids: Sequence[str]) -> None:
    """Store what the caller's account has enabled, in its row and in its document."""
    await database.execute(_PUT, ids=list(ids), author=caller.id, **tenant_values(caller))
    await database.execute(_MIRROR, ids=list(ids), **tenant_values(caller))


async def strike_integration(database: Database, id: str) -> int:
    """Take an entry off every account's list; how many had it."""
    if not is_uuid(id):
        return 0
    rows = await database.execute(_STRIKE, id=id)
    return max(rows, await database.execute(_STRIKE_WRITTEN, id=id))

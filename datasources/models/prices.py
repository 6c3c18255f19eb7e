"""What resources other than models cost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, DateTime, Select, or_, select

from auth.caller import Caller
from datasources.base import Database
from datasources.conditions import Condition, any_of
from datasources.models.tables import resource_prices
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import One
from datasources.tables import accounts

__all__ = ["PriceRow", "account_prices", "all_prices", "prices_by_id"]


class PriceRow(NamedTuple):
    """What a resource costs, from a moment on."""

    id: str
    account_id: str | None
    resource_type: str
    unit: str
    amount: Decimal
    currency: str
    description: str | None
    effective_from_at: datetime
    effective_to_at: datetime | None


_of = resource_prices.c


def _columns() -> list[ColumnElement[Any]]:
    return [
        _of.id,
        _of.account_id,
        _of.resource_type,
        _of.unit,
        _of.price.label("amount"),
        _of.currency,
        _of.description,
        _of.effective_from.label("effective_from_at"),
        _of.effective_to.label("effective_to_at"),
    ]


_OF_ACCOUNT: Select[Any] = select(*_columns(), accounts.c.account_id.label("addressed")).join_from(
    accounts,
    resource_prices,
    or_(_of.account_id == accounts.c.account_id, _of.account_id.is_(None)),
)
_ORDERS = {"EFFECTIVE_FROM_AT": ("effective_from_at",)}
_NEWEST = Sorting("EFFECTIVE_FROM_AT", descending=True)
_CONDITIONS = {
    "resource_types": any_of(_of.resource_type),
    "at": Condition(
        DateTime(timezone=True),
        lambda moment: (
            (_of.effective_from <= moment)
            & (_of.effective_to.is_(None) | (_of.effective_to > moment))
        ),
    ),
}

account_prices = Pages(
    PriceRow,
    _OF_ACCOUNT,
    parent="addressed",
    tenant="addressed",
    orders=_ORDERS,
    default=_NEWEST,
    conditions=_CONDITIONS,
)
"""Prices that apply to an account: its own and every account's."""

all_prices = Pages(
    PriceRow,
    select(*_columns()),
    parent=None,
    tenant=None,
    orders=_ORDERS,
    default=_NEWEST,
    conditions=_CONDITIONS,
)
"""Prices of the platform and of all accounts."""

_in_account = One(PriceRow, _OF_ACCOUNT, key=("addressed", "id"), tenant="addressed")
_anybodys = One(PriceRow, select(*_columns()), tenant=None)


async def prices_by_id(
    database: Database, caller: Caller, ids: Sequence[str]
) -> list[PriceRow | None]:
    """The prices of these ids that apply to the caller's account; any, for who spans accounts."""
    if caller.spans_accounts:
        return await _anybodys(database, caller, ids)
    return await _in_account(database, caller, [(caller.account_id, id) for id in ids])

"""Subscriptions of accounts: reading them by id and as lists, and writing them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    DateTime,
    Numeric,
    Select,
    Text,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    select,
    update,
)

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, is_uuid, tenant_values
from datasources.conditions import any_of
from datasources.entitlements.subscriptions.tables import plans, subscriptions
from datasources.entitlements.subscriptions.validity import status_now
from datasources.expressions import word
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import Many, One

__all__ = [
    "SubscriptionRow",
    "SubscriptionValues",
    "account_subscriptions",
    "all_subscriptions",
    "current_subscriptions",
    "insert_subscription",
    "moment_of",
    "overlapping_base",
    "subscription_of_account",
    "subscriptions_by_id",
    "update_subscription",
]


class SubscriptionRow(NamedTuple):
    """An account's subscription to a plan."""

    id: str
    account_id: str
    plan_id: str
    quantity: int
    billing_period: str
    unit_price: Decimal
    price_amount: Decimal
    """The unit price times units."""
    currency: str
    limits: Any
    """What it was granted by: the plan's limits at that time."""
    status: str
    start_at: datetime
    trial_end_at: datetime | None
    end_at: datetime | None
    cancelled_at: datetime | None
    external_id: str | None
    payment: Any
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    updated_by: str | None

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or never began."""
        return self.status in {"CANCELLED", "EXPIRED"}


_of = subscriptions.c
_STATUS = status_now()
_OPEN = cast(literal_column("'infinity'"), DateTime(timezone=True))


def _subscriptions() -> Select[Any]:
    derived: dict[str, Any] = {
        "status": _STATUS,
        "price_amount": cast(_of.unit_price * _of.quantity, Numeric),
    }
    return select(
        *[
            (derived[name] if name in derived else _of[name]).label(name)
            for name in SubscriptionRow._fields
        ],
        func.coalesce(_of.end_at, _OPEN, type_=DateTime(timezone=True)).label("sort_end"),
    )


_LIST: dict[str, Any] = {
    "orders": {"CREATED_AT": ("created_at",), "START_AT": ("start_at",), "END_AT": ("sort_end",)},
    "default": Sorting("CREATED_AT", descending=True),
    "conditions": {
        "plan_ids": any_of(_of.plan_id),
        "statuses": any_of(_STATUS),
        "account_ids": any_of(_of.account_id),
    },
}

subscriptions_by_id = One(SubscriptionRow, _subscriptions())
subscription_of_account = One(SubscriptionRow, _subscriptions(), key=("account_id", "id"))
current_subscriptions = Many(
    SubscriptionRow,
    _subscriptions()
    .add_columns(plans.c.kind.label("plan_kind"))
    .select_from(subscriptions.join(plans, plans.c.id == _of.plan_id))
    .where(_STATUS.not_in([word("CANCELLED"), word("EXPIRED")])),
    key=("account_id", "plan_kind"),
    order=("start_at", "id"),
)
"""Those to plans of a kind that run or will, the first to begin first."""
account_subscriptions = Pages(SubscriptionRow, _subscriptions(), **_LIST)
all_subscriptions = Pages(SubscriptionRow, _subscriptions(), parent=None, **_LIST)
"""The subscriptions of every account the caller reaches."""


# --- writes -------------------------------------------------------------------------------------


class SubscriptionValues(NamedTuple):
    """What is stored of a subscription and may change; whose it is and since when may not."""

    plan_id: str
    quantity: int
    billing_period: str
    unit_price: Decimal
    currency: str
    limits: Mapping[str, Any]
    end_at: datetime | None
    cancelled_at: datetime | None
    external_id: str | None
    payment: Any


def _moment(name: str) -> Any:
    return bindparam(name, type_=DateTime(timezone=True))


_author, _here = bindparam("author", type_=Text()), bindparam(TENANT, type_=Text())
_given = {name: bindparam(name, type_=_of[name].type) for name in SubscriptionValues._fields}
_id = bindparam("row_id", type_=_of.id.type)
_INSERT = Statement(
    insert(subscriptions)
    .values(
        account_id=_here,
        start_at=_moment("start_at"),
        trial_end_at=_moment("trial_end_at"),
        created_by=_author,
        updated_by=_author,
        **_given,
    )
    .returning(_of.id)
)
_UPDATE = Statement(
    update(subscriptions)
    .where(in_account(subscriptions), _of.id == _id)
    .values(updated_by=_author, updated_at=func.now(), **_given)
)
_start, _end = _moment("start_at"), _moment("end_at")
_until = func.coalesce(_end, _OPEN)
_OVERLAPPING = Statement(
    select(_of.id)
    .join(plans, plans.c.id == _of.plan_id)
    .where(
        in_account(subscriptions),
        plans.c.kind == literal_column("'BASE'"),
        _of.id.is_distinct_from(_id),
        _of.start_at < _until,
        func.coalesce(_of.end_at, _OPEN) > func.greatest(_start, _of.start_at),
    )
    .limit(literal_column("1"))
)


_NOW = Statement(select(func.now()))


async def moment_of(database: Database) -> datetime:
    """When the transaction began, which all it reads takes for now."""
    record = await database.fetchrow(_NOW)
    if record is None:
        raise LookupError("A query without condition answers a row.")
    moment: datetime = record[0]
    return moment


async def insert_subscription(
    database: Database,
    caller: Caller,
    start_at: datetime,
    trial_end_at: datetime | None,
    values: SubscriptionValues,
) -> str:
    """Store a new subscription of the caller's account; its id."""
    span = {"start_at": start_at, "trial_end_at": trial_end_at}
    record = await database.fetchrow(
        _INSERT, author=caller.id, **span, **values._asdict(), **tenant_values(caller)
    )
    if record is None:
        raise LookupError("An insert answers its row.")
    return str(record[0])


async def update_subscription(
    database: Database, caller: Caller, id: str, values: SubscriptionValues
) -> None:
    """Store all of a subscription that may change."""
    if is_uuid(id):
        here = tenant_values(caller)
        await database.execute(_UPDATE, author=caller.id, row_id=id, **values._asdict(), **here)


async def overlapping_base(
    database: Database,
    caller: Caller,
    start_at: datetime,
    end_at: datetime | None,
    *,
    beside: str | None = None,
) -> bool:
    """Whether a BASE subscription of the account, other than `beside`, counts within a span."""
    span = {"start_at": start_at, "end_at": end_at, "row_id": beside}
    found = await database.fetchrow(_OVERLAPPING, **span, **tenant_values(caller))
    return found is not None

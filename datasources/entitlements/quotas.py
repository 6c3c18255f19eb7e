"""Quotas as they stand now: a period that is over has been followed by the next one.

Nothing runs when a period ends. Reads work out the period that has begun since, and the first
write after the end stores it and keeps the figures of the one that is over.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Double,
    Numeric,
    Select,
    Text,
    Uuid,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.types import TypeEngine

from auth.caller import Caller
from datasources.access_tables import quota_periods, quotas
from datasources.base import TENANT, Database, Statement, in_account, is_uuid, tenant_values
from datasources.conditions import any_of, equals
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import Many, One

__all__ = [
    "QuotaRow",
    "account_quotas",
    "active_quotas",
    "delete_quota",
    "insert_quota",
    "lock_quotas",
    "put_quota",
    "quotas_by_id",
    "quotas_of_account",
    "quotas_of_subscription",
    "was_used",
]


class QuotaRow(NamedTuple):
    """What an account may consume in the period under way."""

    id: str
    account_id: str
    feature_code: str | None
    unit: str
    included: Decimal
    rolled_over: Decimal
    used: Decimal
    available: Decimal
    overage_limit: Decimal
    overage_used: Decimal
    usage_percent: float
    reset: str
    rollover_cap: Decimal
    period_start_at: datetime
    period_end_at: datetime
    is_active: bool
    created_at: datetime
    updated_at: datetime
    subscription_id: str | None = None
    valid_until_at: datetime | None = None
    """When it counts no longer, whatever its period; None for open end."""

    @property
    def has_begun(self) -> bool:
        """Whether its period has begun."""
        return self.period_start_at <= datetime.now(UTC)

    @property
    def has_ended(self) -> bool:
        """Whether it counts no longer, whatever its period."""
        return self.valid_until_at is not None and self.valid_until_at <= datetime.now(UTC)

    @property
    def overage_left(self) -> Decimal:
        """What may still be used beyond what is available."""
        return max(Decimal(0), self.overage_limit - self.overage_used)


# What is left moves on with every period that passes, up to the cap; whole periods that nobody
# used add what they included. Months are counted in UTC, from the end of the stored period.
_CURRENT = """
SELECT stored.id, account_id, subscription_id, feature_code, unit, included, overage_limit, reset,
    rollover_cap, is_active AND (valid_until IS NULL OR valid_until > now()) AS is_active,
    valid_until AS valid_until_at, created_at, updated_at,
    CASE WHEN is_over THEN least(rollover_cap, unused + passed * included) ELSE rolled_over END
        AS rolled_over,
    CASE WHEN is_over THEN 0 ELSE used END AS used,
    CASE WHEN is_over THEN 0 ELSE overage_used END AS overage_used,
    CASE WHEN is_over THEN (ended + make_interval(months => months * passed)) AT TIME ZONE 'UTC'
        ELSE period_start END AS period_start_at,
    CASE WHEN is_over
        THEN (ended + make_interval(months => months * (passed + 1))) AT TIME ZONE 'UTC'
        ELSE period_end END AS period_end_at
FROM gateway.quotas AS stored
CROSS JOIN LATERAL (SELECT reset <> 'NEVER' AND period_end <= now() AS is_over,
    now() AT TIME ZONE 'UTC' AS present, period_end AT TIME ZONE 'UTC' AS ended,
    CASE reset WHEN 'MONTHLY' THEN 1 WHEN 'QUARTERLY' THEN 3 ELSE 12 END AS months,
    greatest(included + rolled_over - used, 0) AS unused) AS period
CROSS JOIN LATERAL (SELECT age(present, ended) AS since) AS elapsed
CROSS JOIN LATERAL (SELECT CAST(floor(
    (extract(year FROM since) * 12 + extract(month FROM since)) / months) AS int) AS whole) AS steps
CROSS JOIN LATERAL (SELECT whole + CASE
    WHEN ended + make_interval(months => months * (whole + 1)) <= present THEN 1 ELSE 0 END
    AS passed) AS counted
"""

_of = (
    text(_CURRENT)
    .columns(
        Column("id", Uuid(as_uuid=False)),
        Column("account_id", Text),
        Column("subscription_id", Uuid(as_uuid=False)),
        *[Column(name, Text) for name in ("feature_code", "unit")],
        *[Column(name, Numeric) for name in ("included", "overage_limit")],
        Column("reset", Text),
        Column("rollover_cap", Numeric),
        Column("is_active", Boolean),
        *[
            Column(name, DateTime(timezone=True))
            for name in ("valid_until_at", "created_at", "updated_at")
        ],
        *[Column(name, Numeric) for name in ("rolled_over", "used", "overage_used")],
        *[Column(name, DateTime(timezone=True)) for name in ("period_start_at", "period_end_at")],
    )
    .subquery("quota")
    .c
)


def _rows() -> Select[Any]:
    whole = _of.included + _of.rolled_over
    share = func.round(_of.used * 100 / func.nullif(whole, 0), 2)
    derived = {
        "available": func.greatest(whole - _of.used, 0, type_=Numeric()),
        "usage_percent": func.coalesce(share, 0).cast(Double),
        "sort_feature": func.coalesce(_of.feature_code, "", type_=Text()),
    }
    return select(*_of, *[column.label(name) for name, column in derived.items()])


quotas_by_id = One(QuotaRow, _rows())
active_quotas = Many(
    QuotaRow,
    _rows().where(_of.is_active),
    key=("account_id", "unit"),
    order=("sort_feature",),
)
"""The active quotas of a unit, that of the account as a whole first."""
quotas_of_subscription = Many(
    QuotaRow, _rows(), key=("account_id", "subscription_id"), order=("created_at", "id")
)
"""What a subscription has given, what counts no longer included."""
quotas_of_account = Many(QuotaRow, _rows(), key="account_id", order=("created_at", "id"))
account_quotas = Pages(
    QuotaRow,
    _rows(),
    orders={
        "FEATURE": ("sort_feature", "unit"),
        "CREATED_AT": ("created_at",),
        "USAGE_PERCENT": ("usage_percent",),
    },
    default=Sorting("FEATURE"),
    conditions={
        "feature_codes": any_of(_of.feature_code),
        "units": any_of(_of.unit),
        "is_active": equals(_of.is_active),
    },
)


# --- writes -------------------------------------------------------------------------------------

_id = bindparam("row_id", type_=Uuid(as_uuid=False))
_mine = (in_account(quotas), quotas.c.id == _id)
_LOCK = Statement(
    select(quotas.c.id).where(in_account(quotas)).order_by(quotas.c.id).with_for_update()
)
_STORED: dict[str, TypeEngine[Any]] = {
    "included": Numeric(),
    "rolled_over": Numeric(),
    "used": Numeric(),
    "overage_limit": Numeric(),
    "overage_used": Numeric(),
    "reset": Text(),
    "rollover_cap": Numeric(),
    "period_start": DateTime(timezone=True),
    "period_end": DateTime(timezone=True),
    "valid_until": DateTime(timezone=True),
    "is_active": Boolean(),
}
_values = {name: bindparam(name, type_=type_) for name, type_ in _STORED.items()}
_INSERT = Statement(
    insert(quotas)
    .values(
        account_id=bindparam(TENANT, type_=Text()),
        feature_code=bindparam("feature_code", type_=Text()),
        unit=bindparam("unit", type_=Text()),
        subscription_id=bindparam("subscription_id", type_=Uuid(as_uuid=False)),
        **_values,
    )
    .returning(quotas.c.id)
)
_PUT = Statement(update(quotas).where(*_mine).values(**_values, updated_at=func.now()))
_PERIOD = (
    "account_id",
    "period_start",
    "period_end",
    "included",
    "rolled_over",
    "used",
    "overage_used",
)
_KEEP_PERIOD = Statement(
    insert(quota_periods).from_select(
        ["quota_id", *_PERIOD],
        select(quotas.c.id, *[quotas.c[name] for name in _PERIOD]).where(
            *_mine,
            quotas.c.period_start < bindparam("period_start", type_=DateTime(timezone=True)),
        ),
    )
)
_DELETE = Statement(delete(quotas).where(*_mine))
_USED = Statement(
    select(quotas.c.id).where(
        *_mine,
        (quotas.c.used + quotas.c.overage_used > 0)
        | exists().where(
            quota_periods.c.quota_id == quotas.c.id,
            quota_periods.c.used + quota_periods.c.overage_used > 0,
        ),
    )
)


async def lock_quotas(database: Database, caller: Caller) -> None:
    """Let one transaction at a time change the quotas of the account."""
    await database.fetch(_LOCK, **tenant_values(caller))


def _stored(row: QuotaRow) -> dict[str, Any]:
    values = row._asdict()
    moments = ("period_start", "period_end", "valid_until")
    return {name: values[f"{name}_at"] if name in moments else values[name] for name in _STORED}


async def insert_quota(database: Database, caller: Caller, row: QuotaRow) -> str:
    """Store a new quota; its id. What the row says of id and times is not looked at."""
    record = await database.fetchrow(
        _INSERT,
        feature_code=row.feature_code,
        unit=row.unit,
        subscription_id=row.subscription_id,
        **_stored(row),
        **tenant_values(caller),
    )
    if record is None:
        raise LookupError("An insert answers its row.")
    return str(record[0])


async def put_quota(database: Database, caller: Caller, row: QuotaRow) -> None:
    """Store how a quota stands; figures of a period that is over by it are kept."""
    here = {"row_id": row.id, **tenant_values(caller)}
    await database.execute(_KEEP_PERIOD, period_start=row.period_start_at, **here)
    await database.execute(_PUT, **_stored(row), **here)


async def was_used(database: Database, caller: Caller, id: str) -> bool:
    """Whether anything was ever taken from a quota."""
    return await database.fetchrow(_USED, row_id=id, **tenant_values(caller)) is not None


async def delete_quota(database: Database, caller: Caller, id: str) -> None:
    """Remove a quota with its past periods."""
    if is_uuid(id):
        await database.execute(_DELETE, row_id=id, **tenant_values(caller))

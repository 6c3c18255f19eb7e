"""Quotas that a subscription grants: what its plan includes of a unit, times its units.

One quota counts for a feature and unit at a time. What begins later follows what is there: a quota
that counts now ends when the other begins, and one that is given now ends when a later one begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from datasources.codecs import json_object
from datasources.entitlements import quotas
from datasources.entitlements.quotas import QuotaRow, active_quotas, quotas_of_subscription
from datasources.entitlements.subscriptions.subscriptions import SubscriptionRow
from resolvers.auditing import changes
from resolvers.entitlements.periods import after as period_after
from resolvers.entitlements.quota_rows import added_quota, quota_event, seen_quota
from resolvers.entitlements.subscriptions.limits import PlanQuota, limits_of
from resolvers.entitlements.subscriptions.spans import earliest, moved
from resolvers.writing import WriteContext

__all__ = ["adjust_quotas", "give_quotas", "regrant_quotas"]

_NOTHING = Decimal(0)
_CENTURY = timedelta(days=36525)


async def give_quotas(
    context: WriteContext,
    subscription: SubscriptionRow,
    given: Iterable[PlanQuota],
    begin: datetime,
    now: datetime,
) -> None:
    """Give what a plan includes, for as many units as there are."""
    for quota in given:
        new = _new(subscription, quota, begin)
        for other in await _counting(context, new) if new.is_active else ():
            if other.period_start_at > max(begin, now):
                until = earliest(new.valid_until_at, other.period_start_at)
                new = new._replace(valid_until_at=until)
            else:
                await _end(context, other, earliest(other.valid_until_at, begin), now)
        await added_quota(context, new)


async def regrant_quotas(
    context: WriteContext,
    before: SubscriptionRow,
    after: SubscriptionRow,
    given: Iterable[PlanQuota],
    now: datetime,
) -> None:
    """Give what another plan includes, and end what it lacks; what is in both keeps its use."""
    begin = max(now, after.start_at)
    granted = _snapshot(before)
    lacking = {quota.key: quota for quota in given}
    for row in await _running(context, after):
        quota = lacking.pop(_key(row), None)
        if quota is not None:
            until = await _until(context, row, before, after, now)
            await _put(context, row, valid_until_at=until, **_terms(after, quota, row, begin))
        elif _key(row) in granted:
            await _end(context, row, begin, now)
        else:
            await _end(context, row, await _until(context, row, before, after, now), now)
    await give_quotas(context, after, lacking.values(), begin, now)


async def adjust_quotas(
    context: WriteContext, before: SubscriptionRow, after: SubscriptionRow, now: datetime
) -> None:
    """Have quotas follow the units and the end of a subscription.

    An amount that a super admin changed since is left as it is.
    """
    granted = _snapshot(before)
    for row in await _running(context, after):
        quota = granted.get(_key(row))
        if quota is not None and row.included == _included(quota, before):
            row = await _put(context, row, included=_included(quota, after))  # noqa: PLW2901 - the row as it is then
        await _end(context, row, await _until(context, row, before, after, now), now)


def _key(row: QuotaRow) -> tuple[str | None, str]:
    return row.feature_code, row.unit


def _included(quota: PlanQuota, subscription: SubscriptionRow) -> Decimal:
    """What a plan includes, times units: written without zeros that say nothing."""
    return Decimal(f"{(quota.included * subscription.quantity).normalize():f}")


def _snapshot(subscription: SubscriptionRow) -> Mapping[tuple[str | None, str], PlanQuota]:
    """What a subscription was granted, by what it counts for."""
    return {quota.key: quota for quota in limits_of(json_object(subscription.limits)).quotas}


async def _running(context: WriteContext, subscription: SubscriptionRow) -> list[QuotaRow]:
    key = (subscription.account_id, subscription.id)
    (rows,) = await quotas_of_subscription(context.database, context.caller, [key])
    return [row for row in rows if row.is_active]


async def _counting(context: WriteContext, quota: QuotaRow) -> list[QuotaRow]:
    """The other active quotas of the same feature and unit."""
    key = (quota.account_id, quota.unit)
    (rows,) = await active_quotas(context.database, context.caller, [key])
    return [row for row in rows if row.feature_code == quota.feature_code and row.id != quota.id]


async def _until(
    context: WriteContext,
    row: QuotaRow,
    before: SubscriptionRow,
    after: SubscriptionRow,
    now: datetime,
) -> datetime | None:
    """When a quota ends after its subscription's end moved: before one that follows it."""
    end = moved(row.valid_until_at, before.end_at, after.end_at)
    begins = [other.period_start_at for other in await _counting(context, row)]
    return earliest(end, *[begin for begin in begins if begin > max(now, row.period_start_at)])


def _new(subscription: SubscriptionRow, quota: PlanQuota, begin: datetime) -> QuotaRow:
    included = _included(quota, subscription)
    end = period_after(begin, quota.reset) or subscription.end_at
    # One that never starts afresh goes on as long as the subscription does.
    return QuotaRow(
        id="",
        account_id=subscription.account_id,
        feature_code=quota.feature_code,
        unit=quota.unit,
        included=included,
        rolled_over=_NOTHING,
        used=_NOTHING,
        available=included,
        overage_limit=quota.overage_limit,
        overage_used=_NOTHING,
        usage_percent=0.0,
        reset=quota.reset,
        rollover_cap=quota.rollover_cap,
        period_start_at=begin,
        period_end_at=end or begin + _CENTURY,
        is_active=not subscription.is_over,
        created_at=begin,
        updated_at=begin,
        subscription_id=subscription.id,
        valid_until_at=subscription.end_at,
    )


def _terms(
    subscription: SubscriptionRow, quota: PlanQuota, row: QuotaRow, begin: datetime
) -> dict[str, Any]:
    """What a plan says of a quota that is there."""
    end = period_after(begin, quota.reset) if row.reset == "NEVER" else None
    return {
        "included": _included(quota, subscription),
        "overage_limit": quota.overage_limit,
        "reset": quota.reset,
        "rollover_cap": quota.rollover_cap,
        "period_end_at": end or row.period_end_at,
    }


async def _end(
    context: WriteContext, row: QuotaRow, until: datetime | None, now: datetime
) -> QuotaRow:
    """Have a quota end; it counts no longer where that is now, or before it begins."""
    is_over = until is not None and until <= max(now, row.period_start_at)
    return await _put(context, row, valid_until_at=until, is_active=not is_over)


async def _put(context: WriteContext, row: QuotaRow, **values: Any) -> QuotaRow:
    changed = row._replace(**values)
    seen = changes(seen_quota(row), seen_quota(changed))
    if seen["after"]:
        await quotas.put_quota(context.database, context.caller, changed)
        await context.audit(quota_event("update", row, "A quota was changed.", seen))
    return changed

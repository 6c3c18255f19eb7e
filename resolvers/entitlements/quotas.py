"""Giving accounts quotas, and changing them: what super admins do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from datasources.entitlements import quotas
from datasources.entitlements.quotas import QuotaRow, active_quotas, quotas_by_id
from datasources.entitlements.subscriptions.subscriptions import SubscriptionRow
from datasources.feature_catalogue import features_by_code, hold_features
from datasources.limits import lock_limits
from resolvers.auditing import changes
from resolvers.entitlements.periods import after
from resolvers.entitlements.quota_rows import (
    added_quota,
    checked_amount,
    checked_unit,
    existing_quota,
    quota_event,
    seen_quota,
    stored_quota,
)
from resolvers.entitlements.subscriptions.rows import checked_subscription
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = [
    "DeletedQuota",
    "StoredQuota",
    "create_quota",
    "remove_quota",
    "reset_quota",
    "update_quota",
]

_LAST_YEAR = 9000
_NOTHING = Decimal(0)


class StoredQuota(NamedTuple):
    """A quota after a change."""

    quota: QuotaRow


class DeletedQuota(NamedTuple):
    """The quota that was removed, if there was one."""

    deleted_id: str | None


async def create_quota(context: WriteContext, *, quota: Mapping[str, Any]) -> StoredQuota:
    """Give the account a quota; the active one of its feature and unit counts no longer."""
    await hold_features(context.database)
    code = quota.get("feature_code")
    if code is not None and await context.load(features_by_code, code) is None:
        raise refuse("NOT_FOUND", f"There is no feature {code}.", "quota", "feature_code")
    await lock_limits(context.database, context.caller)
    subscription = await checked_subscription(
        context, quota.get("subscription_id"), "quota", "subscription_id"
    )
    new = _new(context, quota, subscription)
    for replaced in (
        await active_quotas(context.database, context.caller, [(context.account_id, new.unit)])
    )[0]:
        if replaced.feature_code == new.feature_code:
            await quotas.put_quota(
                context.database, context.caller, replaced._replace(is_active=False)
            )
    return StoredQuota(await added_quota(context, new))


def _new(
    context: WriteContext, given: Mapping[str, Any], subscription: SubscriptionRow | None
) -> QuotaRow:
    code, unit = given.get("feature_code"), checked_unit(given["unit"], "quota", "unit")
    start = given.get("period_start_at") or datetime.now(UTC)
    amounts = {
        name: checked_amount(given[name], "quota", name)
        for name in ("included", "overage_limit", "rollover_cap")
    }
    end = _end(start, given.get("period_end_at"), given["reset"], "quota", "period_end_at")
    return QuotaRow(
        id="",
        account_id=context.account_id,
        feature_code=code,
        unit=unit,
        rolled_over=_NOTHING,
        used=_NOTHING,
        available=amounts["included"],
        overage_used=_NOTHING,
        usage_percent=0.0,
        reset=given["reset"],
        period_start_at=start,
        period_end_at=end,
        is_active=True,
        created_at=start,
        updated_at=start,
        subscription_id=None if subscription is None else subscription.id,
        valid_until_at=None if subscription is None else subscription.end_at,
        **amounts,
    )


async def update_quota(context: WriteContext, *, id: str, **given: Any) -> StoredQuota:
    """Change what was given; what was used is changed by consuming and resetting only."""
    await lock_limits(context.database, context.caller)
    await quotas.lock_quotas(context.database, context.caller)
    before = await existing_quota(context, id, "id")
    missing = [name for name, value in given.items() if value is None]
    if missing:
        raise refuse("REQUIRED", "This cannot be empty.", missing[0])
    for name in given.keys() & {"included", "overage_limit", "rollover_cap"}:
        checked_amount(given[name], name)
    after_it = before._replace(**given)
    if after_it.period_end_at <= after_it.period_start_at:
        raise refuse("INVALID", "A period ends after it begins.", "period_end_at")
    if after_it.is_active and not before.is_active:
        if before.has_ended:
            raise refuse("INVALID_STATE", "What it belongs to is over.", "is_active")
        await _only_one(context, after_it)
    seen = changes(seen_quota(before), seen_quota(after_it))
    if not seen["after"]:
        context.changed_nothing()
        return StoredQuota(before)
    await quotas.put_quota(context.database, context.caller, after_it)
    await context.audit(quota_event("update", before, "A quota was changed.", seen))
    return StoredQuota(await stored_quota(context, id))


async def _only_one(context: WriteContext, quota: QuotaRow) -> None:
    key = (context.account_id, quota.unit)
    (others,) = await active_quotas(context.database, context.caller, [key])
    if any(other.feature_code == quota.feature_code for other in others):
        raise refuse("TAKEN", "Another quota of this feature and unit counts.", "is_active")


async def reset_quota(
    context: WriteContext,
    *,
    id: str,
    period_start_at: datetime | None = None,
    period_end_at: datetime | None = None,
    included: Decimal | None = None,
) -> StoredQuota:
    """Close the period, keep its figures, and begin the next one with what may be carried over."""
    await quotas.lock_quotas(context.database, context.caller)
    before = await existing_quota(context, id, "id")
    start = period_start_at or datetime.now(UTC)
    if start <= before.period_start_at:
        message = "The next period begins after the one under way did."
        raise refuse("INVALID", message, "period_start_at")
    # Stored first, so that a period that ended by itself is kept as well.
    await quotas.put_quota(context.database, context.caller, before)
    following = before._replace(
        included=before.included if included is None else checked_amount(included, "included"),
        rolled_over=min(before.rollover_cap, before.available),
        used=_NOTHING,
        overage_used=_NOTHING,
        period_start_at=start,
        period_end_at=_end(start, period_end_at, before.reset, "period_end_at"),
    )
    await quotas.put_quota(context.database, context.caller, following)
    seen = {"before": seen_quota(before), "after": seen_quota(following)}
    await context.audit(quota_event("reset", before, "A quota began a new period.", seen))
    return StoredQuota(await stored_quota(context, id))


async def remove_quota(context: WriteContext, *, id: str) -> DeletedQuota:
    """Remove a quota that has not been used."""
    await quotas.lock_quotas(context.database, context.caller)
    (quota,) = await quotas_by_id(context.database, context.caller, [id])
    if quota is None:
        context.changed_nothing()
        return DeletedQuota(None)
    if await quotas.was_used(context.database, context.caller, id):
        raise refuse("IN_USE", "This quota has been used; make it inactive instead.", "id")
    await quotas.delete_quota(context.database, context.caller, id)
    seen = {"before": seen_quota(quota)}
    await context.audit(quota_event("delete", quota, "A quota was removed.", seen, "warning"))
    return DeletedQuota(id)


def _end(start: datetime, given: datetime | None, reset: str, *path: str) -> datetime:
    """The end of a period: as given, or as often as it starts afresh."""
    if start.year > _LAST_YEAR:
        raise refuse("INVALID", "This is too far ahead.", *path)
    end = after(start, reset) if given is None else given
    if end is None:
        raise refuse("REQUIRED", "A quota that never starts afresh needs an end.", *path)
    if end <= start:
        raise refuse("INVALID", "A period ends after it begins.", *path)
    return end

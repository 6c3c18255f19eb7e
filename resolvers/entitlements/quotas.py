"""Quotas: what may be consumed, consuming it, and the super admin's changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from datasources.audit import AuditEvent
from datasources.entitlements import quotas
from datasources.entitlements.quotas import QuotaRow, active_quotas, quotas_by_id
from datasources.features import BY_CODE
from datasources.limits import lock_limits
from datasources.references import AccountRef
from resolvers.auditing import changes
from resolvers.base import RequestContext
from resolvers.entitlements.periods import after
from resolvers.errors import BadUserInput, refuse
from resolvers.writing import WriteContext

__all__ = [
    "CheckRow",
    "Consumed",
    "DeletedQuota",
    "StoredQuota",
    "consume_quota",
    "create_quota",
    "quota_check",
    "remove_quota",
    "reset_quota",
    "update_quota",
]

_MOST = Decimal(10) ** 15
_PLACES = -6
_LAST_YEAR = 9000
_NOTHING = Decimal(0)


class CheckRow(NamedTuple):
    """Whether an amount could be consumed."""

    is_available: bool
    remaining: Decimal
    quota: QuotaRow | None


class Consumed(NamedTuple):
    """The quota after an amount was taken from it."""

    quota: QuotaRow


class StoredQuota(NamedTuple):
    """A quota after a change."""

    quota: QuotaRow


class DeletedQuota(NamedTuple):
    """The quota that was removed, if there was one."""

    deleted_id: str | None


# --- reading and consuming ----------------------------------------------------------------------


async def quota_check(
    context: RequestContext, row: AccountRef, amount: Decimal, unit: str = "credits"
) -> CheckRow:
    """Whether an amount could be consumed now."""
    if amount <= 0:
        raise BadUserInput("An amount is above 0.")
    quota = _paying(await context.load(active_quotas, (row.id, unit)))
    if quota is None:
        return CheckRow(is_available=False, remaining=_NOTHING, quota=None)
    remaining = quota.available + quota.overage_left
    return CheckRow(remaining >= amount, remaining, quota)


def _paying(found: list[QuotaRow]) -> QuotaRow | None:
    """The quota of the account as a whole, else the only one; of several none is meant."""
    begun = [quota for quota in found if quota.has_begun]
    return begun[0] if begun and (begun[0].feature_code is None or len(begun) == 1) else None


async def consume_quota(
    context: WriteContext, *, amount: Decimal, unit: str, quota_id: str | None = None
) -> Consumed:
    """Take an amount: first what is available, the rest as overage, or nothing at all."""
    _checked_amount(amount, "amount")
    if amount == 0:
        raise refuse("INVALID", "An amount is above 0.", "amount")
    await quotas.lock_quotas(context.database, context.caller)
    quota = await _consumed_from(context, unit, quota_id)
    within = min(amount, quota.available)
    if amount - within > quota.overage_left:
        left = quota.available + quota.overage_left
        raise refuse("LIMIT_REACHED", f"{left:f} of this quota are left.", "amount")
    await quotas.put_quota(
        context.database,
        context.caller,
        quota._replace(used=quota.used + within, overage_used=quota.overage_used + amount - within),
    )
    taken = {"amount": f"{amount:f}", "overage": f"{amount - within:f}"}
    await context.audit(_event("consume", quota, "A part of a quota was used.", taken))
    return Consumed(await _stored(context, quota.id))


async def _consumed_from(context: WriteContext, unit: str, quota_id: str | None) -> QuotaRow:
    if quota_id is not None:
        quota = await _found(context, quota_id, "quota_id")
        if not (quota.is_active and quota.has_begun):
            raise refuse("INVALID_STATE", "This quota does not count now.", "quota_id")
        return quota
    found = (await active_quotas(context.database, context.caller, [(context.account_id, unit)]))[0]
    quota_of_unit = _paying(found)
    if quota_of_unit is not None:
        return quota_of_unit
    if found:
        raise refuse("REQUIRED", "Several features have a quota of this unit.", "quota_id")
    raise refuse("NOT_FOUND", "The account has no quota of this unit.", "unit")


# --- the super admin's --------------------------------------------------------------------------


async def create_quota(context: WriteContext, *, quota: Mapping[str, Any]) -> StoredQuota:
    """Give the account a quota; the active one of its feature and unit counts no longer."""
    new = _new(context, quota)
    await lock_limits(context.database, context.caller)
    for replaced in (
        await active_quotas(context.database, context.caller, [(context.account_id, new.unit)])
    )[0]:
        if replaced.feature_code == new.feature_code:
            await quotas.put_quota(
                context.database, context.caller, replaced._replace(is_active=False)
            )
    id = await quotas.insert_quota(context.database, context.caller, new)
    created = await _stored(context, id)
    seen = {"after": _seen(created)}
    await context.audit(_event("create", created, "A quota was given.", seen))
    return StoredQuota(created)


def _new(context: WriteContext, given: Mapping[str, Any]) -> QuotaRow:
    code, unit = given.get("feature_code"), given["unit"].strip()
    if code is not None and code not in BY_CODE:
        raise refuse("NOT_FOUND", f"There is no feature {code}.", "quota", "feature_code")
    if not unit or len(unit) > 64:
        raise refuse("INVALID", "A unit has 1 to 64 characters.", "quota", "unit")
    start = given.get("period_start_at") or datetime.now(UTC)
    amounts = {
        name: _checked_amount(given[name], "quota", name)
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
        **amounts,
    )


async def update_quota(context: WriteContext, *, id: str, **given: Any) -> StoredQuota:
    """Change what was given; what was used is changed by consuming and resetting only."""
    await lock_limits(context.database, context.caller)
    await quotas.lock_quotas(context.database, context.caller)
    before = await _found(context, id, "id")
    missing = [name for name, value in given.items() if value is None]
    if missing:
        raise refuse("REQUIRED", "This cannot be empty.", missing[0])
    for name in given.keys() & {"included", "overage_limit", "rollover_cap"}:
        _checked_amount(given[name], name)
    after_it = before._replace(**given)
    if after_it.period_end_at <= after_it.period_start_at:
        raise refuse("INVALID", "A period ends after it begins.", "period_end_at")
    if after_it.is_active and not before.is_active:
        await _only_one(context, after_it)
    seen = changes(_seen(before), _seen(after_it))
    if not seen["after"]:
        context.changed_nothing()
        return StoredQuota(before)
    await quotas.put_quota(context.database, context.caller, after_it)
    await context.audit(_event("update", before, "A quota was changed.", seen))
    return StoredQuota(await _stored(context, id))


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
    before = await _found(context, id, "id")
    start = period_start_at or datetime.now(UTC)
    if start <= before.period_start_at:
        message = "The next period begins after the one under way did."
        raise refuse("INVALID", message, "period_start_at")
    # Stored first, so that a period that ended by itself is kept as well.
    await quotas.put_quota(context.database, context.caller, before)
    following = before._replace(
        included=before.included if included is None else _checked_amount(included, "included"),
        rolled_over=min(before.rollover_cap, before.available),
        used=_NOTHING,
        overage_used=_NOTHING,
        period_start_at=start,
        period_end_at=_end(start, period_end_at, before.reset, "period_end_at"),
    )
    await quotas.put_quota(context.database, context.caller, following)
    seen = {"before": _seen(before), "after": _seen(following)}
    await context.audit(_event("reset", before, "A quota began a new period.", seen))
    return StoredQuota(await _stored(context, id))


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
    seen = {"before": _seen(quota)}
    await context.audit(_event("delete", quota, "A quota was removed.", seen, "warning"))
    return DeletedQuota(id)


# --- shared -------------------------------------------------------------------------------------


async def _found(context: WriteContext, id: str, *path: str) -> QuotaRow:
    (quota,) = await quotas_by_id(context.database, context.caller, [id])
    if quota is None:
        raise refuse("NOT_FOUND", "There is no such quota.", *path)
    return quota


async def _stored(context: WriteContext, id: str) -> QuotaRow:
    (quota,) = await quotas_by_id(context.database, context.caller, [id])
    if quota is None:
        raise LookupError("A quota just stored is there.")
    return quota


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


def _checked_amount(amount: Decimal, *path: str) -> Decimal:
    exponent = amount.as_tuple().exponent
    if not amount.is_finite() or not 0 <= amount <= _MOST or int(exponent) < _PLACES:
        raise refuse("INVALID", "An amount is 0 to 10^15, with up to 6 decimal places.", *path)
    return amount


def _seen(quota: QuotaRow) -> dict[str, Any]:
    return {
        "feature_code": quota.feature_code,
        "unit": quota.unit,
        **{
            name: f"{getattr(quota, name).normalize():f}"
            for name in ("included", "rolled_over", "used", "overage_limit", "overage_used")
        },
        "rollover_cap": f"{quota.rollover_cap.normalize():f}",
        "reset": quota.reset,
        "period_start": quota.period_start_at.isoformat(),
        "period_end": quota.period_end_at.isoformat(),
        "is_active": quota.is_active,
    }


def _event(
    action: str, quota: QuotaRow, summary: str, details: Mapping[str, Any], severity: str = "info"
) -> AuditEvent:
    return AuditEvent(
        "copilot_quota", action, "quota", quota.id, summary, dict(details), severity=severity
    )

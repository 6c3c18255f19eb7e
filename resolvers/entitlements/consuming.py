"""What may be consumed of quotas, and consuming it."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from datasources.entitlements import quotas
from datasources.entitlements.quotas import QuotaRow, active_quotas
from datasources.references import AccountRef
from resolvers.base import RequestContext
from resolvers.entitlements.quota_rows import (
    checked_amount,
    existing_quota,
    quota_event,
    stored_quota,
)
from resolvers.errors import BadUserInput, refuse
from resolvers.writing import WriteContext

__all__ = ["CheckRow", "Consumed", "consume_quota", "quota_check"]

_NOTHING = Decimal(0)


class CheckRow(NamedTuple):
    """Whether an amount could be consumed."""

    is_available: bool
    remaining: Decimal
    quota: QuotaRow | None


class Consumed(NamedTuple):
    """The quota after an amount was taken from it."""

    quota: QuotaRow


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
    checked_amount(amount, "amount")
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
    await context.audit(quota_event("consume", quota, "A part of a quota was used.", taken))
    return Consumed(await stored_quota(context, quota.id))


async def _consumed_from(context: WriteContext, unit: str, quota_id: str | None) -> QuotaRow:
    if quota_id is not None:
        quota = await existing_quota(context, quota_id, "quota_id")
        if not (quota.is_active and quota.has_begun):
            raise refuse("INVALID_STATE", "This quota does not count now.", "quota_id")
        return quota
    found = (await active_quotas(context.database, context.caller, [(context.account_id, unit)]))[0]
    quota_of_unit = _paying(found)
    if quota_of_unit is not None:
        return quota_of_unit
    if any(quota.has_begun for quota in found):
        raise refuse("REQUIRED", "Several features have a quota of this unit.", "quota_id")
    raise refuse("NOT_FOUND", "The account has no quota of this unit.", "unit")

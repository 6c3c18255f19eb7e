"""What reading, consuming and changing quotas share."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from datasources.audit import AuditEvent
from datasources.entitlements import quotas
from datasources.entitlements.quotas import QuotaRow, quotas_by_id
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = [
    "added_quota",
    "checked_amount",
    "checked_unit",
    "existing_quota",
    "quota_event",
    "seen_quota",
    "stored_quota",
]

_MOST = Decimal(10) ** 15
_PLACES = -6
_LONGEST_UNIT = 64


async def existing_quota(context: WriteContext, id: str, *path: str) -> QuotaRow:
    """The quota of an id. Refuses one that is not the account's."""
    (quota,) = await quotas_by_id(context.database, context.caller, [id])
    if quota is None:
        raise refuse("NOT_FOUND", "There is no such quota.", *path)
    return quota


async def added_quota(context: WriteContext, new: QuotaRow) -> QuotaRow:
    """Store a new quota and tell it; how it is then."""
    id = await quotas.insert_quota(context.database, context.caller, new)
    created = await stored_quota(context, id)
    seen = {"after": seen_quota(created)}
    await context.audit(quota_event("create", created, "A quota was given.", seen))
    return created


async def stored_quota(context: WriteContext, id: str) -> QuotaRow:
    """A quota just stored."""
    (quota,) = await quotas_by_id(context.database, context.caller, [id])
    if quota is None:
        raise LookupError("A quota just stored is there.")
    return quota


def seen_quota(quota: QuotaRow) -> dict[str, Any]:
    """A quota as its changes are told."""
    until = quota.valid_until_at
    return {
        "feature_code": quota.feature_code,
        "subscription_id": quota.subscription_id,
        "unit": quota.unit,
        **{
            name: f"{getattr(quota, name).normalize():f}"
            for name in ("included", "rolled_over", "used", "overage_limit", "overage_used")
        },
        "rollover_cap": f"{quota.rollover_cap.normalize():f}",
        "reset": quota.reset,
        "period_start": quota.period_start_at.isoformat(),
        "period_end": quota.period_end_at.isoformat(),
        "valid_until": None if until is None else until.isoformat(),
        "is_active": quota.is_active,
    }


def quota_event(
    action: str, quota: QuotaRow, summary: str, details: Mapping[str, Any], severity: str = "info"
) -> AuditEvent:
    """The event of a change."""
    return AuditEvent(
        "copilot_quota", action, "quota", quota.id, summary, dict(details), severity=severity
    )


def checked_amount(amount: Decimal, *path: str) -> Decimal:
    """An amount of a quota. Refuses what no column can hold."""
    exponent = amount.as_tuple().exponent
    if not amount.is_finite() or not 0 <= amount <= _MOST or int(exponent) < _PLACES:
        raise refuse("INVALID", "An amount is 0 to 10^15, with up to 6 decimal places.", *path)
    return amount


def checked_unit(unit: str, *path: str) -> str:
    """A unit without the blanks around it. Refuses none, and one that is too long."""
    found = unit.strip()
    if not found or len(found) > _LONGEST_UNIT:
        raise refuse("INVALID", "A unit has 1 to 64 characters.", *path)
    return found

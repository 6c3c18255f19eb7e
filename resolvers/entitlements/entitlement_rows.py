"""Storing entitlements of one account, and telling what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datasources.audit import AuditEvent
from datasources.codecs import json_object
from datasources.entitlements import writes
from datasources.entitlements.reads import EntitlementRow, entitlements_by_source
from datasources.entitlements.writes import NewEntitlement
from resolvers.auditing import changes
from resolvers.writing import WriteContext

__all__ = ["remove", "seen", "store"]


async def store(
    context: WriteContext, new: Sequence[NewEntitlement], before: Sequence[EntitlementRow | None]
) -> list[EntitlementRow]:
    """Store entitlements of the account, whose row is locked; how they are then.

    `before` is what is stored in the place of each.
    """
    if not new:
        return []
    await writes.put_entitlements(context.database, context.caller, new)
    keys = [
        (one.account_id, one.feature_code, one.source, one.subscription_id or "") for one in new
    ]
    stored = await entitlements_by_source(context.database, context.caller, keys)
    after = [row for row in stored if row is not None]
    for old, row in zip(before, after, strict=True):
        await context.audit(
            AuditEvent(
                "copilot_entitlement",
                "set",
                "entitlement",
                row.id,
                f"The entitlement to {row.feature_code} was set.",
                changes({} if old is None else seen(old), seen(row)),
            )
        )
    context.end_access()
    return after


async def remove(context: WriteContext, row: EntitlementRow) -> None:
    """Remove an entitlement of the account."""
    await writes.delete_entitlement(context.database, context.caller, row.id)
    await context.audit(
        AuditEvent(
            "copilot_entitlement",
            "delete",
            "entitlement",
            row.id,
            f"An entitlement to {row.feature_code} was removed.",
            {"before": seen(row)},
            severity="warning",
        )
    )
    context.end_access()


def seen(row: EntitlementRow) -> dict[str, Any]:
    """An entitlement as its changes are told: of its configuration, the names."""
    until = row.valid_until_at
    return {
        "feature_code": row.feature_code,
        "source": row.source,
        "subscription_id": row.subscription_id,
        "is_enabled": row.is_enabled,
        "configured": sorted(json_object(row.config)),
        "valid_from": row.valid_from_at.isoformat(),
        "valid_until": None if until is None else until.isoformat(),
    }

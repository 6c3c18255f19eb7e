"""Setting entitlements of many accounts, recorded account by account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from datasources.audit import AuditEvent
from datasources.bulk import BulkOperationRef, BulkReport, Item, record_operation
from datasources.entitlements.reads import EntitlementRow
from datasources.entitlements.writes import NewEntitlement, lock_entitlements, put_entitlements
from resolvers.entitlements.wishes import (
    Wish,
    checked_wishes,
    stored_for,
    within_subscriptions,
)
from resolvers.errors import refuse
from resolvers.selected_accounts import GONE, select_accounts
from resolvers.writing import WriteContext

__all__ = ["Finished", "bulk_set_entitlements"]

_MOST = 20_000
_ALREADY = "Is that way already."


class Finished(NamedTuple):
    """A bulk operation that was carried out, or tried."""

    operation: BulkOperationRef


async def bulk_set_entitlements(
    context: WriteContext,
    *,
    entitlements: Sequence[Mapping[str, Any]],
    dry_run: bool,
    account_ids: Sequence[str] | None = None,
    filter: Mapping[str, Any] | None = None,
) -> Finished:
    """Create or change entitlements of every account selected; others of theirs stay."""
    wishes = await checked_wishes(context, entitlements)
    selected = await select_accounts(context, account_ids, filter)
    if len(selected.ids) * len(wishes) > _MOST:
        raise refuse("INVALID", f"Up to {_MOST} entitlements can be set at once.", "entitlements")
    if not dry_run:
        await lock_entitlements(context.database, context.caller, selected.ids)
    wishes = await within_subscriptions(context, wishes, selected.ids)
    stored = await stored_for(context, selected.ids, wishes)
    new = {id: _lacking(id, wishes, rows) for id, rows in stored.items()}
    if not dry_run:
        everything = [one for lacking in new.values() for one in lacking]
        await put_entitlements(context.database, context.caller, everything)
    items = [Item(id, None if lacking else _ALREADY, id) for id, lacking in new.items()]
    items += [Item(id, GONE) for id in selected.missing]
    values = {"entitlements": [_plain(wish) for wish in wishes]}
    report = BulkReport("SET_ENTITLEMENTS", dry_run, selected.selection, values, items)
    return await _recorded(context, report, [wish.feature_code for wish in wishes])


def _lacking(
    account_id: str, wishes: Sequence[Wish], rows: Sequence[EntitlementRow | None]
) -> list[NewEntitlement]:
    """What an account does not have that way yet."""
    return [
        wish.of(account_id, row)
        for wish, row in zip(wishes, rows, strict=True)
        if not wish.is_met(row)
    ]


async def _recorded(context: WriteContext, report: BulkReport, features: Sequence[str]) -> Finished:
    operation = await record_operation(context.database, context.caller, report)
    context.changed_nothing()
    if not report.is_dry_run:
        message = "Entitlements of many accounts were set."
        details = {"features": list(features), "operation": operation.id}
        events = [
            AuditEvent(
                "copilot_entitlement",
                "bulk_set",
                "account",
                item.target_id,
                message,
                details,
                account_id=item.target_id,
                operation_id=operation.id,
            )
            for item in report.items
            if item.reason is None
        ]
        await context.audit_all(events)
        context.end_access()
    return Finished(operation)


def _plain(wish: Wish) -> dict[str, Any]:
    """An entitlement asked for, as an operation shows it: of its configuration, the names."""
    moments = {"validFromAt": wish.valid_from, "validUntilAt": wish.valid_until}
    of = {} if wish.subscription_id is None else {"subscriptionId": wish.subscription_id}
    return {
        "featureCode": wish.feature_code,
        "source": wish.source,
        **of,
        "isEnabled": wish.is_enabled,
        "configured": sorted(wish.config or ()),
        **{name: at.isoformat() for name, at in moments.items() if at is not None},
    }

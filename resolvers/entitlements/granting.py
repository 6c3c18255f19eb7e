"""What super admins decide for an account: its entitlements and limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from datasources.audit import AuditEvent
from datasources.entitlements import writes
from datasources.entitlements.reads import EntitlementRow, entitlements_by_id
from datasources.limits import LIMITS, LimitsRow, limits_of_accounts, lock_limits, set_limits
from resolvers.auditing import changes
from resolvers.entitlements import entitlement_rows
from resolvers.entitlements.wishes import checked_wishes, stored_for, within_subscriptions
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = [
    "DeletedEntitlement",
    "SetEntitlements",
    "SetLimits",
    "remove_entitlement",
    "set_account_limits",
    "set_entitlements",
]


class SetEntitlements(NamedTuple):
    """The entitlements that were stored."""

    entitlements: list[EntitlementRow]


class DeletedEntitlement(NamedTuple):
    """The entitlement that was removed."""

    deleted_id: str


class SetLimits(NamedTuple):
    """The limits after a change."""

    limits: LimitsRow


async def set_entitlements(
    context: WriteContext, *, entitlements: Sequence[Mapping[str, Any]]
) -> SetEntitlements:
    """Create or change entitlements, found again by feature, source and subscription."""
    account = context.account_id
    checked = await checked_wishes(context, entitlements)
    await writes.lock_entitlements(context.database, context.caller, [account])
    wishes = await within_subscriptions(context, checked, [account])
    before = (await stored_for(context, [account], wishes))[account]
    new = [wish.of(account, row) for wish, row in zip(wishes, before, strict=True)]
    return SetEntitlements(await entitlement_rows.store(context, new, before))


async def remove_entitlement(context: WriteContext, *, id: str) -> DeletedEntitlement:
    """Remove an entitlement of the account."""
    (row,) = await entitlements_by_id(context.database, context.caller, [id])
    if row is None:
        raise refuse("NOT_FOUND", "There is no such entitlement.", "id")
    await entitlement_rows.remove(context, row)
    return DeletedEntitlement(row.id)


async def set_account_limits(context: WriteContext, **given: Any) -> SetLimits:
    """Set the limits given; null removes one, others stay."""
    await lock_limits(context.database, context.caller)
    before = await _limits(context)
    values = {name: getattr(before, name) for name in LIMITS}
    values |= {name: _checked_limit(name, value) for name, value in given.items()}
    found = changes(before._asdict(), values)
    if not found["after"]:
        context.changed_nothing()
        return SetLimits(before)
    await set_limits(context.database, context.caller, values)
    written = {side: {n: _text(v) for n, v in part.items()} for side, part in found.items()}
    await context.audit(
        AuditEvent(
            "copilot_entitlement",
            "update",
            "account_limits",
            context.account_id,
            "The limits of the account were changed.",
            written,
        )
    )
    return SetLimits(await _limits(context))


async def _limits(context: WriteContext) -> LimitsRow:
    (limits,) = await limits_of_accounts(context.database, context.caller, [context.account_id])
    if limits is None:
        raise LookupError("The account acted in exists.")
    return limits


def _checked_limit(name: str, value: Any) -> Any:
    amount = value
    if isinstance(value, dict):
        if value["currency"] != "USD":
            raise refuse("INVALID", "Limits are kept in USD.", name)
        amount = value["amount"]
    if amount is not None and amount < 0:
        raise refuse("INVALID", "A limit is not negative.", name)
    return amount


def _text(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else str(value)

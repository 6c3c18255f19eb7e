"""What reading, granting and changing subscriptions share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datasources.audit import AuditEvent
from datasources.entitlements.subscriptions.subscriptions import (
    SubscriptionRow,
    subscriptions_by_id,
)
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = [
    "checked_subscription",
    "existing_subscription",
    "seen_subscription",
    "stored_subscription",
    "subscription_event",
]


async def checked_subscription(
    context: WriteContext, id: str | None, *path: str
) -> SubscriptionRow | None:
    """The subscription of an id; None for no id. Refuses one that is not the account's, or over."""
    if id is None:
        return None
    subscription = await existing_subscription(context, id, *path)
    if subscription.is_over:
        raise refuse("INVALID_STATE", "This subscription is over.", *path)
    return subscription


async def existing_subscription(context: WriteContext, id: str, *path: str) -> SubscriptionRow:
    """The subscription of an id. Refuses one that is not the account's."""
    (subscription,) = await subscriptions_by_id(context.database, context.caller, [id])
    if subscription is None:
        raise refuse("NOT_FOUND", "The account has no such subscription.", *path)
    return subscription


async def stored_subscription(context: WriteContext, id: str) -> SubscriptionRow:
    """A subscription just stored."""
    (subscription,) = await subscriptions_by_id(context.database, context.caller, [id])
    if subscription is None:
        raise LookupError("A subscription just stored is there.")
    return subscription


def seen_subscription(subscription: SubscriptionRow) -> dict[str, Any]:
    """A subscription as its changes are told: of the payment, whether there is one."""
    moments = ("start_at", "trial_end_at", "end_at", "cancelled_at")
    told = {name: getattr(subscription, name) for name in moments}
    return {
        "plan_id": subscription.plan_id,
        "quantity": subscription.quantity,
        "billing_period": subscription.billing_period,
        "unit_price": f"{subscription.unit_price.normalize():f}",
        "currency": subscription.currency,
        **{name: None if at is None else at.isoformat() for name, at in told.items()},
        "external_id": subscription.external_id,
        "is_paid": subscription.payment is not None,
    }


def subscription_event(
    action: str, id: str, message: str, details: Mapping[str, Any], severity: str = "info"
) -> AuditEvent:
    """The event of a change."""
    return AuditEvent(
        "copilot_subscription",
        action,
        "subscription",
        id,
        message,
        dict(details),
        severity=severity,
    )

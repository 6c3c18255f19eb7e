"""Changing a running or scheduled subscription, and ending one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from datasources.codecs import json_object
from datasources.entitlements.subscriptions.plans import PlanRow, plans_by_id
from datasources.entitlements.subscriptions.subscriptions import (
    SubscriptionRow,
    SubscriptionValues,
)
from datasources.entitlements.subscriptions.subscriptions import (
    update_subscription as put_subscription,
)
from resolvers.auditing import changes
from resolvers.entitlements.granting import set_account_limits
from resolvers.entitlements.subscriptions import terms as agreed
from resolvers.entitlements.subscriptions.entitlement_grants import (
    move_entitlements,
    regrant_features,
)
from resolvers.entitlements.subscriptions.quota_grants import adjust_quotas, regrant_quotas
from resolvers.entitlements.subscriptions.rows import (
    existing_subscription,
    seen_subscription,
    stored_subscription,
    subscription_event,
)
from resolvers.entitlements.subscriptions.subscribing import (
    StoredSubscription,
    lock_subscriptions,
)
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = ["cancel_subscription", "update_subscription"]


async def update_subscription(
    context: WriteContext, *, id: str, **given: Any
) -> StoredSubscription:
    """Change what was given. Another plan or period is had at the plan's present price.

    Refuses one that is over, a plan of another kind or not on offer, an end that has passed, and a
    second BASE subscription at a time.
    """
    now = await lock_subscriptions(context)
    before = await existing_subscription(context, id, "id")
    if before.is_over:
        raise refuse("INVALID_STATE", "This subscription is over.", "id")
    for name in ("plan_id", "quantity", "billing_period"):
        if name in given and given[name] is None:
            raise refuse("REQUIRED", "This cannot be empty.", name)
    plan = await _plan(context, before, given.get("plan_id", before.plan_id))
    values = _values(before, plan, given, now)
    if values == _stored(before):
        context.changed_nothing()
        return StoredSubscription(before)
    if before.end_at is not None and (values.end_at is None or values.end_at > before.end_at):
        # Only what lasts longer can reach into another; the old platform's may overlap already.
        span = (before.end_at, values.end_at)
        await agreed.check_overlap(context, plan, span, "end_at", beside=id)
    await put_subscription(context.database, context.caller, id, values)
    after = await stored_subscription(context, id)
    await _tell(context, before, after)
    if after.plan_id == before.plan_id:
        await _adjust(context, before, after, now)
    else:
        await _regrant(context, before, after, await agreed.terms_of(context, plan), now)
    return StoredSubscription(after)


async def cancel_subscription(
    context: WriteContext, *, id: str, end_at: datetime | None = None
) -> StoredSubscription:
    """End a subscription with what it grants; one that is over stays as it is.

    One that has not begun ends where it would have begun.
    """
    now = await lock_subscriptions(context)
    before = await existing_subscription(context, id, "id")
    end = max(now, before.start_at) if end_at is None else end_at
    if before.is_over or (before.cancelled_at is not None and end == before.end_at):
        context.changed_nothing()
        return StoredSubscription(before)
    if end < max(now, before.start_at):
        raise refuse("INVALID", "It ends now or later, and not before it begins.", "end_at")
    if before.end_at is not None and end > before.end_at:
        raise refuse("INVALID", "It ends before that already.", "end_at")
    values = _stored(before)._replace(end_at=end, cancelled_at=now)
    await put_subscription(context.database, context.caller, id, values)
    after = await stored_subscription(context, id)
    seen = changes(seen_subscription(before), seen_subscription(after))
    message = "A subscription was cancelled."
    await context.audit(subscription_event("cancel", id, message, seen, "warning"))
    await _adjust(context, before, after, now)
    return StoredSubscription(after)


async def _plan(context: WriteContext, before: SubscriptionRow, id: str) -> PlanRow:
    """The plan from now on, which has to be on offer if it is another."""
    (old,) = await plans_by_id(context.database, context.caller, [before.plan_id])
    if old is None:
        raise LookupError("A subscription is to a plan that is there.")
    if id == before.plan_id:
        return old
    plan = await agreed.offered_plan(context, id, "plan_id")
    if plan.kind != old.kind:
        raise refuse("INVALID", "A subscription stays one to a BASE or ADDON plan.", "plan_id")
    return plan


def _stored(row: SubscriptionRow) -> SubscriptionValues:
    values = {name: getattr(row, name) for name in SubscriptionValues._fields}
    return SubscriptionValues(**values | {"limits": json_object(row.limits)})


def _values(
    before: SubscriptionRow, plan: PlanRow, given: Mapping[str, Any], now: datetime
) -> SubscriptionValues:
    """All of a subscription after a change."""
    values = _stored(before)
    period = given.get("billing_period", before.billing_period)
    if plan.id != before.plan_id:
        values = values._replace(plan_id=plan.id, limits=json_object(plan.limits))
    if plan.id != before.plan_id or period != before.billing_period:
        path = "billing_period" if "billing_period" in given else "plan_id"
        price = agreed.checked_price(plan, period, path)
        values = values._replace(billing_period=period, unit_price=price, currency=plan.currency)
    if "quantity" in given:
        values = values._replace(quantity=agreed.checked_quantity(given["quantity"], "quantity"))
    if "end_at" in given and given["end_at"] != before.end_at:
        # An end that is moved is another than the one that was asked for by cancelling.
        end = agreed.checked_end(max(now, before.start_at), given["end_at"], "end_at")
        values = values._replace(end_at=end, cancelled_at=None)
    if "external_id" in given:
        external_id = agreed.checked_external_id(given["external_id"], "external_id")
        values = values._replace(external_id=external_id)
    if "payment" in given:
        values = values._replace(payment=agreed.checked_payment(given["payment"], "payment"))
    return values


async def _tell(context: WriteContext, before: SubscriptionRow, after: SubscriptionRow) -> None:
    """Record a change; of the payment, that there was one."""
    seen: dict[str, Any] = dict(changes(seen_subscription(before), seen_subscription(after)))
    if before.payment != after.payment:
        seen["payment_changed"] = True
    message = "A subscription was changed."
    await context.audit(subscription_event("update", after.id, message, seen))


async def _adjust(
    context: WriteContext, before: SubscriptionRow, after: SubscriptionRow, now: datetime
) -> None:
    await move_entitlements(context, before, after)
    await adjust_quotas(context, before, after, now)


async def _regrant(
    context: WriteContext,
    before: SubscriptionRow,
    after: SubscriptionRow,
    terms: agreed.Terms,
    now: datetime,
) -> None:
    await regrant_features(context, before, after, terms, now)
    if terms.limits.account:
        await set_account_limits(context, **terms.limits.account)
    await regrant_quotas(context, before, after, terms.limits.quotas, now)

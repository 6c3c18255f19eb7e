"""Subscribing an account to a plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from datasources.codecs import json_object
from datasources.entitlements.quotas import lock_quotas
from datasources.entitlements.subscriptions import subscriptions
from datasources.entitlements.subscriptions.plans import PlanRow
from datasources.entitlements.subscriptions.subscriptions import (
    SubscriptionRow,
    SubscriptionValues,
    moment_of,
)
from datasources.feature_catalogue import hold_features
from datasources.limits import lock_limits
from resolvers.entitlements.granting import set_account_limits
from resolvers.entitlements.subscriptions import terms as agreed
from resolvers.entitlements.subscriptions.entitlement_grants import grant_features
from resolvers.entitlements.subscriptions.quota_grants import give_quotas
from resolvers.entitlements.subscriptions.rows import (
    seen_subscription,
    stored_subscription,
    subscription_event,
)
from resolvers.writing import WriteContext

__all__ = ["StoredSubscription", "create_subscription", "lock_subscriptions"]


class StoredSubscription(NamedTuple):
    """A subscription after a change."""

    subscription: SubscriptionRow


async def lock_subscriptions(context: WriteContext) -> datetime:
    """Let one transaction at a time change what the account subscribes to; the present moment."""
    await hold_features(context.database)
    await lock_limits(context.database, context.caller)
    await lock_quotas(context.database, context.caller)
    return await moment_of(context.database)


async def create_subscription(
    context: WriteContext, *, subscription: Mapping[str, Any]
) -> StoredSubscription:
    """Subscribe the account to a plan on offer, and grant what it includes.

    Refuses a plan that is not there or not on offer, a period that it is not sold for, and a second
    BASE subscription at a time.
    """
    now = await lock_subscriptions(context)
    plan = await agreed.offered_plan(context, subscription["plan_id"], "subscription", "plan_id")
    start = subscription.get("start_at") or now
    values = _values(subscription, plan, agreed.checked_start(start, "subscription", "start_at"))
    span = (start, values.end_at)
    await agreed.check_overlap(context, plan, span, "subscription", "start_at")
    trial_end = start + timedelta(days=plan.trial_days) if plan.trial_days else None
    id = await subscriptions.insert_subscription(
        context.database, context.caller, start, trial_end, values
    )
    created = await stored_subscription(context, id)
    seen = {"after": seen_subscription(created)}
    message = f"The account subscribed to {plan.code}."
    await context.audit(subscription_event("create", id, message, seen))
    await _grant(context, created, await agreed.terms_of(context, plan), now)
    return StoredSubscription(created)


def _values(given: Mapping[str, Any], plan: PlanRow, start: datetime) -> SubscriptionValues:
    def at(name: str) -> tuple[str, str]:
        return "subscription", name

    period: str = given["billing_period"]
    return SubscriptionValues(
        plan_id=plan.id,
        quantity=agreed.checked_quantity(given["quantity"], *at("quantity")),
        billing_period=period,
        unit_price=agreed.checked_price(plan, period, *at("billing_period")),
        currency=plan.currency,
        limits=json_object(plan.limits),
        end_at=agreed.checked_end(start, given.get("end_at"), *at("end_at")),
        cancelled_at=None,
        external_id=agreed.checked_external_id(given.get("external_id"), *at("external_id")),
        payment=agreed.checked_payment(given.get("payment"), *at("payment")),
    )


async def _grant(
    context: WriteContext, subscription: SubscriptionRow, terms: agreed.Terms, now: datetime
) -> None:
    await grant_features(context, subscription, terms)
    if terms.limits.account and not subscription.is_over:
        await set_account_limits(context, **terms.limits.account)
    await give_quotas(context, subscription, terms.limits.quotas, subscription.start_at, now)

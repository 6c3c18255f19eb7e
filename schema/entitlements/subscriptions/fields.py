"""The fields of accounts and of the platform that lead to plans and subscriptions."""

from __future__ import annotations

from typing import Any

import strawberry

from datasources.entitlements.subscriptions import plans, subscriptions
from datasources.references import AccountRef
from resolvers.base import RequestContext
from schema.base.fields import argument, found, page
from schema.entitlements.subscriptions.inputs import (
    AccountSubscriptionFilter,
    AccountSubscriptionOrder,
    SubscriptionPlanFilter,
    SubscriptionPlanOrder,
)
from schema.entitlements.subscriptions.types import SUBSCRIPTION_READERS

__all__ = [
    "all_plans",
    "all_subscriptions",
    "available_plans",
    "plan_of_id",
    "subscription_of_account",
    "subscriptions_of_account",
]

_PLANS: dict[str, Any] = {
    "filter": SubscriptionPlanFilter,
    "order": SubscriptionPlanOrder,
    "order_default": "by price, then name",
}
_SUBSCRIPTIONS: dict[str, Any] = {
    "filter": AccountSubscriptionFilter,
    "order": AccountSubscriptionOrder,
}


def available_plans() -> Any:
    """The field `Account.availablePlans`."""
    return page(plans.offered_plans, "Plans on offer.", guard=SUBSCRIPTION_READERS, **_PLANS)


def subscriptions_of_account() -> Any:
    """The field `Account.subscriptions`."""
    return page(
        subscriptions.account_subscriptions,
        "Subscriptions, past ones included.",
        by="id",
        guard=SUBSCRIPTION_READERS,
        **_SUBSCRIPTIONS,
    )


def _in_account(_context: RequestContext, row: AccountRef, id: str) -> tuple[str, str]:
    return row.id, id


def subscription_of_account() -> Any:
    """The field `Account.subscription`."""
    return found(
        subscriptions.subscription_of_account,
        _in_account,
        "One subscription; null when there is none.",
        needs=("id",),
        arguments=[argument("id", strawberry.ID, "Id of the subscription.")],
        guard=SUBSCRIPTION_READERS,
    )


def all_plans() -> Any:
    """The field `Platform.subscriptionPlans`."""
    return page(plans.all_plans, "All plans.", **_PLANS)


def _named(_context: RequestContext, _row: object, id: str) -> str:
    return id


def plan_of_id() -> Any:
    """The field `Platform.subscriptionPlan`."""
    return found(
        plans.plans_by_id,
        _named,
        "One plan; null when there is none.",
        arguments=[argument("id", strawberry.ID, "Id of the plan.")],
    )


def all_subscriptions() -> Any:
    """The field `Platform.subscriptions`."""
    return page(subscriptions.all_subscriptions, "Subscriptions of all accounts.", **_SUBSCRIPTIONS)

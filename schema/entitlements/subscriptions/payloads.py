"""What mutations of plans and subscriptions answer."""

from __future__ import annotations

import strawberry

from schema.base.core import MutationPayload
from schema.base.fields import outcome
from schema.entitlements.subscriptions.types import AccountSubscription, SubscriptionPlan


@strawberry.type(description="Answer of createSubscriptionPlan.")
class CreateSubscriptionPlanPayload(MutationPayload):
    """Answer of createSubscriptionPlan."""

    plan: SubscriptionPlan | None = outcome("The new plan.")


@strawberry.type(description="Answer of updateSubscriptionPlan.")
class UpdateSubscriptionPlanPayload(MutationPayload):
    """Answer of updateSubscriptionPlan."""

    plan: SubscriptionPlan | None = outcome("The changed plan.")


@strawberry.type(description="Answer of createSubscription.")
class CreateSubscriptionPayload(MutationPayload):
    """Answer of createSubscription."""

    subscription: AccountSubscription | None = outcome("The new subscription.")


@strawberry.type(description="Answer of updateSubscription.")
class UpdateSubscriptionPayload(MutationPayload):
    """Answer of updateSubscription."""

    subscription: AccountSubscription | None = outcome("The changed subscription.")


@strawberry.type(description="Answer of cancelSubscription.")
class CancelSubscriptionPayload(MutationPayload):
    """Answer of cancelSubscription."""

    subscription: AccountSubscription | None = outcome("The subscription, with its end.")

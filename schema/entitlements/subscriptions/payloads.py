"""What mutations of plans and subscriptions answer."""

from __future__ import annotations

import strawberry

from schema.base.core import MutationPayload
from schema.base.fields import outcome
from schema.entitlements.quotas import Quota
from schema.entitlements.subscriptions.types import AccountSubscription, SubscriptionPlan
from schema.entitlements.types import Account, Entitlement


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


@strawberry.type(description="Answer of setUpAccount.")
class SetUpAccountPayload(MutationPayload):
    """Answer of setUpAccount."""

    account: Account | None = outcome("The account.")
    subscription: AccountSubscription | None = outcome("Its subscription.")
    entitlements: list[Entitlement] = outcome("Its entitlements.", otherwise=())
    quotas: list[Quota] = outcome("Its quotas.", otherwise=())

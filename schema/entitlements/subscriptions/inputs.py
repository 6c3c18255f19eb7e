"""Filters, orders and inputs of plans and subscriptions."""

from __future__ import annotations

import strawberry

from schema.base.core import MutationInput, OrderDirection
from schema.base.domain import MoneyInput
from schema.base.fields import absent, given
from schema.base.guards import Sensitive
from schema.base.scalars import JSON, DateTime
from schema.entitlements.inputs import ONCE, EntitlementInput, OnAccount, QuotaInput
from schema.entitlements.subscriptions.enums import (
    AccountSubscriptionOrderField,
    BillingPeriod,
    PlanKind,
    PlanStatus,
    SubscriptionPlanOrderField,
    SubscriptionStatus,
)


@strawberry.input(description="Conditions on plans.")
class SubscriptionPlanFilter:
    """Conditions on plans."""

    search: str | None = absent("Text in code or name, ignoring case.")
    kinds: list[PlanKind] | None = absent("Only these kinds.")
    statuses: list[PlanStatus] | None = absent("Only these states.")
    feature_code: str | None = absent("Only plans that include this feature.")


@strawberry.input(description="How to sort subscription plans.")
class SubscriptionPlanOrder:
    """How to sort subscription plans."""

    field: SubscriptionPlanOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Conditions on subscriptions.")
class AccountSubscriptionFilter:
    """Conditions on subscriptions."""

    plan_ids: list[strawberry.ID] | None = absent("Only to these plans.")
    statuses: list[SubscriptionStatus] | None = absent("Only these states.")
    account_ids: list[strawberry.ID] | None = absent(
        "Only of these accounts; only useful across accounts."
    )


@strawberry.input(description="How to sort account subscriptions.")
class AccountSubscriptionOrder:
    """How to sort account subscriptions."""

    field: AccountSubscriptionOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Input of createSubscriptionPlan.")
class CreateSubscriptionPlanInput(MutationInput):
    """Input of createSubscriptionPlan."""

    code: str = given("Stable code, unique.")
    name: str = given("Name to show.")
    description: str | None = absent("What it offers.")
    kind: PlanKind = given("Kind.", default=PlanKind.BASE)
    status: PlanStatus = given("Whether it is on offer.", default=PlanStatus.COMING_SOON)
    monthly_price: MoneyInput | None = absent("Price per month and unit.")
    yearly_price: MoneyInput | None = absent("Price per year and unit.")
    trial_days: int = given("Days free of charge.", default=0)
    feature_codes: list[str] | None = absent("Features it includes.")
    limits: JSON | None = absent("Limits and quotas it includes, per code.")


@strawberry.input(description="Input of updateSubscriptionPlan.")
class UpdateSubscriptionPlanInput(MutationInput):
    """Input of updateSubscriptionPlan."""

    id: strawberry.ID = given("The plan.")
    name: str | None = absent("Name to show.")
    description: str | None = absent("What it offers; null clears it.")
    status: PlanStatus | None = absent("Whether it is on offer.")
    monthly_price: MoneyInput | None = absent(
        "Price per month and unit; null stops selling by the month."
    )
    yearly_price: MoneyInput | None = absent(
        "Price per year and unit; null stops selling by the year."
    )
    trial_days: int | None = absent("Days free of charge.")
    feature_codes: list[str] | None = absent("Features it includes.")
    limits: JSON | None = absent("Limits and quotas it includes, per code.")


@strawberry.input(description="A subscription to store.")
class AccountSubscriptionInput:
    """A subscription to store."""

    plan_id: strawberry.ID = given("Plan on offer.")
    quantity: int = given("Units, at least 1.", default=1)
    billing_period: BillingPeriod = given("How often it is billed.", default=BillingPeriod.MONTHLY)
    start_at: DateTime | None = absent("When it begins; now when absent.")
    end_at: DateTime | None = absent("When it ends; open end when absent.")
    external_id: str | None = absent("Id at the payment provider.")
    payment: JSON | None = absent("Answer of the payment provider.", sensitive=(Sensitive(),))


@strawberry.input(description="Input of createSubscription.")
class CreateSubscriptionInput(OnAccount):
    """Input of createSubscription."""

    subscription: AccountSubscriptionInput = given("The subscription.")
    idempotency_key: str | None = absent(ONCE)


@strawberry.input(description="Input of updateSubscription.")
class UpdateSubscriptionInput(OnAccount):
    """Input of updateSubscription."""

    id: strawberry.ID = given("The subscription.")
    plan_id: strawberry.ID | None = absent("Another plan on offer.")
    quantity: int | None = absent("Units.")
    billing_period: BillingPeriod | None = absent("How often it is billed.")
    end_at: DateTime | None = absent("When it ends; null for open end.")
    external_id: str | None = absent("Id at the payment provider; null clears it.")
    payment: JSON | None = absent(
        "Answer of the payment provider; null clears it.", sensitive=(Sensitive(),)
    )


@strawberry.input(description="Input of cancelSubscription.")
class CancelSubscriptionInput(OnAccount):
    """Input of cancelSubscription."""

    id: strawberry.ID = given("The subscription.")
    end_at: DateTime | None = absent("When; now when absent.")


@strawberry.input(description="Input of setUpAccount.")
class SetUpAccountInput(OnAccount):
    """Input of setUpAccount."""

    subscription: AccountSubscriptionInput | None = absent(
        "Subscription to have; the running one changes to it."
    )
    entitlements: list[EntitlementInput] | None = absent("Entitlements to have.")
    quotas: list[QuotaInput] | None = absent("Quotas to have; use so far is kept.")
    remove_others: bool = given("Remove entitlements and quotas not named.", default=False)
    dry_run: bool = given("Answer what would happen and change nothing.", default=False)
    idempotency_key: str = given(
        "Unique per event in the account; repeating it answers with the first result."
    )

"""Plans, and accounts' subscriptions to them."""

from __future__ import annotations

from collections.abc import Callable

from datasources.entitlements.subscriptions import plans, subscriptions
from datasources.entitlements.subscriptions.plans import PlanRow
from datasources.entitlements.subscriptions.subscriptions import SubscriptionRow
from schema.base.core import AccountScoped, Actor, Authored, Node, Timestamped, author
from schema.base.domain import Money, MoneyRow
from schema.base.fields import column, computed, many, one
from schema.base.guards import Role, Sensitive, roles, super_admin
from schema.base.modules import entity
from schema.base.scalars import JSON, DateTime
from schema.entitlements.features import Feature
from schema.entitlements.subscriptions.enums import (
    BillingPeriod,
    PlanKind,
    PlanStatus,
    SubscriptionStatus,
)

__all__ = ["SUBSCRIPTION_READERS", "AccountSubscription", "SubscriptionPlan"]

SUBSCRIPTION_READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR)
_READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE)


def _price(name: str) -> Callable[..., MoneyRow | None]:
    def money(_context: object, row: PlanRow) -> MoneyRow | None:
        amount = getattr(row, name)
        return None if amount is None else MoneyRow(amount, row.currency)

    return money


@entity(PlanRow, plans.plans_by_id, "Something an account can subscribe to.")
class SubscriptionPlan(Node, Timestamped, Authored):
    """Something an account can subscribe to."""

    code: str = column("Stable code, unique.")
    name: str = column("Name to show.")
    description: str | None = column("What it offers; null for none.")
    kind: PlanKind = column("Kind.")
    status: PlanStatus = column("Whether it is on offer.")
    monthly_price: Money | None = computed(
        _price("monthly_price"),
        "Price per month and unit; null when not sold by the month.",
        needs=("monthly_price", "currency"),
        in_sql={"amount": "monthly_price", "currency": "currency"},
    )
    yearly_price: Money | None = computed(
        _price("yearly_price"),
        "Price per year and unit; null when not sold by the year.",
        needs=("yearly_price", "currency"),
        in_sql={"amount": "yearly_price", "currency": "currency"},
    )
    trial_days: int = column("Days free of charge.")
    features: list[Feature] = many(plans.features_of_plans, "Features it includes.", by="id")
    limits: JSON = column("Limits and quotas it includes, per code.")
    subscription_count: int | None = one(
        plans.subscription_counts, "Running subscriptions.", by="id", guard=super_admin()
    )
    created_by: Actor | None = author(
        "created_by", "Who created it; null when not recorded.", guard=_READERS
    )
    updated_by: Actor | None = author(
        "updated_by", "Who changed it last; null when not recorded.", guard=_READERS
    )


def _total(_context: object, row: SubscriptionRow) -> MoneyRow:
    return MoneyRow(row.price_amount, row.currency)


@entity(
    SubscriptionRow,
    subscriptions.subscriptions_by_id,
    "An account's subscription to a plan.",
    guard=SUBSCRIPTION_READERS,
)
class AccountSubscription(Node, AccountScoped, Timestamped, Authored):
    """An account's subscription to a plan."""

    plan: SubscriptionPlan = one(plans.plans_by_id, "The plan.", by="plan_id")
    quantity: int = column("Units.")
    billing_period: BillingPeriod = column("How often it is billed.")
    price: Money = computed(
        _total,
        "Price per period: the plan's price times units.",
        needs=("price_amount", "currency"),
        in_sql={"amount": "price_amount", "currency": "currency"},
    )
    status: SubscriptionStatus = column("State.")
    start_at: DateTime = column("When it begins.")
    trial_end_at: DateTime | None = column("When the trial ends; null without one.")
    end_at: DateTime | None = column("When it ends; null for open end.")
    external_id: str | None = column("Id at the payment provider; null for none.")
    payment: JSON | None = column(
        "Answer of the payment provider; null for none.", guard=(*super_admin(), Sensitive())
    )

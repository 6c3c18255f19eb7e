"""Quotas: amounts an account may consume per period."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import strawberry

from datasources.entitlements import quotas
from datasources.entitlements.quotas import QuotaRow
from datasources.entitlements.subscriptions.subscriptions import subscriptions_by_id
from datasources.feature_catalogue import features_by_code
from resolvers.entitlements import consuming as resolve
from schema.base.core import AccountScoped, Node, OrderDirection, Timestamped
from schema.base.enums import described
from schema.base.fields import absent, argument, column, computed, given, one, page
from schema.base.guards import Guard, Role, roles
from schema.base.modules import entity, record
from schema.base.scalars import DateTime, Decimal
from schema.entitlements.enums import QuotaReset
from schema.entitlements.features import Feature
from schema.entitlements.subscriptions.types import AccountSubscription

__all__ = ["Quota", "QuotaCheck", "quota_check", "quotas_of_account"]


@described(
    "What quotas can be sorted by.",
    FEATURE="By feature code.",
    CREATED_AT="By time of creation.",
    USAGE_PERCENT="By share used.",
)
class QuotaOrderField(StrEnum):
    """What quotas can be sorted by."""

    FEATURE = "FEATURE"
    CREATED_AT = "CREATED_AT"
    USAGE_PERCENT = "USAGE_PERCENT"


@strawberry.input(description="Conditions on quotas.")
class QuotaFilter:
    """Conditions on quotas."""

    feature_codes: list[str] | None = absent("Only of these features.")
    units: list[str] | None = absent("Only of these units.")
    is_active: bool | None = absent("Only active or only inactive ones.")


@strawberry.input(description="How to sort quotas.")
class QuotaOrder:
    """How to sort quotas."""

    field: QuotaOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@entity(
    QuotaRow,
    quotas.quotas_by_id,
    "An amount an account may consume per period.",
    guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE),
)
class Quota(Node, AccountScoped, Timestamped):
    """An amount an account may consume per period."""

    subscription: AccountSubscription | None = one(
        subscriptions_by_id, "Subscription it belongs to; null for none.", by="subscription_id"
    )
    feature: Feature | None = one(
        features_by_code,
        "Feature it is for; null for the account as a whole.",
        by="feature_code",
    )
    unit: str = column("Unit, such as credits.")
    included: Decimal = column("Amount included per period.")
    rolled_over: Decimal = column("Amount carried in from the period before.")
    used: Decimal = column("Amount used of what is included and carried in.")
    available: Decimal = column("Included plus carried in minus used.")
    overage_limit: Decimal = column("Amount that may be used beyond that.")
    overage_used: Decimal = column("Amount used beyond that.")
    usage_percent: float = column("Used as a share of included plus carried in; 0 when that is 0.")
    reset: QuotaReset = column("How often it starts afresh.")
    rollover_cap: Decimal = column("What may be carried into the next period, at most; 0 for none.")
    period_start_at: DateTime = column("First moment of the period.")
    period_end_at: DateTime = column("First moment of the next period.")
    is_active: bool = column("Whether it counts; one per account, feature and unit does.")


@record(resolve.CheckRow, "Whether an amount could be consumed now.")
class QuotaCheck:
    """Whether an amount could be consumed now."""

    is_available: bool = column("Whether it could.")
    remaining: Decimal = column("What is left, overage included; 0 without a quota.")
    quota: Quota | None = column("Quota that would pay; null for none.")


def quotas_of_account(guard: Guard) -> Any:
    """The field `Account.quotas`."""
    return page(
        quotas.account_quotas,
        "Consumable quotas.",
        by="id",
        filter=QuotaFilter,
        order=QuotaOrder,
        order_default="by feature and unit",
        guard=guard,
    )


def quota_check(guard: Guard) -> Any:
    """The field `Account.quotaCheck`."""
    return computed(
        resolve.quota_check,
        "Whether an amount could be consumed now.",
        arguments=[
            argument("unit", str, "Unit.", "credits"),
            argument("amount", Decimal, "Amount, above 0."),
        ],
        guard=guard,
    )

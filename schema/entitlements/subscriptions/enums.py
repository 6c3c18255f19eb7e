"""Enumerations of plans and subscriptions."""

from __future__ import annotations

from enum import StrEnum

from schema.base.enums import described


@described(
    "Kinds of subscription plan.",
    BASE="Basis of a subscription.",
    ADDON="Bought in addition.",
)
class PlanKind(StrEnum):
    """Kinds of subscription plan."""

    BASE = "BASE"
    ADDON = "ADDON"


@described(
    "Life-cycle of a plan.",
    COMING_SOON="Announced.",
    ACTIVE="On offer.",
    INACTIVE="No longer on offer; running subscriptions keep it.",
)
class PlanStatus(StrEnum):
    """Life-cycle of a plan."""

    COMING_SOON = "COMING_SOON"
    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


@described(
    "How often a subscription is billed.",
    MONTHLY="Every month.",
    YEARLY="Every year.",
)
class BillingPeriod(StrEnum):
    """How often a subscription is billed."""

    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@described(
    "Life-cycle of a subscription.",
    SCHEDULED="Begins later.",
    TRIAL="Free of charge until the trial ends.",
    ACTIVE="Running.",
    CANCELLED="Ended on request.",
    EXPIRED="Ran out.",
)
class SubscriptionStatus(StrEnum):
    """Life-cycle of a subscription."""

    SCHEDULED = "SCHEDULED"
    TRIAL = "TRIAL"
    ACTIVE = "ACTIVE"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


@described(
    "What subscription plans can be sorted by.",
    PRICE="By monthly price.",
    NAME="By name.",
    CREATED_AT="By time of creation.",
)
class SubscriptionPlanOrderField(StrEnum):
    """What subscription plans can be sorted by."""

    PRICE = "PRICE"
    NAME = "NAME"
    CREATED_AT = "CREATED_AT"


@described(
    "What account subscriptions can be sorted by.",
    CREATED_AT="By time of creation.",
    START_AT="By beginning.",
    END_AT="By end.",
)
class AccountSubscriptionOrderField(StrEnum):
    """What account subscriptions can be sorted by."""

    CREATED_AT = "CREATED_AT"
    START_AT = "START_AT"
    END_AT = "END_AT"

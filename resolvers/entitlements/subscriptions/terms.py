"""On what terms an account subscribes: checked before anything is stored."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from datasources.codecs import json_object
from datasources.entitlements.subscriptions import plans
from datasources.entitlements.subscriptions.plans import PlanRow, features_of_plans, plans_by_id
from datasources.entitlements.subscriptions.subscriptions import overlapping_base
from datasources.feature_catalogue import FeatureRow
from resolvers.checks import checked_line, checked_object
from resolvers.entitlements.subscriptions.limits import PlanLimits, limits_of
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = [
    "Terms",
    "check_overlap",
    "checked_end",
    "checked_external_id",
    "checked_payment",
    "checked_price",
    "checked_quantity",
    "checked_start",
    "offered_plan",
    "terms_of",
]

_MOST_UNITS = 1_000_000
_YEARS = range(2000, 9001)


class Terms(NamedTuple):
    """A plan with what it includes."""

    plan: PlanRow
    features: list[FeatureRow]
    limits: PlanLimits

    @property
    def source(self) -> str:
        """Where entitlements come from that the plan grants."""
        return "PLAN" if self.plan.kind == "BASE" else "ADDON"

    def config(self, feature: FeatureRow) -> dict[str, Any]:
        """How a feature is configured by the plan, as the catalogue says."""
        return json_object(json_object(feature.plan_config).get(self.plan.code))


async def offered_plan(context: WriteContext, id: str, *path: str) -> PlanRow:
    """The plan of an id, kept as it is. Refuses one that is not there or not on offer."""
    await plans.hold_plan(context.database, id)
    (plan,) = await plans_by_id(context.database, context.caller, [id])
    if plan is None:
        raise refuse("NOT_FOUND", "There is no such plan.", *path)
    if plan.status != "ACTIVE":
        raise refuse("INVALID_STATE", "This plan is not on offer.", *path)
    return plan


async def terms_of(context: WriteContext, plan: PlanRow) -> Terms:
    """What a plan includes now."""
    (features,) = await features_of_plans(context.database, context.caller, [plan.id])
    return Terms(plan, features, limits_of(json_object(plan.limits)))


def checked_price(plan: PlanRow, billing_period: str, *path: str) -> Decimal:
    """The plan's price per unit. Refuses a period that it is not sold for."""
    price = plan.price(billing_period)
    if price is None:
        named = "month" if billing_period == "MONTHLY" else "year"
        raise refuse("INVALID", f"This plan is not sold by the {named}.", *path)
    return price


def checked_quantity(quantity: int, *path: str) -> int:
    """The units."""
    if not 1 <= quantity <= _MOST_UNITS:
        raise refuse("INVALID", f"1 to {_MOST_UNITS} units can be had.", *path)
    return quantity


def checked_start(start: datetime, *path: str) -> datetime:
    """When it begins."""
    if start.year not in _YEARS:
        raise refuse("INVALID", "It begins in the years 2000 to 9000.", *path)
    return start


def checked_end(start: datetime, end: datetime | None, *path: str) -> datetime | None:
    """When it ends, None for open end."""
    if end is not None and end <= start:
        raise refuse("INVALID", "It ends after it begins.", *path)
    return end


def checked_external_id(id: str | None, *path: str) -> str | None:
    """The id at the payment provider."""
    return checked_line(id, *path)


def checked_payment(payment: Any, *path: str) -> dict[str, Any] | None:
    """The payment provider's answer; nothing of it is ever told."""
    if payment is not None and not isinstance(payment, dict):
        raise refuse("INVALID", "The payment provider's answer is an object.", *path)
    return checked_object(payment, *path)


async def check_overlap(
    context: WriteContext,
    plan: PlanRow,
    span: tuple[datetime, datetime | None],
    *path: str,
    beside: str | None = None,
) -> None:
    """Refuse a second BASE subscription at a time. The account's row is locked."""
    if plan.kind != "BASE":
        return
    if await overlapping_base(context.database, context.caller, *span, beside=beside):
        message = "The account has another subscription to a BASE plan in this time."
        raise refuse("CYCLE_OVERLAP", message, *path)

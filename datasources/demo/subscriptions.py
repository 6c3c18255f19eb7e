"""Plans on offer, and what the tenants subscribe to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_id
from datasources.demo.roster import Roster

__all__ = ["add_plans", "add_subscriptions", "granted_by"]

_OPERATOR = "super_admin"


class _Plan(NamedTuple):
    code: str
    name: str
    description: str
    monthly_price: int
    yearly_price: int | None
    features: tuple[str, ...]
    limits: dict[str, Any]
    kind: str = "BASE"
    status: str = "ACTIVE"
    trial_days: int = 0


class _Subscription(NamedTuple):
    """Days are counted back from now."""

    plan: str
    began: int
    ended: int | None = None
    quantity: int = 1
    is_yearly: bool = False
    is_cancelled: bool = False
    is_tried: bool = False


_PLANS = (
    _Plan(
        "starter",
        "Starter",
        "Agents and models for a small team.",
        49,
        490,
        ("agents", "models"),
        {"maxTeams": 10, "documents": {"included": 500, "featureCode": "agents"}},
        trial_days=30,
    ),
    _Plan(
        "business",
        "Business",
        "Everything an organisation needs to put agents to work.",
        990,
        9900,
        ("agents", "connectors", "guardrails", "models", "sso"),
        {
            "documents": {"included": 10_000, "overageLimit": 500, "featureCode": "agents"},
            "GB": {"included": 200, "rolloverCap": 50},
        },
    ),
    _Plan(
        "enterprise",
        "Enterprise",
        "For groups of companies; from next year on.",
        4900,
        49_000,
        ("agents", "budgets", "connectors", "guardrails", "models", "playground", "sso"),
        {},
        status="COMING_SOON",
    ),
    _Plan(
        "more-agents",
        "More agents",
        "Seats and documents for agents, in addition.",
        200,
        None,
        ("agents",),
        {"calls": {"included": 50_000, "featureCode": "connectors.create_mcp"}},
        kind="ADDON",
    ),
)
_SUBSCRIPTIONS: dict[str, tuple[_Subscription, ...]] = {
    "bank": (
        _Subscription("starter", 540, 365),
        _Subscription("business", 365, is_yearly=True, quantity=3),
        _Subscription("more-agents", 30, quantity=2),
    ),
    "hospital": (_Subscription("business", 700, quantity=12),),
    "lawfirm": (
        _Subscription("starter", 24, -6, is_tried=True),
        _Subscription("business", -6),
    ),
    "startup": (_Subscription("starter", 50),),
    "institute": (_Subscription("business", 400, 90, is_cancelled=True),),
}
_SOURCES = {"BASE": "PLAN", "ADDON": "ADDON"}


def add_plans(dataset: Dataset) -> None:
    """What can be subscribed to."""
    for plan in _PLANS:
        since = dataset.ago(days=800)
        dataset.add(
            "gateway.subscription_plans",
            id=demo_id("plan", plan.code),
            code=plan.code,
            name=plan.name,
            description=plan.description,
            kind=plan.kind,
            status=plan.status,
            monthly_price=plan.monthly_price,
            yearly_price=plan.yearly_price,
            currency="EUR",
            trial_days=plan.trial_days,
            limits=plan.limits,
            created_by=_OPERATOR,
            updated_by=_OPERATOR,
            created_at=since,
            updated_at=since,
        )
        for code in plan.features:
            plan_id = demo_id("plan", plan.code)
            dataset.add("gateway.plan_features", plan_id=plan_id, feature_code=code)


def add_subscriptions(dataset: Dataset, roster: Roster) -> None:
    """What a tenant subscribes to and subscribed to before."""
    for one in _SUBSCRIPTIONS.get(roster.tenant.key, ()):
        _add(dataset, roster, one)


def granted_by(tenant: str, source: str, feature: str) -> str | None:
    """The id of the running subscription of a tenant that an entitlement comes from."""
    plans = {plan.code: plan for plan in _PLANS}
    for one in _SUBSCRIPTIONS.get(tenant, ()):
        plan = plans[one.plan]
        is_running = one.began > 0 and (one.ended is None or one.ended < 0)
        if is_running and _SOURCES[plan.kind] == source and feature in plan.features:
            return _id(tenant, one)
    return None


def _id(tenant: str, one: _Subscription) -> str:
    return demo_id("subscription", tenant, one.plan)


def _add(dataset: Dataset, roster: Roster, one: _Subscription) -> None:
    plan = next(plan for plan in _PLANS if plan.code == one.plan)
    start = dataset.ago(days=one.began)
    end = None if one.ended is None else dataset.ago(days=one.ended)
    known = min(start, dataset.ago(days=1))
    dataset.add(
        "gateway.subscriptions",
        id=_id(roster.tenant.key, one),
        account_id=roster.tenant.id,
        plan_id=demo_id("plan", plan.code),
        quantity=one.quantity,
        billing_period="YEARLY" if one.is_yearly else "MONTHLY",
        unit_price=plan.yearly_price if one.is_yearly else plan.monthly_price,
        currency="EUR",
        limits=plan.limits,
        start_at=start,
        trial_end_at=start + timedelta(days=plan.trial_days) if one.is_tried else None,
        end_at=end,
        cancelled_at=end if one.is_cancelled else None,
        created_by=_OPERATOR,
        updated_by=_OPERATOR,
        created_at=known,
        updated_at=known,
    )

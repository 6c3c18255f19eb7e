"""What the tenants bought and what operators decided: entitlements, quotas and overrides."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_id
from datasources.demo.roster import Roster
from datasources.demo.subscriptions import granted_by

__all__ = ["add_entitlements"]

_OPERATOR = "super_admin"


class _Entitlement(NamedTuple):
    feature: str
    source: str
    config: dict[str, Any]
    is_enabled: bool = True
    since: int = 90
    """Days it has counted for."""
    ends: int | None = None
    """Days it still counts for; less than none for one that is over."""


class _Quota(NamedTuple):
    """An amount a month; what is used is of the month that runs."""

    unit: str
    feature: str | None
    included: int
    used: int
    overage_limit: int = 0
    overage_used: int = 0
    rolled_over: int = 0
    rollover_cap: int = 0
    used_before: int | None = None
    """What was used in the month before, which the quota then had already."""


_ENTITLEMENTS: dict[str, tuple[_Entitlement, ...]] = {
    "bank": (
        _Entitlement("agents", "PLAN", {"seats": 200, "sandbox": False}),
        _Entitlement("agents", "ADDON", {"seats": 450}, since=30),
        _Entitlement("guardrails", "PLAN", {"customPatterns": 50}),
        _Entitlement("connectors.create_mcp", "TRIAL", {"servers": 5}, since=9, ends=21),
        _Entitlement("connectors.create_openapi", "SUPER_ADMIN", {}, is_enabled=False, since=4),
        _Entitlement("models", "PROMOTION", {"priority": "high"}, since=60, ends=-12),
    ),
    "hospital": (
        _Entitlement("agents", "PLAN", {"seats": 5000}),
        _Entitlement("sso", "PLAN", {"domains": 3}),
        _Entitlement("connectors.create_integration", "PLAN", {}, is_enabled=False),
        _Entitlement("connectors.create_integration", "TRIAL", {}, since=20, ends=10),
    ),
    "lawfirm": (
        _Entitlement("agents", "TRIAL", {"seats": 25}, since=24, ends=6),
        _Entitlement("sso", "PLAN", {}, is_enabled=False),
    ),
    "startup": (_Entitlement("agents", "PROMOTION", {"seats": 12}, since=10, ends=80),),
}
_QUOTAS: dict[str, tuple[_Quota, ...]] = {
    "bank": (
        _Quota("documents", "agents", 10_000, 9_610, overage_limit=500, used_before=8_200),
        _Quota("GB", None, 200, 64, rolled_over=20, rollover_cap=50, used_before=180),
        _Quota("calls", "connectors.create_mcp", 50_000, 12_400),
    ),
    "hospital": (
        _Quota("documents", "agents", 80_000, 80_000, overage_limit=8_000, overage_used=1_250),
        _Quota("GB", None, 2_000, 1_310, used_before=1_240),
    ),
    "lawfirm": (_Quota("documents", "agents", 500, 488),),
}


def add_entitlements(dataset: Dataset, roster: Roster) -> None:
    """What a tenant has, how much of it, and what it is denied."""
    for entitlement in _ENTITLEMENTS.get(roster.tenant.key, ()):
        _add_entitlement(dataset, roster, entitlement)
    for quota in _QUOTAS.get(roster.tenant.key, ()):
        _add_quota(dataset, roster, quota)
    if roster.tenant.key == "bank":
        _add_override(dataset, roster)


def _add_entitlement(dataset: Dataset, roster: Roster, one: _Entitlement) -> None:
    since = dataset.ago(days=one.since)
    dataset.add(
        "gateway.entitlements",
        id=demo_id("entitlement", roster.tenant.key, one.feature, one.source),
        account_id=roster.tenant.id,
        feature_code=one.feature,
        source=one.source,
        subscription_id=granted_by(roster.tenant.key, one.source, one.feature),
        is_enabled=one.is_enabled,
        config=one.config,
        valid_from=since,
        valid_until=None if one.ends is None else dataset.ago(days=-one.ends),
        created_by=_OPERATOR,
        updated_by=_OPERATOR,
        created_at=since,
        updated_at=since,
    )


def _add_quota(dataset: Dataset, roster: Roster, one: _Quota) -> None:
    start = dataset.now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    id = demo_id("quota", roster.tenant.key, one.feature, one.unit)
    created = dataset.ago(days=70)
    dataset.add(
        "gateway.quotas",
        id=id,
        account_id=roster.tenant.id,
        feature_code=one.feature,
        unit=one.unit,
        included=one.included,
        rolled_over=one.rolled_over,
        used=one.used,
        overage_limit=one.overage_limit,
        overage_used=one.overage_used,
        reset="MONTHLY",
        rollover_cap=one.rollover_cap,
        period_start=start,
        period_end=_next_month(start),
        is_active=True,
        created_at=created,
        updated_at=dataset.ago(hours=3),
    )
    if one.used_before is not None:
        dataset.add(
            "gateway.quota_periods",
            quota_id=id,
            account_id=roster.tenant.id,
            period_start=(start - timedelta(days=1)).replace(day=1),
            period_end=start,
            included=one.included,
            rolled_over=0,
            used=one.used_before,
            overage_used=0,
            closed_at=start,
        )


def _next_month(start: datetime) -> datetime:
    return (start + timedelta(days=31)).replace(day=1)


def _add_override(dataset: Dataset, roster: Roster) -> None:
    """One team's agents are in the way of an audit; it lasts until that is over."""
    team = next(team for team in roster.teams if not team.is_default)
    since = dataset.ago(days=2)
    dataset.add(
        "gateway.access_overrides",
        id=demo_id("override", roster.tenant.key, team.id),
        account_id=roster.tenant.id,
        scope_type="TEAM",
        scope_id=team.id,
        feature_code="agents.create",
        effect="DENY",
        disabled_items=[],
        reason="No new agents until the audit of this team's data is over",
        valid_from=since,
        valid_until=dataset.ago(days=-26),
        created_by=_OPERATOR,
        updated_by=_OPERATOR,
        created_at=since,
        updated_at=since,
    )

"""A plan's rules, read from the document it is stored as.

The document is production's; what production's writers do not know (anchor, children, rollover)
stands beside what they do, and whatever is missing or malformed gets its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from datasources.budgets.rows import PlanRow
from datasources.codecs import json_object
from resolvers.budgets.cycles import Cycle, cycle_at

__all__ = [
    "STANDARD_NOTE",
    "AmountsRow",
    "DistributionRow",
    "RenewalRow",
    "Rules",
    "next_renewal_at",
    "rules_of",
    "stored_rules",
]

STANDARD_NOTE = "Usage beyond the limit is invoiced separately."
_MODES = {"manual": "MANUAL", "equal_distribution": "EQUAL", "weighted": "WEIGHTED"}
_TARGETS = {"organization": "GROUP", "group": "GROUP", "team": "TEAM", "user": "USER"}


class RenewalRow(NamedTuple):
    """When cycles start and what they carry over."""

    cadence: str
    day_of_month: int
    anchor_at: datetime
    children: str
    rollover_cap: int

    def cycle_at(self, moment: datetime) -> Cycle | None:
        """The cycle that contains a moment; None when the plan renews only when told to."""
        return cycle_at(
            moment,
            cadence=self.cadence,
            day_of_month=self.day_of_month,
            anchor_at=self.anchor_at,
        )


class AmountsRow(NamedTuple):
    """Amounts of a budget."""

    allocated: int
    limit: int
    overflow_cap: int | None


class DistributionRow(NamedTuple):
    """How a plan hands credits down."""

    mode: str
    target_type: str
    group_weight_percent: float
    team_weight_percent: float
    user_weight_percent: float
    includes_new_users: bool
    keeps_overrides: bool
    notes: str | None


class Rules(NamedTuple):
    """Everything a plan says."""

    renewal: RenewalRow
    amounts: AmountsRow
    distribution: DistributionRow
    is_overflow_billed: bool
    overflow_billing_note: str


def rules_of(plan: PlanRow) -> Rules:
    """The rules of a stored plan."""
    stored = json_object(plan.distribution)
    billing = json_object(stored.get("billing"))
    note = billing.get("overflow_billing_note")
    return Rules(
        _renewal(json_object(stored.get("renewal_policy")), plan.created_at),
        _amounts(json_object(stored.get("account_policy"))),
        _distribution(stored),
        _flag(billing.get("overflow_billing_enabled"), otherwise=True),
        note if isinstance(note, str) and note.strip() else STANDARD_NOTE,
    )


def stored_rules(rules: Rules, before: Any) -> dict[str, Any]:
    """The document for these rules; what it holds besides stays."""
    kept = json_object(before)
    distribution = rules.distribution
    return {
        "groups": [],
        "teams": [],
        "users": [],
        **kept,
        "renewal_policy": {
            "cadence": rules.renewal.cadence.lower(),
            "day_of_month": rules.renewal.day_of_month,
            "anchor_at": rules.renewal.anchor_at.isoformat(),
            "children": rules.renewal.children.lower(),
            "rollover_cap": rules.renewal.rollover_cap,
        },
        "account_policy": {
            "allocation": rules.amounts.allocated,
            "limit_amount": rules.amounts.limit,
            "overflow_cap": rules.amounts.overflow_cap,
        },
        "billing": {
            "overflow_billing_enabled": rules.is_overflow_billed,
            "overflow_billing_note": rules.overflow_billing_note,
        },
        "distribution_mode": _name_of(_MODES, distribution.mode),
        "default_target_scope": _name_of(_TARGETS, distribution.target_type),
        "weights": {
            "group": distribution.group_weight_percent,
            "team": distribution.team_weight_percent,
            "user": distribution.user_weight_percent,
        },
        "auto_distribute_new_users": distribution.includes_new_users,
        "lock_user_overrides": distribution.keeps_overrides,
        "notes": distribution.notes,
    }


def next_renewal_at(plan: PlanRow, now: datetime) -> datetime | None:
    """When the next cycle starts; None when the plan is inactive or renews only when told to."""
    cycle = rules_of(plan).renewal.cycle_at(now) if plan.is_active else None
    return None if cycle is None else cycle.end_at


def _renewal(stored: Mapping[str, Any], created_at: datetime) -> RenewalRow:
    cadence = str(stored.get("cadence", "monthly")).upper()
    children = str(stored.get("children", "carry_over")).upper()
    return RenewalRow(
        cadence if cadence in {"MONTHLY", "QUARTERLY", "YEARLY", "MANUAL"} else "MONTHLY",
        min(28, max(1, _whole(stored.get("day_of_month"), 1))),
        _moment(stored.get("anchor_at"), created_at),
        children if children in {"CARRY_OVER", "OVERRIDES_ONLY", "START_EMPTY"} else "CARRY_OVER",
        max(0, _whole(stored.get("rollover_cap"), 0)),
    )


def _amounts(stored: Mapping[str, Any]) -> AmountsRow:
    allocated = max(0, _whole(stored.get("allocation"), 0))
    cap = stored.get("overflow_cap")
    return AmountsRow(
        allocated,
        min(allocated, max(0, _whole(stored.get("limit_amount"), allocated))),
        None if cap is None else max(0, _whole(cap, 0)),
    )


def _distribution(stored: Mapping[str, Any]) -> DistributionRow:
    weights = json_object(stored.get("weights"))
    notes = stored.get("notes")
    return DistributionRow(
        _MODES.get(str(stored.get("distribution_mode")).lower(), "MANUAL"),
        _TARGETS.get(str(stored.get("default_target_scope")).lower(), "USER"),
        _share(weights.get("group"), 50.0),
        _share(weights.get("team"), 30.0),
        _share(weights.get("user"), 20.0),
        _flag(stored.get("auto_distribute_new_users"), otherwise=False),
        _flag(stored.get("lock_user_overrides"), otherwise=True),
        notes if isinstance(notes, str) and notes.strip() else None,
    )


def _whole(value: Any, otherwise: int) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return otherwise


def _share(value: Any, otherwise: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return otherwise


def _flag(value: Any, *, otherwise: bool) -> bool:
    return value if isinstance(value, bool) else otherwise


def _moment(value: Any, otherwise: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return otherwise
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _name_of(names: Mapping[str, str], value: str) -> str:
    return next(name for name, known in names.items() if known == value)

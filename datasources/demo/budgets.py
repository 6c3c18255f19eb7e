"""Credit budgets of the current and the last cycle, and the plans they come from.

Sums hold: what a budget's children were given is never more than what it has.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_id
from datasources.demo.roster import Group, Roster

__all__ = ["add_budgets"]

_CREDITS_PER_PERSON = 400
_USED_PERCENT = (12, 35, 58, 71, 83, 96, 100, 44, 27, 64)
"""Shares of their limits that budgets have used, in turn: some alert, one is full."""
_PERSONAL_LIMIT = 150
_MOST_PERSONAL = 8


class _Cycle(NamedTuple):
    start: datetime
    end: datetime


class _Scope(NamedTuple):
    """Whose budget."""

    type: str
    id: str


def add_budgets(dataset: Dataset, roster: Roster) -> None:
    """A plan, what was granted, and budgets of the account, its groups, teams and some people."""
    cycle = _cycle(dataset.now)
    total = roster.tenant.size * _CREDITS_PER_PERSON
    _add_plan(dataset, roster, total)
    _add_grant(dataset, roster, total)
    if roster.tenant.status != "active":
        cycle = _before(_before(cycle))
    for each in (_before(cycle), cycle):
        _add_cycle(dataset, roster, each, total)
    if roster.tenant.key == "bank":
        # Migrated budgets of people keep the id that the person had before.
        former = _Scope("user", demo_id("former user", roster.admin.id))
        _add(dataset, roster, cycle, former, allocated=_PERSONAL_LIMIT, turn=2)


def _cycle(moment: datetime) -> _Cycle:
    """The month a moment is in; it ends a second before the next begins."""
    start = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (start + timedelta(days=32)).replace(day=1)
    return _Cycle(start, following - timedelta(seconds=1))


def _before(cycle: _Cycle) -> _Cycle:
    return _cycle(cycle.start - timedelta(days=1))


def _plan_id(roster: Roster) -> str:
    return demo_id("plan", roster.tenant.key)


def _add_plan(dataset: Dataset, roster: Roster, total: int) -> None:
    dataset.add(
        "copilot.budget_plans",
        id=_plan_id(roster),
        account_id=roster.tenant.id,
        name=f"{roster.tenant.alias} monthly",
        distribution={
            "groups": [],
            "teams": [],
            "users": [],
            "renewal_policy": {"cadence": "monthly", "day_of_month": 1},
            "account_policy": {
                "allocation": total,
                "limit_amount": total,
                "overflow_cap": total // 10,
            },
            "billing": {"overflow_billing_enabled": True},
        },
        created_at=dataset.ago(days=roster.tenant.age - 5),
        updated_at=dataset.ago(days=30),
    )
    # Migrated plans hold nothing; readers fill in what is usual.
    dataset.add(
        "copilot.budget_plans",
        id=demo_id("plan", roster.tenant.key, "migrated"),
        account_id=roster.tenant.id,
        is_active=False,
        distribution={},
        created_at=dataset.ago(days=roster.tenant.age),
        updated_at=dataset.ago(days=roster.tenant.age),
    )


def _add_grant(dataset: Dataset, roster: Roster, total: int) -> None:
    dataset.add(
        "gateway.account_allocations",
        id=demo_id("allocation", roster.tenant.key),
        account_id=roster.tenant.id,
        allocated=total,
        limit_amount=total,
        overflow_cap=total // 10,
        credit_factor=5,
        effective_from_at=dataset.ago(days=roster.tenant.age - 5),
        is_applied=True,
        updated_by="super_admin",
        created_at=dataset.ago(days=roster.tenant.age - 5),
    )


def _add_cycle(dataset: Dataset, roster: Roster, cycle: _Cycle, total: int) -> None:
    account = _Scope("account", roster.tenant.id)
    _add(dataset, roster, cycle, account, allocated=total, turn=3)
    groups = [group for group in roster.groups if not group.is_default]
    share = total * 9 // 10 // len(groups)
    for turn, group in enumerate(groups):
        scope = _Scope("group", group.id)
        _add(dataset, roster, cycle, scope, allocated=share, turn=turn, parent=account)
        _add_teams(dataset, roster, cycle, group, share)


def _add_teams(
    dataset: Dataset, roster: Roster, cycle: _Cycle, group: Group, allocated: int
) -> None:
    parent = _Scope("group", group.id)
    teams = [team for team in roster.teams if team.group.id == group.id]
    share = allocated * 4 // 5 // len(teams)
    for turn, team in enumerate(teams, start=group.number):
        scope = _Scope("team", team.id)
        _add(dataset, roster, cycle, scope, allocated=share, turn=turn, parent=parent)
        if turn == group.number:
            _add_people(dataset, roster, cycle, scope, share)


def _add_people(
    dataset: Dataset, roster: Roster, cycle: _Cycle, team: _Scope, allocated: int
) -> None:
    """Budgets of the first few people of a team, one of them an exception."""
    named = [one for one in roster.people if one.teams and one.teams[0].id == team.id]
    affordable = min(_MOST_PERSONAL, allocated // _PERSONAL_LIMIT)
    for turn, person in enumerate(named[:affordable]):
        strategy = "override" if turn == 2 else "equal_distribution"
        _add(
            dataset,
            roster,
            cycle,
            _Scope("user", person.id),
            allocated=_PERSONAL_LIMIT,
            turn=turn + person.number,
            parent=team,
            strategy=strategy,
        )


def _add(
    dataset: Dataset,
    roster: Roster,
    cycle: _Cycle,
    scope: _Scope,
    *,
    allocated: int,
    turn: int,
    parent: _Scope | None = None,
    strategy: str = "manual",
) -> None:
    used_percent = _USED_PERCENT[turn % len(_USED_PERCENT)]
    overflow_cap = 0 if strategy == "equal_distribution" else (allocated // 10, None)[turn % 2]
    has_overflow = used_percent > 95 and overflow_cap != 0
    dataset.add(
        "copilot.credit_budget",
        id=_budget_id(scope, cycle),
        account_id=roster.tenant.id,
        budget_plan_id=_plan_id(roster) if scope.type == "account" else None,
        scope_type=scope.type,
        scope_id=scope.id,
        allocated=allocated,
        limit_amount=allocated,
        overflow_cap=overflow_cap,
        used=allocated * used_percent // 100,
        overflow_used=allocated // 25 if has_overflow else 0,
        cycle_start=cycle.start,
        cycle_end=cycle.end,
        parent_budget_id=None if parent is None else _budget_id(parent, cycle),
        allocation_strategy=strategy,
        created_at=cycle.start,
        updated_at=cycle.start + (min(cycle.end, dataset.now) - cycle.start) / 2,
    )


def _budget_id(scope: _Scope, cycle: _Cycle) -> str:
    return demo_id("budget", scope.type, scope.id, cycle.start.date())

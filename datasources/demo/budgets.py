"""Credit budgets of the current and the last cycle, and the plans they come from.

Sums hold: what a budget's children were given is never more than what it has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from datasources.demo.dataset import Dataset
from datasources.demo.identifiers import demo_id
from datasources.demo.roster import Group, Roster
from datasources.demo.usage import Use, add_use

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


@dataclass
class _Budget:
    """A budget with those it was handed on to."""

    scope: _Scope
    allocated: int
    turn: int
    strategy: str = "manual"
    is_migrated: bool = False
    """Whether it hangs off the account's without saying so."""
    used: int = 0
    overflow_used: int = 0
    children: list[_Budget] = field(default_factory=list)

    @property
    def overflow_cap(self) -> int | None:
        """What may be used beyond it."""
        if self.strategy == "equal_distribution":
            return 0
        return (self.allocated // 10, None)[self.turn % 2]

    def hand(self, scope: _Scope, allocated: int, turn: int, strategy: str = "manual") -> _Budget:
        """Hand a part of it on."""
        self.children.append(_Budget(scope, allocated, turn, strategy))
        return self.children[-1]

    def settled(self, *, has_overflow: bool) -> _Budget:
        """With what was used: below, and as much more as its turn says."""
        for child in self.children:
            child.settled(has_overflow=has_overflow)
        percent = _USED_PERCENT[self.turn % len(_USED_PERCENT)]
        self.used = max(self.allocated * percent // 100, sum(child.used for child in self.children))
        self.overflow_used = sum(child.overflow_used for child in self.children)
        if has_overflow and percent > 95 and self.overflow_cap != 0 and not self.children:
            self.overflow_used = self.allocated // 25
        return self


def add_budgets(dataset: Dataset, roster: Roster) -> None:
    """A plan, what was granted, and budgets of the account, its groups, teams and some people."""
    cycle = _cycle(dataset.now)
    total = roster.tenant.size * _CREDITS_PER_PERSON
    _add_plan(dataset, roster, total)
    _add_grant(dataset, roster, total)
    if roster.tenant.status != "active":
        cycle = _before(_before(cycle))
    _add(dataset, roster, _before(cycle), _tree(roster, total).settled(has_overflow=True), ())
    tree = _tree(roster, total)
    if roster.tenant.key == "bank":
        # Migrated budgets of people keep the id that the person had before.
        former = _Scope("user", demo_id("former user", roster.admin.id))
        tree.hand(former, _PERSONAL_LIMIT, 2).is_migrated = True
    # Overflow counts in every budget above: with it, an account stands at its limit.
    has_overflow = roster.tenant.key == "bank"
    _add(dataset, roster, cycle, tree.settled(has_overflow=has_overflow), ())


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


def _tree(roster: Roster, total: int) -> _Budget:
    """Budgets from the account's own down to people's."""
    account = _Budget(_Scope("account", roster.tenant.id), total, 3)
    groups = [group for group in roster.groups if not group.is_default]
    share = total * 9 // 10 // len(groups)
    for turn, group in enumerate(groups):
        child = account.hand(_Scope("group", group.id), share, turn)
        _hand_to_teams(roster, child, group)
    return account


def _hand_to_teams(roster: Roster, parent: _Budget, group: Group) -> None:
    teams = [team for team in roster.teams if team.group.id == group.id]
    share = parent.allocated * 4 // 5 // len(teams)
    for turn, team in enumerate(teams, start=group.number):
        child = parent.hand(_Scope("team", team.id), share, turn)
        if turn == group.number:
            _hand_to_people(roster, child)


def _hand_to_people(roster: Roster, team: _Budget) -> None:
    """Budgets of the first few people of a team, one of them an exception."""
    named = [one for one in roster.people if one.teams and one.teams[0].id == team.scope.id]
    affordable = min(_MOST_PERSONAL, team.allocated // _PERSONAL_LIMIT)
    for turn, person in enumerate(named[:affordable]):
        scope = _Scope("user", person.id)
        strategy = "override" if turn == 2 else "equal_distribution"
        team.hand(scope, _PERSONAL_LIMIT, turn + person.number, strategy)


def _add(
    dataset: Dataset, roster: Roster, cycle: _Cycle, budget: _Budget, above: tuple[_Budget, ...]
) -> None:
    """A budget, what its own scope used of it, and the budgets below."""
    chain = (budget, *above)
    parent = above[0] if above and not budget.is_migrated else None
    dataset.add(
        "copilot.credit_budget",
        id=_budget_id(budget.scope, cycle),
        account_id=roster.tenant.id,
        budget_plan_id=None if above else _plan_id(roster),
        scope_type=budget.scope.type,
        scope_id=budget.scope.id,
        allocated=budget.allocated,
        limit_amount=budget.allocated,
        overflow_cap=budget.overflow_cap,
        used=budget.used,
        overflow_used=budget.overflow_used,
        cycle_start=cycle.start,
        cycle_end=cycle.end,
        parent_budget_id=None if parent is None else _budget_id(parent.scope, cycle),
        allocation_strategy=budget.strategy,
        created_at=cycle.start,
        updated_at=cycle.start + (min(cycle.end, dataset.now) - cycle.start) / 2,
    )
    use = Use(
        [_budget_id(one.scope, cycle) for one in chain],
        {one.scope.type: one.scope.id for one in chain},
        budget.used - sum(child.used for child in budget.children),
        budget.overflow_used - sum(child.overflow_used for child in budget.children),
        cycle.start,
        min(cycle.end, dataset.now),
    )
    add_use(dataset, roster, use)
    for child in budget.children:
        _add(dataset, roster, cycle, child, chain)


def _budget_id(scope: _Scope, cycle: _Cycle) -> str:
    return demo_id("budget", scope.type, scope.id, cycle.start.date())

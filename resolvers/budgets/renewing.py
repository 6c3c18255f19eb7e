"""Starting a cycle: the account's own budget, its children, and what the last one left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

from datasources.budgets.rows import BudgetRow, PlanRow
from datasources.budgets.writes import plans, structure
from datasources.budgets.writes.locking import lock_cycle
from datasources.budgets.writes.roots import last_cycle, running_root
from datasources.budgets.writes.sharing import NewBudget, insert_budgets
from datasources.scopes import ScopeRow
from resolvers.budgets.alerts import announce_raised
from resolvers.budgets.allocating import budget_now, distributed_of
from resolvers.budgets.amounts import check_floor
from resolvers.budgets.auditing import plan_event
from resolvers.budgets.charging import MOST_CREDITS
from resolvers.budgets.cycles import Cycle
from resolvers.budgets.distributing import Distribution, distribute
from resolvers.budgets.rules import AmountsRow, Rules, rules_of
from resolvers.errors import Refused, refuse
from resolvers.writing import WriteContext

__all__ = ["Renewed", "apply_amounts", "close_last_cycle", "start_cycle"]


class Renewed(NamedTuple):
    """A cycle's own budget, whether it is new, and how many children it began with."""

    root: BudgetRow
    is_created: bool
    carried_count: int


async def start_cycle(
    context: WriteContext, plan: PlanRow, cycle: Cycle, *, force: bool = False
) -> Renewed:
    """Start a plan's cycle, with the account's turn taken; one that is there stays.

    `force` applies the plan's amounts again to a cycle that is there.
    """
    rules = rules_of(plan)
    amounts = await _amounts(context, rules, cycle)
    scope = _account_scope(context)
    existing, cycle = await _fitted(context, cycle)
    if existing is not None:
        if force:
            await apply_amounts(context, existing, amounts, plan.id)
        return Renewed(await budget_now(context, existing.id), is_created=False, carried_count=0)
    if await structure.has_overlap(context.database, context.caller, cycle.start_at, cycle.end_at):
        raise refuse("CYCLE_OVERLAP", "Another cycle of the account overlaps this one.", "at")
    before = await last_cycle(context.database, context.caller, cycle.start_at)
    values = {**amounts._asdict(), "strategy": "MANUAL", "plan_id": plan.id}
    root_id = await structure.insert_budget(context.database, context.caller, scope, cycle, values)
    if root_id is None:
        raise refuse("CYCLE_OVERLAP", "Another cycle of the account overlaps this one.", "at")
    root = await budget_now(context, root_id)
    carried = await _carry(context, before and before.root, root, rules)
    await close_last_cycle(context, root, rules)
    await _hand_down(context, root, rules)
    return Renewed(await budget_now(context, root_id), is_created=True, carried_count=carried)


def _account_scope(context: WriteContext) -> ScopeRow:
    return ScopeRow("ACCOUNT", context.account_id, context.account_id)


async def _fitted(context: WriteContext, cycle: Cycle) -> tuple[BudgetRow | None, Cycle]:
    """The budget that a cycle has, or the cycle as it meets the one that ran until now.

    Where a plan took over while a cycle ran, its first one begins when that has ended.
    """
    existing = await _root_of(context, cycle.start_at)
    last = await last_cycle(context.database, context.caller, cycle.end_at)
    if existing is not None or last is None:
        return existing, cycle
    if last.root.cycle_start > cycle.start_at and last.root.cycle_end == cycle.end_at:
        return last.root, cycle
    if cycle.start_at < last.root.cycle_end <= datetime.now(UTC):
        return None, Cycle(last.root.cycle_end, cycle.end_at)
    return None, cycle


async def _root_of(context: WriteContext, start: datetime) -> BudgetRow | None:
    cycle = await lock_cycle(context.database, context.caller, start)
    roots = [b for b in cycle.values() if b.scope_type == "ACCOUNT" and not b.is_closed]
    return roots[0] if roots else None


async def _amounts(context: WriteContext, rules: Rules, cycle: Cycle) -> AmountsRow:
    """The plan's amounts; where it says none what was granted, or else what the account has now.

    Of a cycle that has begun, what was granted since counts as well.
    """
    if rules.amounts.allocated:
        return rules.amounts
    moment = max(cycle.start_at, min(datetime.now(UTC), cycle.end_at))
    granted = await plans.latest_allocation(context.database, context.caller, moment)
    if granted is not None:
        return AmountsRow(granted.allocated, granted.limit, granted.overflow_cap)
    root = await running_root(context.database, context.caller)
    if root is None:
        return rules.amounts
    allocated = root.allocated - root.rolled_over
    return AmountsRow(allocated, min(root.limit, allocated), root.overflow_cap)


async def apply_amounts(
    context: WriteContext, root: BudgetRow, amounts: AmountsRow, plan_id: str | None
) -> None:
    """Give a running cycle other amounts, never below what is handed on; its pool stays."""
    values = amounts._asdict()
    values["allocated"] += root.rolled_over
    if values["allocated"] > MOST_CREDITS:
        message = f"With {root.rolled_over} credits carried over, it is more than {MOST_CREDITS}."
        raise refuse("INVALID", message, "allocated")
    check_floor(root, values, await distributed_of(context, root))
    if plan_id is not None:
        values["plan_id"] = plan_id
    await structure.update_budget(context.database, context.caller, root.id, values)
    after = root._replace(allocated=values["allocated"], limit=values["limit"])
    await announce_raised(context.database, [(root, after)])


# --- children -------------------------------------------------------------------------------------


async def _carry(
    context: WriteContext, before: BudgetRow | None, root: BudgetRow, rules: Rules
) -> int:
    """Give the children of the last cycle their credits again, as far as those reach.

    From the broadest level down, by id: what does not fit any more is cut to what is left.
    """
    if before is None or rules.renewal.children == "START_EMPTY":
        return 0
    old = await lock_cycle(context.database, context.caller, before.cycle_start)
    carried = {before.id: root.id}
    left = {root.id: root.allocated - root.pooled}
    chosen = sorted((b for b in old.values() if _is_carried(b, rules)), key=_from_broadest)
    for _, children in groupby(chosen, key=lambda b: b.scope.level):
        parents = [(child, _carried_parent(child, old, carried) or root.id) for child in children]
        new = {child.id: row for child, row in _cut(parents, left, root) if row.allocated}
        cycle = (root.cycle_start, root.cycle_end)
        added = await insert_budgets(context.database, context.caller, cycle, list(new.values()))
        for (old_id, row), new_id in zip(new.items(), added, strict=True):
            if new_id is not None:
                carried[old_id], left[new_id] = new_id, row.allocated
    return len(carried) - 1


def _from_broadest(budget: BudgetRow) -> tuple[int, str]:
    return budget.scope.level, budget.id


def _cut(
    children: Iterable[tuple[BudgetRow, str]], left: dict[str, int], root: BudgetRow
) -> Iterator[tuple[BudgetRow, NewBudget]]:
    """Budgets of one level in the new cycle, each cut to what its parent has left."""
    for child, parent_id in children:
        allocated = min(child.allocated, left[parent_id])
        left[parent_id] -= allocated
        limit = min(child.limit, allocated)
        amounts = (allocated, limit, child.overflow_cap)
        yield child, NewBudget(child.scope, *amounts, child.strategy, parent_id, root.plan_id)


def _is_carried(budget: BudgetRow, rules: Rules) -> bool:
    if budget.scope_type == "ACCOUNT" or budget.is_closed:
        return False
    return rules.renewal.children == "CARRY_OVER" or budget.strategy == "OVERRIDE"


def _carried_parent(
    child: BudgetRow, old: Mapping[str, BudgetRow], carried: Mapping[str, str]
) -> str | None:
    """The nearest budget of the chain that was carried over."""
    above = old.get(child.parent_id or "")
    while above is not None and above.id not in carried:
        above = old.get(above.parent_id or "")
    return None if above is None else carried[above.id]


async def _hand_down(context: WriteContext, root: BudgetRow, rules: Rules) -> None:
    """Share out what is left as the plan says; nobody to share it over is no mistake here."""
    given = rules.distribution
    for distribution in _distributions(root, rules, await distributed_of(context, root)):
        try:
            await distribute(
                context,
                root,
                distribution._replace(include_overrides=not given.keeps_overrides),
            )
        except Refused:
            continue


def _distributions(root: BudgetRow, rules: Rules, handed_on: int) -> list[Distribution]:
    given = rules.distribution
    if given.mode == "EQUAL":
        return [Distribution(given.target_type)]
    if given.mode != "WEIGHTED":
        return []
    left = root.allocated - root.pooled - handed_on
    levels = {
        "GROUP": given.group_weight_percent,
        "TEAM": given.team_weight_percent,
        "USER": given.user_weight_percent,
    }
    return [
        Distribution(level, amount=int(left * percent / 100))
        for level, percent in levels.items()
        if percent > 0
    ]


# --- the cycle before -----------------------------------------------------------------------------


async def close_last_cycle(context: WriteContext, root: BudgetRow, rules: Rules) -> bool:
    """Charge the overflow of the cycle before once it has ended, and take over what it left.

    Overflow that the pool covers is not charged. What was not used moves into the pool of this
    cycle, up to the plan's cap and to what a budget can hold.
    """
    before = await last_cycle(context.database, context.caller, root.cycle_start)
    if before is None or before.closed_at is not None:
        return False
    last = before.root
    if last.cycle_end > datetime.now(UTC):
        # Kept in mind, so that it is closed when it ends.
        await structure.set_details(context.database, context.caller, last.id, pooled=last.pooled)
        return False
    charged = max(0, last.overflow_used - last.pooled) if rules.is_overflow_billed else 0
    unused = max(0, last.allocated - last.used - last.reserved)
    rolled = min(unused, rules.renewal.rollover_cap)
    await structure.set_details(
        context.database,
        context.caller,
        last.id,
        overflow_charged=charged,
        cycle_closed_at=datetime.now(UTC),
    )
    if rolled:
        now = await budget_now(context, root.id)
        rolled = min(rolled, MOST_CREDITS - now.allocated)
        changes = {
            "allocated": now.allocated + rolled,
            "pooled": now.pooled + rolled,
            "rolled_over": now.rolled_over + rolled,
        }
        await structure.update_budget(context.database, context.caller, root.id, changes)
    details = {"cycle_start": last.cycle_start.isoformat(), "overflow_charged": charged}
    message = f"A cycle was closed: {charged} credits of overflow, {rolled} carried over."
    await context.audit(plan_event("close_cycle", root.plan_id, message, details))
    return True

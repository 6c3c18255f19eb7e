"""What the super admin grants an account per cycle, and what of it the running cycle gets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from datasources.audit import AuditEvent
from datasources.budgets.rows import AllocationRow, BudgetRow
from datasources.budgets.writes import plans, structure
from datasources.budgets.writes.roots import running_root
from datasources.scopes import ScopeRow
from resolvers.auditing import changes
from resolvers.budgets.allocating import budget_now, take_turn
from resolvers.budgets.amounts import checked_amounts
from resolvers.budgets.cycles import Cycle, cycle_at
from resolvers.budgets.renewing import apply_amounts
from resolvers.budgets.rules import AmountsRow, rules_of, stored_rules
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = [
    "Grant",
    "SetAllocation",
    "apply_allocation",
    "checked_factor",
    "grant_of",
    "is_in_effect",
    "set_account_allocation",
]

_LARGEST_FACTOR = Decimal(10) ** 9


class SetAllocation(NamedTuple):
    """What is granted after a change, and the running cycle's own budget."""

    allocation: AllocationRow
    budget: BudgetRow | None


async def set_account_allocation(
    context: WriteContext, *, effective_from_at: datetime | None = None, **given: Any
) -> SetAllocation:
    """Set what an account gets per cycle; from now on, it is applied to the running one."""
    await take_turn(context)
    now = datetime.now(UTC)
    start = effective_from_at or now
    if start < now and effective_from_at is not None:
        raise refuse("INVALID", "What was granted before cannot be changed.", "effective_from_at")
    grant = await grant_of(context, given, start)
    after = grant.after._replace(is_applied=start <= now)
    await plans.put_allocation(context.database, context.caller, after)
    budget = await apply_allocation(context, after) if after.is_applied else None
    if budget is None:
        budget = await running_root(context.database, context.caller)
    await context.audit(grant.event("update"))
    return SetAllocation(after, budget)


class Grant(NamedTuple):
    """What an account was granted so far, and what it is to be granted."""

    before: AllocationRow
    after: AllocationRow
    is_first: bool
    """Whether nothing was granted before: what it had is what its running cycle has."""

    @property
    def amounts(self) -> AmountsRow:
        """What is to be granted, as cycles and plans have it."""
        return AmountsRow(self.after.allocated, self.after.limit, self.after.overflow_cap)

    @property
    def changes_nothing(self) -> bool:
        """Whether what is to be granted was granted before."""
        before, after = self.before, self.after
        return (
            not self.is_first
            and (before.allocated, before.limit, before.overflow_cap) == self.amounts
            and Decimal(before.credit_factor) == Decimal(after.credit_factor)
        )

    def event(self, action: str, operation_id: str | None = None) -> AuditEvent:
        """How it is recorded."""
        return AuditEvent(
            "copilot_budget",
            action,
            "account_allocation",
            self.after.account_id,
            f"{self.after.allocated} credits per cycle were granted.",
            changes(_values(self.before), _values(self.after)),
            operation_id=operation_id,
        )


async def grant_of(context: WriteContext, given: Mapping[str, Any], start: datetime) -> Grant:
    """What the values given make of what an account has; refused where they do not fit."""
    granted = await plans.latest_allocation(context.database, context.caller, start)
    before = await _running(context, start) if granted is None else granted
    return Grant(before, _after(before, given, context, start), is_first=granted is None)


async def _running(context: WriteContext, moment: datetime) -> AllocationRow:
    """What the running cycle has, as if it had been granted."""
    root = await running_root(context.database, context.caller)
    amounts = (0, 0, 0) if root is None else (root.allocated, root.limit, root.overflow_cap)
    return AllocationRow(context.account_id, *amounts, "1", moment, None)


async def is_in_effect(context: WriteContext, grant: Grant) -> bool:
    """Whether the account has all of it already: granted, in its plan and in its running cycle."""
    if not grant.changes_nothing:
        return False
    plan = await plans.active_plan(context.database, context.caller)
    root = await running_root(context.database, context.caller)
    return (
        root is not None
        and (root.allocated - root.rolled_over, root.limit, root.overflow_cap) == grant.amounts
        and (plan is None or rules_of(plan).amounts == grant.amounts)
    )


def _values(allocation: AllocationRow) -> dict[str, Any]:
    return {
        "allocated": allocation.allocated,
        "limit": allocation.limit,
        "overflow_cap": allocation.overflow_cap,
        "credit_factor": allocation.credit_factor,
        "effective_from_at": allocation.effective_from_at.isoformat(),
    }


def _after(
    before: AllocationRow, given: Mapping[str, Any], context: WriteContext, start: datetime
) -> AllocationRow:
    allocated = given.get("allocated", before.allocated)
    limit = given.get("limit", before.limit)
    if "limit" not in given and allocated is not None:
        limit = allocated if before.limit == before.allocated else min(before.limit, allocated)
    cap = given.get("overflow_cap", before.overflow_cap)
    amounts = checked_amounts({"allocated": allocated, "limit": limit, "overflow_cap": cap})
    return AllocationRow(
        context.account_id,
        amounts["allocated"],
        amounts["limit"],
        amounts["overflow_cap"],
        checked_factor(given.get("credit_factor", before.credit_factor)),
        start,
        context.caller.id,
    )


def checked_factor(value: Any) -> str:
    """A factor as it is stored; refused unless it is above 0."""
    if value is None:
        raise refuse("REQUIRED", "Say the factor.", "credit_factor")
    factor = Decimal(value)
    if not 0 < factor <= _LARGEST_FACTOR:
        raise refuse("INVALID", "A factor is above 0.", "credit_factor")
    return format(factor, "f")


async def apply_allocation(context: WriteContext, allocation: AllocationRow) -> BudgetRow | None:
    """Give the running cycle what was granted, and the active plan with it."""
    amounts = AmountsRow(allocation.allocated, allocation.limit, allocation.overflow_cap)
    plan = await plans.active_plan(context.database, context.caller)
    if plan is not None:
        rules = rules_of(plan)._replace(amounts=amounts)
        stored = {"distribution": stored_rules(rules, plan.distribution)}
        await plans.update_plan(context.database, context.caller, plan.id, stored)
    root = await running_root(context.database, context.caller)
    if root is not None:
        await apply_amounts(context, root, amounts, None)
        return await budget_now(context, root.id)
    now = datetime.now(UTC)
    cycle = None if plan is None else rules_of(plan).renewal.cycle_at(now)
    return await _first_budget(context, cycle or _month_of(now), amounts, plan and plan.id)


def _month_of(moment: datetime) -> Cycle:
    cycle = cycle_at(moment, cadence="MONTHLY", day_of_month=1, anchor_at=moment)
    if cycle is None:
        raise LookupError("A month is always a cycle.")
    return cycle


async def _first_budget(
    context: WriteContext, cycle: Cycle, amounts: AmountsRow, plan_id: str | None
) -> BudgetRow:
    overlaps = await structure.has_overlap(context.database, context.caller, *cycle)
    scope = ScopeRow("ACCOUNT", context.account_id, context.account_id)
    values = {**amounts._asdict(), "strategy": "MANUAL", "plan_id": plan_id}
    budget_id = (
        None
        if overlaps
        else await structure.insert_budget(context.database, context.caller, scope, cycle, values)
    )
    if budget_id is None:
        raise refuse("CYCLE_OVERLAP", "Another cycle of the account overlaps this month.")
    return await budget_now(context, budget_id)

"""What somebody who joins while a cycle runs gets, where the active plan says so."""

from __future__ import annotations

from datasources.budgets.rows import BudgetRow
from datasources.budgets.writes import plans
from datasources.budgets.writes.locking import lock_cycle
from datasources.budgets.writes.roots import running_root
from resolvers.budgets.allocating import distributed_of, take_turn
from resolvers.budgets.auditing import budget_event
from resolvers.budgets.distributing import Distribution, distribute
from resolvers.budgets.rules import DistributionRow, rules_of
from resolvers.errors import Refused
from resolvers.writing import WriteContext

__all__ = ["share_with_newcomers"]


async def share_with_newcomers(context: WriteContext) -> None:
    """Share the running cycle's credits out again over people, newcomers among them.

    Nobody's share falls below what they used. Where there is nothing to share, they join without.
    """
    plan = await plans.active_plan(context.database, context.caller)
    rules = None if plan is None else rules_of(plan).distribution
    if rules is None or not rules.includes_new_users or not _reaches_people(rules):
        return
    await take_turn(context)
    root = await running_root(context.database, context.caller)
    if root is None:
        return
    try:
        async with context.transaction.transaction():
            result = await distribute(context, root, await _distribution(context, root, rules))
    except Refused:
        return
    if result.created_count or result.updated_count:
        details = {"created": result.created_count, "updated": result.updated_count}
        message = "Credits were shared out again, since somebody joined."
        await context.audit(budget_event("distribute", root.id, message, details))


def _reaches_people(rules: DistributionRow) -> bool:
    if rules.mode == "EQUAL":
        return rules.target_type == "USER"
    return rules.mode == "WEIGHTED" and rules.user_weight_percent > 0


async def _distribution(
    context: WriteContext, root: BudgetRow, rules: DistributionRow
) -> Distribution:
    """Over everybody: all there is, or what people have and their part of what is left."""
    whole = Distribution("USER", include_overrides=not rules.keeps_overrides)
    if rules.mode == "EQUAL":
        return whole
    cycle = await lock_cycle(context.database, context.caller, root.cycle_start)
    held = sum(
        budget.allocated
        for budget in cycle.values()
        if (budget.parent_id, budget.scope_type) == (root.id, "USER")
        and budget.strategy == "EQUAL_DISTRIBUTION"
        and not budget.is_closed
    )
    left = max(0, root.allocated - root.pooled - await distributed_of(context, root))
    return whole._replace(amount=held + int(left * rules.user_weight_percent / 100))

"""Sharing a budget's unallocated credits over the people, teams or groups inside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from datasources.budgets.rows import BudgetRow
from datasources.budgets.writes.locking import lock_cycle
from datasources.budgets.writes.sharing import (
    Closing,
    NewBudget,
    Share,
    change_shares,
    close_budgets,
    insert_budgets,
)
from datasources.places import members_of
from datasources.scopes import ScopeRow
from resolvers.budgets.alerts import announce_raised
from resolvers.budgets.allocating import budget_now, budgets_now, open_budget, take_turn
from resolvers.budgets.auditing import budget_event
from resolvers.budgets.shares import remainder_of, shares_of
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = ["DistributedBudget", "Distribution", "distribute", "distribute_budget"]

_MOST_SHOWN = 200


class DistributedBudget(NamedTuple):
    """A budget after its credits were shared out."""

    budget: BudgetRow
    children: list[BudgetRow]
    share: int | None
    remainder: int
    target_count: int
    created_count: int
    updated_count: int
    closed_count: int
    locked_count: int


class Distribution(NamedTuple):
    """What is to be shared out over whom."""

    target_type: str
    target_ids: Sequence[str] | None = None
    weights: Mapping[str, float] | None = None
    amount: int | None = None
    include_overrides: bool = False


class _Tree(NamedTuple):
    """The budgets of a cycle as a distribution finds them."""

    budget: BudgetRow
    cycle: Mapping[str, BudgetRow]
    by_scope: Mapping[tuple[str, str], BudgetRow]

    def handed_on(self, parent: BudgetRow) -> int:
        """Credits a budget has handed on."""
        return sum(b.allocated for b in self.cycle.values() if b.parent_id == parent.id)

    def has_children(self, parent: BudgetRow) -> bool:
        """Whether an open budget hangs off this one."""
        return any(b.parent_id == parent.id and not b.is_closed for b in self.cycle.values())

    def floor(self, child: BudgetRow) -> int:
        """What a child's credits cannot fall below."""
        return max(child.used + child.reserved, self.handed_on(child) + child.pooled)


async def distribute_budget(
    context: WriteContext,
    *,
    budget_id: str,
    target_type: str,
    target_ids: list[str] | None = None,
    weights: list[dict[str, Any]] | None = None,
    amount: int | None = None,
    include_overrides: bool = False,
    dry_run: bool = False,
) -> DistributedBudget:
    """Share credits out; manual amounts and other parents' children stay as they are."""
    given = None if weights is None else _checked_weights(weights)
    distribution = Distribution(target_type, target_ids, given, amount, include_overrides)
    await take_turn(context)
    budget, _ = await open_budget(context, budget_id, "budget_id")
    result = await distribute(context, budget, distribution)
    if not (result.created_count or result.updated_count or result.closed_count):
        context.changed_nothing()
        return result
    details = {
        "targets": result.target_count,
        "created": result.created_count,
        "updated": result.updated_count,
        "closed": result.closed_count,
        "share": result.share,
    }
    message = f"Credits were shared out over {result.target_count} targets."
    await context.audit(budget_event("distribute", budget.id, message, details))
    return result


def _checked_weights(weights: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    checked: dict[str, float] = {}
    for number, one in enumerate(weights):
        if not 0 < one["weight"] <= 1e12:
            raise refuse("INVALID", "A weight is above 0.", "weights", str(number), "weight")
        if one["target_id"] in checked:
            raise refuse("INVALID", "A target is named twice.", "weights", str(number))
        checked[one["target_id"]] = one["weight"]
    return checked


async def distribute(
    context: WriteContext, budget: BudgetRow, distribution: Distribution
) -> DistributedBudget:
    """Share credits out, with the account's turn taken."""
    tree = await _tree(context, budget)
    members = await _members(context, budget, distribution)
    targets, locked = _targets(tree, members, distribution)
    former = _former(tree, members, distribution)
    if not targets:
        if not locked and not members:
            raise refuse("INVALID", "There is nobody to share the credits over.", "target_type")
        after = await budget_now(context, budget.id)
        return DistributedBudget(after, [], 0, 0, 0, 0, 0, 0, locked)
    total = _total(tree, targets, former, distribution)
    wanted = distribution.weights or {}
    weights = {target: wanted.get(target, 1.0) for target in targets}
    floors = {target: tree.floor(child) for target, child in targets.items() if child is not None}
    shares = shares_of(total, weights, floors)
    if shares is None:
        message = f"{sum(floors.values())} credits are used or handed on by the targets already."
        raise refuse("INSUFFICIENT_CREDITS", message, "amount")
    await _close(context, former)
    changed, created, updated = await _write(context, tree, targets, shares, distribution)
    await announce_raised(context.database, _after(tree, targets, shares))
    is_weighted = distribution.weights is not None
    return DistributedBudget(
        await budget_now(context, budget.id),
        await budgets_now(context, changed[:_MOST_SHOWN]),
        None if is_weighted else total // len(targets),
        remainder_of(total, weights),
        len(targets),
        created,
        updated,
        len(former),
        locked,
    )


async def _tree(context: WriteContext, budget: BudgetRow) -> _Tree:
    cycle = await lock_cycle(context.database, context.caller, budget.cycle_start)
    by_scope = {(b.scope_type, b.scope_id): b for b in cycle.values()}
    return _Tree(cycle.get(budget.id, budget), cycle, by_scope)


async def _members(
    context: WriteContext, budget: BudgetRow, distribution: Distribution
) -> list[str]:
    """Everybody inside the budget's scope, or those of them that were named."""
    level = ScopeRow(distribution.target_type, "", "").level
    if level <= budget.scope.level:
        raise refuse("OUT_OF_SCOPE", "Credits are handed to a narrower level.", "target_type")
    inside = await members_of(
        context.database, context.caller, budget.scope, distribution.target_type
    )
    named = distribution.target_ids
    if named is None and distribution.weights is not None:
        named = list(distribution.weights)
    if named is None:
        return inside
    known = set(inside)
    for number, id in enumerate(named):
        if id not in known:
            path = "weights" if distribution.target_ids is None else "target_ids"
            raise refuse("OUT_OF_SCOPE", "It does not lie inside the budget's.", path, str(number))
    return sorted(set(named))


def _targets(
    tree: _Tree, members: Sequence[str], distribution: Distribution
) -> tuple[dict[str, BudgetRow | None], int]:
    """Who gets a share, with the budget they have; and how many overrides are left alone."""
    targets: dict[str, BudgetRow | None] = {}
    locked = 0
    for id in members:
        child = tree.by_scope.get((distribution.target_type, id))
        if child is None or child.is_closed:
            targets[id] = child
        elif child.strategy == "OVERRIDE" and not distribution.include_overrides:
            locked += 1
        elif child.parent_id == tree.budget.id and child.strategy != "MANUAL":
            targets[id] = child
    return targets, locked


def _former(tree: _Tree, members: Sequence[str], distribution: Distribution) -> list[BudgetRow]:
    """Shares of those who are no longer there; only a distribution over everybody knows."""
    if distribution.target_ids is not None or distribution.weights is not None:
        return []
    present = set(members)
    return [
        child
        for child in tree.cycle.values()
        if child.parent_id == tree.budget.id
        and child.scope_type == distribution.target_type
        and child.strategy == "EQUAL_DISTRIBUTION"
        and not child.is_closed
        and child.scope_id not in present
        and not tree.has_children(child)
    ]


def _total(
    tree: _Tree,
    targets: Mapping[str, BudgetRow | None],
    former: Sequence[BudgetRow],
    distribution: Distribution,
) -> int:
    """What is shared: the unallocated credits, with what the targets hold and what is freed."""
    budget = tree.budget
    mine = [c for c in targets.values() if c is not None and c.parent_id == budget.id]
    freed = sum(max(0, child.allocated - child.used - child.reserved) for child in former)
    free = budget.allocated - budget.pooled - tree.handed_on(budget)
    most = max(0, free) + sum(child.allocated for child in mine) + freed
    if distribution.amount is None:
        return most
    if distribution.amount > most:
        message = f"{distribution.amount} credits were asked for, {most} are left."
        raise refuse("INSUFFICIENT_CREDITS", message, "amount")
    return distribution.amount


def _after(
    tree: _Tree, targets: Mapping[str, BudgetRow | None], shares: Mapping[str, int]
) -> list[tuple[BudgetRow, BudgetRow]]:
    """The budgets that were there, each with what it is with its share."""
    is_active = tree.budget.is_active
    return [
        (child, child._replace(allocated=shares[id], limit=shares[id], is_active=is_active))
        for id, child in targets.items()
        if child is not None
    ]


async def _close(context: WriteContext, former: Sequence[BudgetRow]) -> None:
    """End the shares of those who are no longer there; what they used stays handed to them."""
    closings = [
        Closing(child.id, child.cycle_end, min(child.allocated, child.used + child.reserved))
        for child in former
    ]
    await close_budgets(context.database, context.caller, closings)


async def _write(
    context: WriteContext,
    tree: _Tree,
    targets: Mapping[str, BudgetRow | None],
    shares: Mapping[str, int],
    distribution: Distribution,
) -> tuple[list[str], int, int]:
    """Write the shares; ids of the budgets with new amounts, and how many are new or changed."""
    budget, database, caller = tree.budget, context.database, context.caller
    new = [
        NewBudget(
            ScopeRow(distribution.target_type, id, budget.account_id),
            allocated=shares[id],
            limit=shares[id],
            overflow_cap=0,
            strategy="EQUAL_DISTRIBUTION",
            parent_id=budget.id,
            plan_id=budget.plan_id,
        )
        for id, child in targets.items()
        if child is None
    ]
    added = await insert_budgets(database, caller, (budget.cycle_start, budget.cycle_end), new)
    if None in added:
        raise refuse("CONFLICT", "A budget was created meanwhile.", "budget_id")
    ids = dict(zip([row.scope.id for row in new], added, strict=True))
    changed = {
        id: _share(child, shares[id], budget)
        for id, child in targets.items()
        if child is not None and _is_changed(child, shares[id])
    }
    await change_shares(database, caller, budget.id, list(changed.values()))
    created = len(new) + sum(share.cycle_end is not None for share in changed.values())
    written = {**ids, **{id: share.budget_id for id, share in changed.items()}}
    return [str(written[id]) for id in sorted(written)], created, len(written) - created


def _is_changed(child: BudgetRow, share: int) -> bool:
    stands = (child.allocated, child.limit, child.strategy)
    return child.is_closed or stands != (share, share, "EQUAL_DISTRIBUTION")


def _share(child: BudgetRow, amount: int, parent: BudgetRow) -> Share:
    """What a budget gets; a closed one opens again, its overflow kept."""
    if not child.is_closed:
        return Share(child.id, amount)
    beyond = child.overflow_used + child.reserved_overflow
    return Share(child.id, amount, parent.cycle_end, beyond)

"""Handing credits down: budgets created, changed and closed, never beyond what the parent has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from auth.errors import Forbidden
from datasources.budgets.reads import any_budget_by_id, distributed
from datasources.budgets.rows import BudgetRow
from datasources.budgets.writes import holds, structure
from datasources.budgets.writes.locking import (
    lock_account,
    lock_budgets,
    lock_cycle,
    lock_scope,
)
from datasources.budgets.writes.sharing import Closing, close_budgets
from datasources.places import scopes_considered
from datasources.scopes import ScopeRow
from resolvers.auditing import changes
from resolvers.budgets.alerts import announce_raised
from resolvers.budgets.amounts import check_floor, checked_amounts
from resolvers.budgets.auditing import budget_event, budget_values
from resolvers.budgets.effective import effective_budget
from resolvers.checks import checked_text
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = [
    "AllocatedBudget",
    "ChangedBudget",
    "DeletedBudget",
    "allocate_budget",
    "budget_now",
    "budgets_now",
    "create_budget",
    "delete_budget",
    "distributed_of",
    "take_turn",
    "update_budget",
]


class ChangedBudget(NamedTuple):
    """A budget after a change."""

    budget: BudgetRow


class AllocatedBudget(NamedTuple):
    """A child and its parent after credits were handed down."""

    budget: BudgetRow
    parent: BudgetRow


class DeletedBudget(NamedTuple):
    """A budget that was closed, and its parent after it."""

    parent: BudgetRow | None
    deleted_id: str


# --- what every change begins with ----------------------------------------------------------------


async def take_turn(context: WriteContext) -> None:
    """Wait for one's turn to change the account's credits."""
    await lock_account(context.database, context.caller)
    await holds.expire(context.database, context.caller)


async def open_budget(
    context: WriteContext, budget_id: str, *path: str
) -> tuple[BudgetRow, dict[str, BudgetRow]]:
    """A budget that was not closed, and with it all it comes from, by id; locked."""
    found = await lock_budgets(context.database, context.caller, named=[budget_id])
    budget = found.get(budget_id)
    if budget is None or budget.is_closed:
        raise refuse("NOT_FOUND", "There is no such budget.", *path)
    return budget, found


async def budget_now(context: WriteContext, budget_id: str) -> BudgetRow:
    """A budget as this transaction has left it."""
    return (await budgets_now(context, [budget_id]))[0]


async def budgets_now(context: WriteContext, ids: Sequence[str]) -> list[BudgetRow]:
    """Budgets as this transaction has left them."""
    found = await any_budget_by_id(context.database, context.caller, ids)
    if None in found:
        raise LookupError("A budget that was just written is gone.")
    return [budget for budget in found if budget is not None]


async def distributed_of(context: WriteContext, budget: BudgetRow) -> int:
    """Credits a budget has handed on."""
    key = (budget.account_id, budget.cycle_start, budget.id)
    found = await distributed(context.database, context.caller, [key])
    return int(found[0])


async def _check_capacity(
    context: WriteContext, parent: BudgetRow, wanted: int, holds_already: int, *path: str
) -> None:
    handed_on = await distributed_of(context, parent)
    available = parent.allocated - parent.pooled - handed_on + holds_already
    if wanted > max(available, holds_already):
        message = f"{wanted} credits were asked for, {max(0, available)} are left."
        raise refuse("INSUFFICIENT_CREDITS", message, *path)


# --- creating and allocating ----------------------------------------------------------------------


async def create_budget(
    context: WriteContext,
    *,
    scope: dict[str, str],
    strategy: str,
    parent_id: str | None = None,
    cycle: dict[str, datetime | None] | None = None,
    **given: Any,
) -> ChangedBudget:
    """Add the budget of a group, team or person, out of the nearest broader one of the cycle."""
    values = checked_amounts(given) | {"strategy": strategy}
    await take_turn(context)
    considered = await _considered(context, scope)
    parent = await _parent(context, considered, parent_id, cycle)
    _check_cycle(parent, cycle)
    existing = await _budget_of(context, considered[0], parent)
    if existing is not None and not existing.is_closed:
        raise refuse("TAKEN", "This scope has a budget in the cycle.", "scope")
    await _check_capacity(context, parent, values["allocated"], 0, "allocated")
    budget = await _put(context, considered[0], parent, existing, values)
    await context.audit(_created(budget))
    return ChangedBudget(budget)


async def allocate_budget(
    context: WriteContext,
    *,
    parent_id: str,
    scope: dict[str, str],
    strategy: str,
    reason: str | None = None,
    **given: Any,
) -> AllocatedBudget:
    """Hand credits from a budget to a scope inside it; an existing child of that scope changes."""
    if strategy not in {"MANUAL", "OVERRIDE"}:
        raise refuse("INVALID", "This is MANUAL or OVERRIDE.", "strategy")
    why = checked_text(reason, "reason", longest=1000)
    values = checked_amounts(given) | {"strategy": strategy}
    await take_turn(context)
    considered = await _considered(context, scope)
    parent, _ = await open_budget(context, parent_id, "parent_id")
    _check_inside(parent, considered, "scope")
    existing = await _budget_of(context, considered[0], parent)
    is_child = existing is not None and not existing.is_closed
    if is_child and existing is not None and existing.parent_id != parent.id:
        raise refuse("TAKEN", "This scope has its credits from another budget.", "scope")
    held = existing.allocated if existing is not None and existing.parent_id == parent.id else 0
    if existing is not None and is_child:
        check_floor(existing, values, await distributed_of(context, existing))
    await _check_capacity(context, parent, values["allocated"], held, "allocated")
    budget = await _put(context, considered[0], parent, existing, values)
    before = budget_values(existing) if is_child and existing is not None else {}
    details: dict[str, Any] = {**changes(before, budget_values(budget)), "reason": why}
    message = f"{budget.allocated} credits were allocated."
    await context.audit(budget_event("allocate", budget.id, message, details))
    return AllocatedBudget(budget, await budget_now(context, parent.id))


async def _considered(context: WriteContext, scope: dict[str, str]) -> tuple[ScopeRow, ...]:
    if scope["type"] == "ACCOUNT":
        message = "The account's own budget is set by setAccountAllocation."
        raise refuse("INVALID", message, "scope", "type")
    asked = [(scope["type"], scope["id"])]
    considered = (await scopes_considered(context.database, context.caller, asked))[0]
    if not considered:
        raise refuse("NOT_FOUND", "The account has no such scope.", "scope", "id")
    return considered


async def _parent(
    context: WriteContext,
    considered: tuple[ScopeRow, ...],
    parent_id: str | None,
    cycle: Mapping[str, datetime | None] | None,
) -> BudgetRow:
    if parent_id is not None:
        parent, _ = await open_budget(context, parent_id, "parent_id")
        _check_inside(parent, considered, "parent_id")
        return parent
    broader = considered[1:]
    start = (cycle or {}).get("from_")
    if start is None:
        places = [(place.type, place.id) for place in broader]
        found = await lock_budgets(context.database, context.caller, places)
    else:
        found = await lock_cycle(context.database, context.caller, start)
        found = {id: b._replace(is_active=not b.is_closed) for id, b in found.items()}
    paying = effective_budget(considered[0], broader, found)
    if paying is None:
        raise refuse("NOT_FOUND", "No broader scope has a budget in the cycle.", "parent_id")
    return paying.budget


def _check_inside(parent: BudgetRow, considered: tuple[ScopeRow, ...], *path: str) -> None:
    places = {(place.type, place.id) for place in considered[1:]}
    is_broader = parent.scope.level < considered[0].level
    if not is_broader or (parent.scope_type, parent.scope_id) not in places:
        raise refuse("OUT_OF_SCOPE", "The scope does not lie inside the budget's.", *path)


def _check_cycle(parent: BudgetRow, cycle: Mapping[str, datetime | None] | None) -> None:
    start, end = (cycle or {}).get("from_"), (cycle or {}).get("to")
    if start not in {None, parent.cycle_start} or end not in {None, parent.cycle_end}:
        raise refuse("CYCLE_OVERLAP", "The period is not that of the parent.", "cycle")


async def _budget_of(context: WriteContext, scope: ScopeRow, parent: BudgetRow) -> BudgetRow | None:
    """The scope's budget in the parent's cycle, closed or not."""
    return await lock_scope(context.database, context.caller, scope, parent.cycle_start)


async def _put(
    context: WriteContext,
    scope: ScopeRow,
    parent: BudgetRow,
    existing: BudgetRow | None,
    values: dict[str, Any],
) -> BudgetRow:
    """Write a child: a new row, a closed one opened again, or the one that is there changed."""
    values = values | {"parent_id": parent.id}
    database, caller = context.database, context.caller
    cycle = (parent.cycle_start, parent.cycle_end)
    if existing is None:
        budget_id = await structure.insert_budget(
            database, caller, scope, cycle, values | {"plan_id": parent.plan_id}
        )
        if budget_id is None:
            raise refuse("TAKEN", "This scope has a budget in the cycle.", "scope")
        return await budget_now(context, budget_id)
    if existing.is_closed:
        _check_former_use(existing, values)
        await structure.reopen_budget(database, caller, existing.id, parent.cycle_end, values)
    else:
        await structure.update_budget(database, caller, existing.id, values)
    budget = await budget_now(context, existing.id)
    await announce_raised(database, [(existing, budget)])
    return budget


def _check_former_use(closed: BudgetRow, values: Mapping[str, Any]) -> None:
    """A budget that opens again still has what it used, and holds what it held."""
    taken = closed.used + closed.reserved
    if values["limit"] < taken:
        message = f"{taken} credits of it were used or held before it was closed."
        raise refuse("INVALID_STATE", message, "limit")
    cap, beyond = values["overflow_cap"], closed.overflow_used + closed.reserved_overflow
    if cap is not None and cap < beyond:
        message = f"{beyond} credits beyond its limit were used or held before it was closed."
        raise refuse("INVALID_STATE", message, "overflow_cap")


def _created(budget: BudgetRow) -> Any:
    message = f"A budget of {budget.allocated} credits was created."
    return budget_event("create", budget.id, message, {"after": budget_values(budget)})


# --- changing -------------------------------------------------------------------------------------


async def update_budget(context: WriteContext, *, id: str, **given: Any) -> ChangedBudget:
    """Change a budget, never below what it has handed on, used or holds."""
    await take_turn(context)
    budget, found = await open_budget(context, id, "id")
    _check_rights(context, budget, given)
    values = _changed_values(budget, given)
    check_floor(budget, values, await distributed_of(context, budget))
    parent = await _new_parent(context, budget, found, given)
    if parent is not None:
        values["parent_id"] = parent.id
        held = budget.allocated if parent.id == budget.parent_id else 0
        await _check_capacity(context, parent, values["allocated"], held, "allocated")
    before = budget_values(budget)
    changed = changes(before, {**before, **values})
    if not changed["after"]:
        context.changed_nothing()
        return ChangedBudget(budget)
    await structure.update_budget(context.database, context.caller, budget.id, changed["after"])
    await context.audit(budget_event("update", budget.id, "A budget was changed.", changed))
    after = await budget_now(context, budget.id)
    await announce_raised(context.database, [(budget, after)])
    return ChangedBudget(after)


_AMOUNTS = ("allocated", "limit", "overflow_cap")


def _check_rights(context: WriteContext, budget: BudgetRow, given: Mapping[str, Any]) -> None:
    """The amounts of the account's own budget are the super admin's."""
    is_root = budget.scope_type == "ACCOUNT"
    if is_root and not context.caller.is_super_admin and any(name in given for name in _AMOUNTS):
        raise Forbidden("Only a super admin sets the amounts of the account's own budget.")


def _changed_values(budget: BudgetRow, given: Mapping[str, Any]) -> dict[str, Any]:
    allocated = given.get("allocated", budget.allocated)
    pooled = given.get("pooled", budget.pooled) or 0
    amounts = {
        "allocated": allocated,
        "limit": given.get("limit") if "limit" in given else _following(budget, allocated, pooled),
        "overflow_cap": given.get("overflow_cap", budget.overflow_cap),
    }
    values = checked_amounts(amounts) | {"pooled": pooled}
    if allocated - pooled < 0:
        raise refuse("INSUFFICIENT_CREDITS", "There are fewer credits to set aside.", "pooled")
    if "strategy" in given:
        values["strategy"] = given["strategy"] or "MANUAL"
    return values


def _following(budget: BudgetRow, allocated: int | None, pooled: int) -> int:
    """The limit where none is given: it goes with what it was equal to."""
    allocated = budget.allocated if allocated is None else allocated
    if budget.limit == budget.allocated - budget.pooled:
        return max(0, allocated - pooled)
    return allocated if budget.limit == budget.allocated else min(budget.limit, allocated)


async def _new_parent(
    context: WriteContext,
    budget: BudgetRow,
    found: Mapping[str, BudgetRow],
    given: Mapping[str, Any],
) -> BudgetRow | None:
    """The parent the budget has afterwards; None for the account's own, which has none."""
    wanted = given.get("parent_id")
    if budget.scope_type == "ACCOUNT":
        if wanted is not None:
            raise refuse("INVALID", "The account's own budget has no parent.", "parent_id")
        return None
    if wanted is None:
        return found.get(budget.parent_id or "")
    parent, _ = await open_budget(context, wanted, "parent_id")
    if (parent.cycle_start, parent.cycle_end) != (budget.cycle_start, budget.cycle_end):
        raise refuse("CYCLE_OVERLAP", "The parent is of another cycle.", "parent_id")
    asked = [(budget.scope_type, budget.scope_id)]
    places = (await scopes_considered(context.database, context.caller, asked))[0]
    _check_inside(parent, places or (budget.scope,), "parent_id")
    return parent


# --- closing --------------------------------------------------------------------------------------


async def delete_budget(context: WriteContext, *, id: str, children: str) -> DeletedBudget:
    """Close a budget: its unused credits are free again, its use and ledger stay."""
    await take_turn(context)
    budget, found = await open_budget(context, id, "id")
    if budget.scope_type == "ACCOUNT" and not context.caller.is_super_admin:
        raise refuse("PROTECTED", "The account's own budget cannot be removed.", "id")
    parent = found.get(budget.parent_id or "")
    moved = await _open_children(context, budget)
    if moved and (children == "REFUSE" or parent is None):
        raise refuse("IN_USE", "It has children: move or remove them first.", "children")
    own = max(0, budget.used - sum(child.used for child in moved)) + budget.reserved
    kept = min(own, budget.allocated)
    if parent is not None:
        wanted = sum(child.allocated for child in moved) + kept
        await _check_capacity(context, parent, wanted, budget.allocated, "children")
    for child in moved:
        await structure.update_budget(
            context.database, context.caller, child.id, {"parent_id": budget.parent_id}
        )
    await _close(context, budget, kept)
    details = {"before": budget_values(budget), "moved_children": len(moved)}
    await context.audit(
        budget_event("delete", budget.id, "A budget was closed.", details, "warning")
    )
    after = None if parent is None else await budget_now(context, parent.id)
    return DeletedBudget(after, budget.id)


async def _open_children(context: WriteContext, budget: BudgetRow) -> list[BudgetRow]:
    cycle = await lock_cycle(context.database, context.caller, budget.cycle_start)
    return [b for b in cycle.values() if b.parent_id == budget.id and not b.is_closed]


async def _close(context: WriteContext, budget: BudgetRow, kept: int) -> None:
    database, caller = context.database, context.caller
    if budget.cycle_start >= datetime.now(UTC):
        await structure.remove_budget(database, caller, budget.id)
    else:
        await close_budgets(database, caller, [Closing(budget.id, budget.cycle_end, kept)])

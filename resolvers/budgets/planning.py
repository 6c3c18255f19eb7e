"""Creating, changing, removing and renewing plans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from auth.errors import Forbidden
from datasources.budgets.reads import plans_in_account
from datasources.budgets.rows import BudgetRow, CycleRow, PlanRow
from datasources.budgets.writes import plans
from datasources.budgets.writes.roots import running_root
from resolvers.auditing import changes
from resolvers.budgets.allocating import take_turn
from resolvers.budgets.amounts import checked_amounts
from resolvers.budgets.auditing import plan_event
from resolvers.budgets.charging import MOST_CREDITS
from resolvers.budgets.cycles import Cycle
from resolvers.budgets.renewing import Renewed, start_cycle
from resolvers.budgets.rules import (
    STANDARD_NOTE,
    AmountsRow,
    DistributionRow,
    RenewalRow,
    Rules,
    rules_of,
    stored_rules,
)
from resolvers.checks import checked_name, checked_text
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = [
    "ChangedPlan",
    "DeletedPlan",
    "RenewedPlan",
    "create_budget_plan",
    "delete_budget_plan",
    "renew_budget_plan",
    "update_budget_plan",
]


class ChangedPlan(NamedTuple):
    """A plan after a change, and the account's own budget when it was applied."""

    plan: PlanRow
    budget: BudgetRow | None


class DeletedPlan(NamedTuple):
    """A plan that was removed."""

    deleted_id: str


class RenewedPlan(NamedTuple):
    """The cycle a plan was renewed for."""

    budget: BudgetRow
    cycle: CycleRow
    is_created: bool
    carried_count: int


_SILENT = {"account_policy": {"overflow_cap": 0}}
"""The document of a plan that says nothing: without a word of it there is no overflow."""


async def create_budget_plan(
    context: WriteContext, *, name: str, is_active: bool, **given: Any
) -> ChangedPlan:
    """Add a plan; an active one replaces the active one and is applied at once."""
    _check_rights(context, given)
    now = datetime.now(UTC)
    empty = PlanRow("", context.account_id, "", is_active, _SILENT, now, now)
    rules = _checked_rules(rules_of(empty), given)
    await take_turn(context)
    plan = await plans.insert_plan(
        context.database,
        context.caller,
        name=checked_name(name, "name"),
        is_active=is_active,
        distribution=stored_rules(rules, {}),
    )
    budget = await _apply(context, plan) if is_active else None
    details = {"after": {"name": plan.name, "is_active": is_active, "rules": plan.distribution}}
    await context.audit(plan_event("create", plan.id, f"Plan {plan.name} was created.", details))
    return ChangedPlan(plan, budget)


async def update_budget_plan(context: WriteContext, *, id: str, **given: Any) -> ChangedPlan:
    """Change a plan; an active one is applied again, never below what is handed on."""
    _check_rights(context, given)
    await take_turn(context)
    before = await _plan(context, id, "id")
    changed = _changed(before, given)
    if not changed:
        context.changed_nothing()
        return ChangedPlan(before, None)
    await plans.update_plan(context.database, context.caller, before.id, changed)
    after = await _plan(context, id, "id")
    is_applied = after.is_active and ("distribution" in changed or not before.is_active)
    budget = await _apply(context, after) if is_applied else None
    details = changes(_values(before), _values(after))
    await context.audit(plan_event("update", after.id, f"Plan {after.name} was changed.", details))
    return ChangedPlan(after, budget)


def _values(plan: PlanRow) -> dict[str, Any]:
    return {"name": plan.name, "is_active": plan.is_active, "rules": plan.distribution}


def _changed(plan: PlanRow, given: Mapping[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    if "name" in given:
        changed["name"] = checked_name(given["name"], "name")
    if given.get("is_active") is not None:
        changed["is_active"] = given["is_active"]
    rules = rules_of(plan)
    wanted = _checked_rules(rules, given)
    if wanted != rules:
        changed["distribution"] = stored_rules(wanted, plan.distribution)
    same = {"name": plan.name, "is_active": plan.is_active}
    return {name: value for name, value in changed.items() if same.get(name) != value}


async def delete_budget_plan(context: WriteContext, *, id: str) -> DeletedPlan:
    """Remove an inactive plan; budgets it produced stay."""
    await take_turn(context)
    plan = await _plan(context, id, "id")
    if plan.is_active:
        raise refuse("INVALID_STATE", "An active plan cannot be removed.", "id")
    await plans.delete_plan(context.database, context.caller, plan.id)
    details = {"before": _values(plan)}
    message = f"Plan {plan.name} was removed."
    await context.audit(plan_event("delete", plan.id, message, details, "warning"))
    return DeletedPlan(plan.id)


async def renew_budget_plan(
    context: WriteContext,
    *,
    plan_id: str,
    force: bool,
    at: datetime | None = None,
    dry_run: bool = False,
) -> RenewedPlan:
    """Start the cycle of a plan that contains a moment."""
    await take_turn(context)
    plan = await _plan(context, plan_id, "plan_id")
    cycle = rules_of(plan).renewal.cycle_at(at or datetime.now(UTC))
    if cycle is None:
        cycle = _told_to(rules_of(plan), at or datetime.now(UTC))
    renewed = await start_cycle(context, plan, cycle, force=force)
    await _audit_renewal(context, plan, renewed, force=force)
    return RenewedPlan(renewed.root, renewed.root.cycle, renewed.is_created, renewed.carried_count)


def _told_to(rules: Rules, moment: datetime) -> Cycle:
    """The month from the plan's day on, for a plan that renews only when told to."""
    monthly = rules.renewal._replace(cadence="MONTHLY").cycle_at(moment)
    if monthly is None:
        raise LookupError("A month is always a cycle.")
    return monthly


async def _audit_renewal(
    context: WriteContext, plan: PlanRow, renewed: Renewed, *, force: bool
) -> None:
    root = renewed.root
    if not renewed.is_created and not force:
        context.changed_nothing()
        return
    details = {
        "cycle_start": root.cycle_start.isoformat(),
        "cycle_end": root.cycle_end.isoformat(),
        "created": renewed.is_created,
        "carried": renewed.carried_count,
        "force": force,
    }
    await context.audit(plan_event("renew", plan.id, f"Plan {plan.name} was renewed.", details))


async def _plan(context: WriteContext, plan_id: str, *path: str) -> PlanRow:
    key = (context.account_id, plan_id)
    plan = (await plans_in_account(context.database, context.caller, [key]))[0]
    if plan is None:
        raise refuse("NOT_FOUND", "There is no such plan.", *path)
    return plan


async def _apply(context: WriteContext, plan: PlanRow) -> BudgetRow | None:
    """Let a plan drive renewals, and give the running cycle its amounts."""
    await plans.deactivate_others(context.database, context.caller, plan.id)
    cycle = rules_of(plan).renewal.cycle_at(datetime.now(UTC))
    if cycle is None:
        return None
    root = await running_root(context.database, context.caller)
    if root is not None and root.cycle_start != cycle.start_at:
        # The plan takes over when the cycle that runs has ended.
        return root
    return (await start_cycle(context, plan, cycle, force=True)).root


# --- rules ----------------------------------------------------------------------------------------

_OPERATORS = ("renewal", "amounts", "is_overflow_billed", "overflow_billing_note")


def _check_rights(context: WriteContext, given: Mapping[str, Any]) -> None:
    """Amounts, renewal and billing are the super admin's; sending them at all is refused."""
    if context.caller.is_super_admin:
        return
    sent = [name for name in _OPERATORS if name in given]
    # Values that the schema fills in when nothing is sent say nothing.
    if [name for name in sent if (name, given[name]) != ("is_overflow_billed", True)]:
        raise Forbidden("Only a super admin sets renewal, amounts and billing of a plan.")


def _checked_rules(rules: Rules, given: Mapping[str, Any]) -> Rules:
    if given.get("renewal") is not None:
        rules = rules._replace(renewal=_checked_renewal(given["renewal"], rules.renewal))
    if given.get("amounts") is not None:
        rules = rules._replace(amounts=AmountsRow(**checked_amounts(given["amounts"], "amounts")))
    if given.get("distribution") is not None:
        rules = rules._replace(
            distribution=_checked_distribution(given["distribution"], rules.distribution)
        )
    if given.get("is_overflow_billed") is not None:
        rules = rules._replace(is_overflow_billed=given["is_overflow_billed"])
    if "overflow_billing_note" in given:
        note = checked_text(given["overflow_billing_note"], "overflow_billing_note", longest=1000)
        rules = rules._replace(overflow_billing_note=note or STANDARD_NOTE)
    return rules


def _checked_renewal(given: Mapping[str, Any], before: RenewalRow) -> RenewalRow:
    if not 1 <= given["day_of_month"] <= 28:
        raise refuse("INVALID", "A day is 1 to 28.", "renewal", "day_of_month")
    if given["rollover_cap"] > MOST_CREDITS:
        message = f"Credits are 0 to {MOST_CREDITS}."
        raise refuse("INVALID", message, "renewal", "rollover_cap")
    return RenewalRow(
        given["cadence"],
        given["day_of_month"],
        given.get("anchor_at") or before.anchor_at,
        given["children"],
        given["rollover_cap"],
    )


def _checked_distribution(given: Mapping[str, Any], before: DistributionRow) -> DistributionRow:
    sent = {name: value for name, value in given.items() if value is not None}
    if "notes" in given:
        sent["notes"] = checked_text(given["notes"], "distribution", "notes")
    after = before._replace(**sent)
    if after.target_type == "ACCOUNT":
        raise refuse("INVALID", "Credits go to a narrower level.", "distribution", "target_type")
    weights = (after.group_weight_percent, after.team_weight_percent, after.user_weight_percent)
    if any(not 0 <= weight <= 100 for weight in weights) or abs(sum(weights) - 100) > 0.01:
        message = "The three weights are not negative and add up to 100."
        raise refuse("INVALID", message, "distribution")
    return after

"""The budgets module's mutations."""

from __future__ import annotations

import strawberry

from resolvers.budgets import allocating, bulk, distributing, granting, holding, planning, usage
from resolvers.writing import Reach
from schema.base.fields import mutation
from schema.base.guards import FeatureKey, Role, roles, super_admin
from schema.budgets import inputs, payloads

__all__ = ["Mutation"]

_WRITERS = roles(
    Role.ACCOUNT_ADMIN, Role.SERVICE, scopes=["budgets:write"], feature=FeatureKey.BUDGETS
)
_REPORTERS = roles(Role.ACCOUNT_ADMIN, Role.SERVICE, scopes=["usage:write"])


@strawberry.type
class Mutation:
    """The budgets module's mutations."""

    set_account_allocation: payloads.SetAccountAllocationPayload | None = mutation(
        granting.set_account_allocation,
        inputs.SetAccountAllocationInput,
        "Sets what an account gets per cycle and applies it to the running one. Never below what "
        "has been distributed.",
        guard=super_admin(),
    )
    bulk_set_account_allocation: payloads.BulkSetAccountAllocationPayload | None = mutation(
        bulk.bulk_set_account_allocation,
        inputs.BulkSetAccountAllocationInput,
        "Sets what many accounts get per cycle. Use is never reset; accounts that have distributed "
        "more are skipped.",
        guard=super_admin(),
        reach=Reach.PLATFORM,
        keeps_dry_runs=True,
    )
    create_budget: payloads.CreateBudgetPayload | None = mutation(
        allocating.create_budget,
        inputs.CreateBudgetInput,
        "Creates the budget of a group, team or person, out of the nearest broader budget of the "
        "same cycle.",
        guard=_WRITERS,
    )
    update_budget: payloads.UpdateBudgetPayload | None = mutation(
        allocating.update_budget,
        inputs.UpdateBudgetInput,
        "Changes a budget, never below what it has distributed. The amounts of the account's own "
        "budget need a super admin.",
        guard=_WRITERS,
    )
    delete_budget: payloads.DeleteBudgetPayload | None = mutation(
        allocating.delete_budget,
        inputs.DeleteBudgetInput,
        "Closes a budget and frees its unused credits. Its ledger is kept.",
        guard=_WRITERS,
    )
    allocate_budget: payloads.AllocateBudgetPayload | None = mutation(
        allocating.allocate_budget,
        inputs.AllocateBudgetInput,
        "Hands credits from a budget to a scope inside it; an existing child of that scope is "
        "changed.",
        guard=_WRITERS,
    )
    distribute_budget: payloads.DistributeBudgetPayload | None = mutation(
        distributing.distribute_budget,
        inputs.DistributeBudgetInput,
        "Shares a budget's unallocated credits over people, teams or groups. Manual amounts, "
        "overrides and other parents' children stay.",
        guard=_WRITERS,
    )
    create_budget_plan: payloads.CreateBudgetPlanPayload | None = mutation(
        planning.create_budget_plan,
        inputs.CreateBudgetPlanInput,
        "Creates a plan. An active one replaces the account's active plan and is applied at once, "
        "in the same transaction.",
        guard=_WRITERS,
    )
    update_budget_plan: payloads.UpdateBudgetPlanPayload | None = mutation(
        planning.update_budget_plan,
        inputs.UpdateBudgetPlanInput,
        "Changes a plan; an active one is applied again, never below what has been distributed.",
        guard=_WRITERS,
    )
    delete_budget_plan: payloads.DeleteBudgetPlanPayload | None = mutation(
        planning.delete_budget_plan,
        inputs.DeleteBudgetPlanInput,
        "Removes an inactive plan; budgets it produced stay and no longer name it.",
        guard=_WRITERS,
    )
    renew_budget_plan: payloads.RenewBudgetPlanPayload | None = mutation(
        planning.renew_budget_plan,
        inputs.RenewBudgetPlanInput,
        "Starts the cycle of a plan now: budgets, carried children, rollover and overflow charge "
        "in one transaction. Otherwise this happens on schedule.",
        guard=super_admin(),
    )
    reserve_usage: payloads.ReserveUsagePayload | None = mutation(
        holding.reserve_usage,
        inputs.ReserveUsageInput,
        "Holds credits before a model is called; refused with LIMIT_REACHED when the chain has "
        "not enough left.",
        guard=_REPORTERS,
    )
    release_usage: payloads.ReleaseUsagePayload | None = mutation(
        holding.release_usage,
        inputs.ReleaseUsageInput,
        "Gives a reservation back.",
        guard=_REPORTERS,
    )
    record_usage: payloads.RecordUsagePayload | None = mutation(
        usage.record_usage,
        inputs.RecordUsageInput,
        "Books one consumption atomically along the chain: first up to the limit, the rest as "
        "overflow. What exceeds both is kept as REFUSED and reported with LIMIT_REACHED.",
        guard=_REPORTERS,
        reach=Reach.COALESCED,
    )
    record_usages: payloads.RecordUsagesPayload | None = mutation(
        usage.record_usages,
        inputs.RecordUsagesInput,
        "Books up to 500 consumptions, each on its own terms as in recordUsage.",
        guard=_REPORTERS,
        reach=Reach.COALESCED,
    )
    refund_usage: payloads.RefundUsagePayload | None = mutation(
        holding.refund_usage,
        inputs.RefundUsageInput,
        "Gives back all or part of a charge as a new ledger entry.",
        guard=roles(Role.SERVICE, scopes=["usage:refund"]),
    )

"""Answers of the budgets module's mutations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.base.core import MutationPayload
from schema.base.fields import outcome
from schema.base.modules import to
from schema.base.scalars import Credits
from schema.budgets.types import (
    AccountAllocation,
    Budget,
    BudgetCycle,
    BudgetPlan,
    EffectiveBudget,
)
from schema.budgets.usage import UsageEntry, UsageReservation

if TYPE_CHECKING:
    from schema.base.stubs import BulkOperation


@strawberry.type(description="Answer of setAccountAllocation.")
class SetAccountAllocationPayload(MutationPayload):
    """Answer of setAccountAllocation."""

    allocation: AccountAllocation | None = outcome("The allocation after the change.")
    budget: Budget | None = outcome("The account's own budget of the running cycle.")


@strawberry.type(description="Answer of bulkSetAccountAllocation.")
class BulkSetAccountAllocationPayload(MutationPayload):
    """Answer of bulkSetAccountAllocation."""

    operation: Annotated[BulkOperation, to] | None = outcome(
        "The bulk operation: what matched and what changed."
    )


@strawberry.type(description="Answer of createBudget.")
class CreateBudgetPayload(MutationPayload):
    """Answer of createBudget."""

    budget: Budget | None = outcome("The new budget.")


@strawberry.type(description="Answer of updateBudget.")
class UpdateBudgetPayload(MutationPayload):
    """Answer of updateBudget."""

    budget: Budget | None = outcome("The changed budget.")


@strawberry.type(description="Answer of deleteBudget.")
class DeleteBudgetPayload(MutationPayload):
    """Answer of deleteBudget."""

    parent: Budget | None = outcome("The parent after the change; null for none.")
    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type(description="Answer of allocateBudget.")
class AllocateBudgetPayload(MutationPayload):
    """Answer of allocateBudget."""

    budget: Budget | None = outcome("The child after the change.")
    parent: Budget | None = outcome("The parent after the change.")


@strawberry.type(description="Answer of distributeBudget.")
class DistributeBudgetPayload(MutationPayload):
    """Answer of distributeBudget."""

    budget: Budget | None = outcome("The budget after the change.")
    children: list[Budget] = outcome(
        "Children with new amounts, 200 at most; not stored on a dry run.", otherwise=()
    )
    share: Credits | None = outcome("Credits per target; null with weights.")
    remainder: Credits | None = outcome(
        "Credits left by rounding; the first targets by id get one more each."
    )
    target_count: int = outcome("Number of targets.", otherwise=0)
    created_count: int = outcome("Budgets created.", otherwise=0)
    updated_count: int = outcome("Budgets changed.", otherwise=0)
    closed_count: int = outcome("Budgets of former targets closed, ledger kept.", otherwise=0)
    locked_count: int = outcome("Overrides left alone.", otherwise=0)


@strawberry.type(description="Answer of createBudgetPlan.")
class CreateBudgetPlanPayload(MutationPayload):
    """Answer of createBudgetPlan."""

    plan: BudgetPlan | None = outcome("The new plan.")
    budget: Budget | None = outcome("The account's own budget, when the plan was applied.")


@strawberry.type(description="Answer of updateBudgetPlan.")
class UpdateBudgetPlanPayload(MutationPayload):
    """Answer of updateBudgetPlan."""

    plan: BudgetPlan | None = outcome("The changed plan.")
    budget: Budget | None = outcome("The account's own budget, when the plan was applied.")


@strawberry.type(description="Answer of deleteBudgetPlan.")
class DeleteBudgetPlanPayload(MutationPayload):
    """Answer of deleteBudgetPlan."""

    deleted_id: strawberry.ID | None = outcome("Id that was removed; null when nothing was.")


@strawberry.type(description="Answer of renewBudgetPlan.")
class RenewBudgetPlanPayload(MutationPayload):
    """Answer of renewBudgetPlan."""

    budget: Budget | None = outcome("The account's own budget of the cycle.")
    cycle: BudgetCycle | None = outcome("The cycle.")
    is_created: bool = outcome("Whether the cycle is new.", otherwise=False)
    carried_count: int = outcome("Child budgets carried over.", otherwise=0)


@strawberry.type(description="Answer of reserveUsage.")
class ReserveUsagePayload(MutationPayload):
    """Answer of reserveUsage."""

    reservation: UsageReservation | None = outcome("The reservation.")
    effective_budget: EffectiveBudget | None = outcome("What is left after it.")


@strawberry.type(description="Answer of releaseUsage.")
class ReleaseUsagePayload(MutationPayload):
    """Answer of releaseUsage."""

    reservation: UsageReservation | None = outcome("The released reservation.")


@strawberry.type(description="Answer of recordUsage.")
class RecordUsagePayload(MutationPayload):
    """Answer of recordUsage."""

    entry: UsageEntry | None = outcome("The ledger entry.")
    effective_budget: EffectiveBudget | None = outcome("What is left afterwards.")
    is_replay: bool = outcome(
        "Whether the key was seen before and this is its first result.", otherwise=False
    )


@strawberry.type(description="Answer of recordUsages.")
class RecordUsagesPayload(MutationPayload):
    """Answer of recordUsages."""

    entries: list[UsageEntry | None] = outcome(
        "One entry per consumption in the same order; null where a user error was reported.",
        otherwise=(),
    )


@strawberry.type(description="Answer of refundUsage.")
class RefundUsagePayload(MutationPayload):
    """Answer of refundUsage."""

    entry: UsageEntry | None = outcome("The refund.")
    budget: Budget | None = outcome("The budget after it.")

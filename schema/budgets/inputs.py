"""Inputs of the budgets module's mutations."""

from __future__ import annotations

import strawberry

from schema.base.core import DateTimeRangeInput, MutationInput, TenantInput
from schema.base.domain import AccountFilter, GuardType, MoneyInput
from schema.base.fields import absent, given
from schema.base.guards import SuperAdmin
from schema.base.scalars import JSON, Credits, DateTime, Decimal
from schema.base.scopes import ScopeInput, ScopeType
from schema.budgets.enums import (
    AllocationStrategy,
    ChildHandling,
    ChildRenewal,
    DistributionMode,
    RenewalCadence,
)

KEY = "Unique per event in the account; repeating it answers with the first result."


REPEATED = "Repeating the key answers with the first result instead of acting again."
DRY_RUN = "Answer what would happen and change nothing."
_OPERATORS = (SuperAdmin(),)


@strawberry.input(description="Input of setAccountAllocation.")
class SetAccountAllocationInput(MutationInput):
    """Input of setAccountAllocation."""

    account_id: strawberry.ID = given("Account to act on.")
    allocated: Credits | None = absent("Credits per cycle.")
    limit: Credits | None = absent("Ceiling for normal use; never above allocated.")
    overflow_cap: Credits | None = absent(
        "Ceiling for use beyond the limit; null means without cap."
    )
    credit_factor: Decimal | None = absent(
        "Credits charged per unit of model cost, above 0; applies to later usage."
    )
    effective_from_at: DateTime | None = absent("When it takes effect; now when absent.")
    idempotency_key: str | None = absent(REPEATED)


@strawberry.input(description="Input of bulkSetAccountAllocation.")
class BulkSetAccountAllocationInput(MutationInput):
    """Input of bulkSetAccountAllocation."""

    account_ids: list[strawberry.ID] | None = absent("Only these accounts.")
    filter: AccountFilter | None = absent("Only accounts that meet these conditions.")
    allocated: Credits | None = absent("Credits per cycle.")
    limit: Credits | None = absent("Ceiling for normal use; never above allocated.")
    overflow_cap: Credits | None = absent(
        "Ceiling for use beyond the limit; null means without cap."
    )
    credit_factor: Decimal | None = absent("Credits charged per unit of model cost, above 0.")
    dry_run: bool = given(DRY_RUN, default=False)
    idempotency_key: str | None = absent(REPEATED)


@strawberry.input(description="Input of createBudget.")
class CreateBudgetInput(TenantInput):
    """Input of createBudget."""

    scope: ScopeInput = given(
        "Who the credits are for; the account's own budget is set by setAccountAllocation."
    )
    allocated: Credits = given("Credits; at most what the parent has unallocated.")
    limit: Credits | None = absent("Ceiling for normal use; allocated when absent.")
    overflow_cap: Credits | None = given(
        "Ceiling for use beyond the limit; null means no ceiling of its own.", default=0
    )
    parent_id: strawberry.ID | None = absent(
        "Budget to take from; found along the chain when absent."
    )
    cycle: DateTimeRangeInput | None = absent(
        "Period, equal to the parent's; the running cycle when absent."
    )
    strategy: AllocationStrategy = given(
        "How it came to its amount.", default=AllocationStrategy.MANUAL
    )
    idempotency_key: str | None = absent(REPEATED)


@strawberry.input(description="Input of updateBudget.")
class UpdateBudgetInput(TenantInput):
    """Input of updateBudget."""

    id: strawberry.ID = given("The budget.")
    allocated: Credits | None = absent("Credits.")
    limit: Credits | None = absent("Ceiling for normal use.")
    overflow_cap: Credits | None = absent("Ceiling for use beyond the limit; null removes it.")
    pooled: Credits | None = absent("Credits set aside; at most what is unallocated.")
    parent_id: strawberry.ID | None = absent(
        "New parent: same account and cycle, broader scope, no loop."
    )
    strategy: AllocationStrategy | None = absent("How it came to its amount.")


@strawberry.input(description="Input of deleteBudget.")
class DeleteBudgetInput(TenantInput):
    """Input of deleteBudget."""

    id: strawberry.ID = given("The budget.")
    children: ChildHandling = given("What becomes of its children.", default=ChildHandling.REFUSE)


@strawberry.input(description="Input of allocateBudget.")
class AllocateBudgetInput(TenantInput):
    """Input of allocateBudget."""

    parent_id: strawberry.ID = given("Budget to take from.")
    scope: ScopeInput = given("Who gets the credits.")
    allocated: Credits = given("Credits the scope has afterwards.")
    limit: Credits | None = absent("Ceiling for normal use; allocated when absent.")
    overflow_cap: Credits | None = given(
        "Ceiling for use beyond the limit; null means no ceiling of its own.", default=0
    )
    strategy: AllocationStrategy = given(
        "MANUAL, or OVERRIDE for an exception.", default=AllocationStrategy.MANUAL
    )
    reason: str | None = absent("Why, for the audit trail.")
    idempotency_key: str | None = absent(REPEATED)


@strawberry.input(description="Weight of one target.")
class DistributionWeightInput:
    """Weight of one target."""

    target_id: strawberry.ID = given("The person, team or group.")
    weight: float = given("Weight, above 0.")


@strawberry.input(description="Input of distributeBudget.")
class DistributeBudgetInput(TenantInput):
    """Input of distributeBudget."""

    budget_id: strawberry.ID = given("Budget to share out.")
    target_type: ScopeType = given("Level that receives shares.", default=ScopeType.USER)
    target_ids: list[strawberry.ID] | None = absent(
        "Only these; everybody in the budget's scope when absent."
    )
    weights: list[DistributionWeightInput] | None = absent(
        "Shares in proportion to these weights; equal shares when absent."
    )
    amount: Credits | None = absent("Credits to share; all that is unallocated when absent.")
    include_overrides: bool = given("Change overrides as well.", default=False)
    dry_run: bool = given(DRY_RUN, default=False)
    idempotency_key: str | None = absent(REPEATED)


@strawberry.input(description="When cycles start and what they carry over.")
class BudgetRenewalInput:
    """When cycles start and what they carry over."""

    cadence: RenewalCadence = given("How often.", default=RenewalCadence.MONTHLY)
    day_of_month: int = given("Day a cycle starts, 1 to 28.", default=1)
    anchor_at: DateTime | None = absent(
        "Fixed point quarters and years are counted from; now when absent."
    )
    children: ChildRenewal = given(
        "What becomes of child budgets.", default=ChildRenewal.CARRY_OVER
    )
    rollover_cap: Credits = given(
        "Unused credits that may move into the next cycle's pool.", default=0
    )


@strawberry.input(description="Amounts of a budget.")
class BudgetAmountsInput:
    """Amounts of a budget."""

    allocated: Credits = given("Credits.")
    limit: Credits | None = absent("Ceiling for normal use; allocated when absent.")
    overflow_cap: Credits | None = given(
        "Ceiling for use beyond the limit; null means without cap.", default=0
    )


@strawberry.input(description="How a plan hands credits down. Fields not sent keep their value.")
class BudgetDistributionInput:
    """How a plan hands credits down."""

    mode: DistributionMode | None = absent("Mode.")
    target_type: ScopeType | None = absent("Level that receives credits.")
    group_weight_percent: float | None = absent("Weight of groups.")
    team_weight_percent: float | None = absent("Weight of teams.")
    user_weight_percent: float | None = absent("Weight of people; the three weights add up to 100.")
    includes_new_users: bool | None = absent("Whether people who join mid-cycle get a share.")
    keeps_overrides: bool | None = absent("Whether overrides are left alone.")
    notes: str | None = absent("Notes for administrators; null clears them.")


@strawberry.input(description="Input of createBudgetPlan.")
class CreateBudgetPlanInput(TenantInput):
    """Input of createBudgetPlan."""

    name: str = given("Name.", default="Default Plan")
    is_active: bool = given("Whether it drives renewals.", default=True)
    renewal: BudgetRenewalInput | None = absent(
        "When cycles start; monthly on the first when absent.", sensitive=_OPERATORS
    )
    amounts: BudgetAmountsInput | None = absent(
        "Amounts of the account's own budget; the account's allocation when absent.",
        sensitive=_OPERATORS,
    )
    distribution: BudgetDistributionInput | None = absent("How credits are handed down.")
    is_overflow_billed: bool = given(
        "Whether overflow is invoiced.", default=True, sensitive=_OPERATORS
    )
    overflow_billing_note: str | None = absent(
        "Note shown with overflow charges; a standard text when absent.", sensitive=_OPERATORS
    )


@strawberry.input(description="Input of updateBudgetPlan.")
class UpdateBudgetPlanInput(TenantInput):
    """Input of updateBudgetPlan."""

    id: strawberry.ID = given("The plan.")
    name: str | None = absent("Name.")
    is_active: bool | None = absent("Whether it drives renewals.")
    renewal: BudgetRenewalInput | None = absent("When cycles start.", sensitive=_OPERATORS)
    amounts: BudgetAmountsInput | None = absent(
        "Amounts of the account's own budget.", sensitive=_OPERATORS
    )
    distribution: BudgetDistributionInput | None = absent("How credits are handed down.")
    is_overflow_billed: bool | None = absent("Whether overflow is invoiced.", sensitive=_OPERATORS)
    overflow_billing_note: str | None = absent(
        "Note shown with overflow charges; null restores the standard text.",
        sensitive=_OPERATORS,
    )


@strawberry.input(description="Input of deleteBudgetPlan.")
class DeleteBudgetPlanInput(TenantInput):
    """Input of deleteBudgetPlan."""

    id: strawberry.ID = given("The plan.")


@strawberry.input(description="Input of renewBudgetPlan.")
class RenewBudgetPlanInput(MutationInput):
    """Input of renewBudgetPlan."""

    account_id: strawberry.ID = given("Account to act on.")
    plan_id: strawberry.ID = given("The plan.")
    at: DateTime | None = absent("Moment the cycle must contain; now when absent.")
    force: bool = given(
        "Apply the plan's amounts again when the cycle already exists.", default=False
    )
    dry_run: bool = given(DRY_RUN, default=False)
    idempotency_key: str | None = absent(REPEATED)


@strawberry.input(description="Input of reserveUsage.")
class ReserveUsageInput(TenantInput):
    """Input of reserveUsage."""

    scope: ScopeInput = given("Who will consume.")
    amount: Credits = given("Estimate, at least 1.")
    expires_in_seconds: int = given("When it lapses unless settled, 3600 at most.", default=300)
    idempotency_key: str = given(KEY)


@strawberry.input(description="Input of releaseUsage.")
class ReleaseUsageInput(TenantInput):
    """Input of releaseUsage."""

    reservation_id: strawberry.ID = given("The reservation.")


@strawberry.input(description="One consumption to book. Either credits or cost is needed.")
class UsageInput:
    """One consumption to book."""

    idempotency_key: str = given(KEY)
    scope: ScopeInput | None = absent(
        "Who consumed; needed unless a budget or reservation is named."
    )
    budget_id: strawberry.ID | None = absent(
        "Budget to charge instead of the effective one; must be running."
    )
    reservation_id: strawberry.ID | None = absent(
        "Reservation this settles; whatever is left of it is given back."
    )
    credits: Credits | None = absent("Credits, at least 1.")
    cost: MoneyInput | None = absent(
        "Cost, turned into credits with the account's factor and rounded up."
    )
    user_id: strawberry.ID | None = absent("Person.")
    agent_id: strawberry.ID | None = absent("Agent.")
    model_name: str | None = absent("Model.")
    connector_id: strawberry.ID | None = absent("Connector.")
    guard: GuardType | None = absent("Guardrail.")
    tool: str | None = given("Tool, such as llm or sandbox.", default="llm")
    workspace_id: strawberry.ID | None = absent("Workspace.")
    thread_id: strawberry.ID | None = absent("Conversation.")
    request_id: strawberry.ID | None = absent("Request at the reporting service.")
    prompt_tokens: int | None = absent("Tokens sent.")
    completion_tokens: int | None = absent("Tokens received.")
    description: str | None = absent("Free text.")
    metadata: JSON | None = absent("Values to keep with the entry.")
    occurred_at: DateTime | None = absent("When it was consumed; now when absent.")


@strawberry.input(description="Input of recordUsage.")
class RecordUsageInput(TenantInput):
    """Input of recordUsage."""

    usage: UsageInput = given("The consumption.")


@strawberry.input(description="Input of recordUsages.")
class RecordUsagesInput(TenantInput):
    """Input of recordUsages."""

    usages: list[UsageInput] = given("The consumptions.")


@strawberry.input(description="Input of refundUsage.")
class RefundUsageInput(TenantInput):
    """Input of refundUsage."""

    entry_id: strawberry.ID = given("The charge.")
    credits: Credits | None = absent("Credits to give back; the whole charge when absent.")
    reason: str = given("Why.")
    idempotency_key: str = given(KEY)

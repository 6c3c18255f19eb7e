"""Budgets, their cycles, plans, alerts and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from datasources.budgets import ledger, pages, reads
from datasources.budgets.risk import RiskLevelRow
from datasources.budgets.rows import (
    AlertRow,
    AllocationRow,
    BudgetRow,
    CycleRow,
    LevelRow,
    PlanRow,
)
from resolvers.budgets import breakdowns
from resolvers.budgets import reads as resolve
from resolvers.budgets.effective import EffectiveBudgetRow
from resolvers.budgets.forecasts import ForecastRow
from resolvers.budgets.rules import AmountsRow, DistributionRow, RenewalRow
from schema.base.core import (
    AccountScoped,
    Actor,
    Connection,
    Node,
    Tally,
    Timestamped,
    author,
)
from schema.base.domain import BudgetAlertLevel
from schema.base.fields import argument, column, computed, one, page
from schema.base.guards import Role, roles, super_admin
from schema.base.modules import entity, record
from schema.base.scalars import Credits, DateTime, Decimal
from schema.base.scopes import Resolution, Scope, ScopeType
from schema.budgets.enums import (
    AllocationStrategy,
    ChildRenewal,
    DistributionMode,
    RenewalCadence,
    UsageDimension,
)
from schema.budgets.filters import BudgetFilter, BudgetOrder, UsageEntryFilter, UsageEntryOrder

if TYPE_CHECKING:
    from schema.budgets.usage import UsageBreakdown, UsageEntry

__all__ = [
    "AccountAllocation",
    "Budget",
    "BudgetAlert",
    "BudgetCycle",
    "BudgetPlan",
    "BudgetRisk",
    "BudgetSummary",
    "EffectiveBudget",
]

READERS = roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE)


@record(AllocationRow, "What the super admin granted the account for each cycle.", guard=READERS)
class AccountAllocation(AccountScoped):
    """What the super admin granted the account."""

    allocated: Credits = column("Credits per cycle.")
    limit: Credits = column("Credits that may be used before overflow begins.")
    overflow_cap: Credits | None = column(
        "Credits that may be used beyond the limit and are billed later; null means without cap."
    )
    credit_factor: Decimal = column("Credits charged per unit of model cost.")
    effective_from_at: DateTime = column("Since when it applies.")
    updated_by: Actor | None = author("updated_by", "Super admin who set it.", guard=super_admin())


@record(
    CycleRow,
    "A period: it includes its start and excludes its end, so cycles meet without gap or overlap.",
)
class BudgetCycle:
    """A period."""

    start_at: DateTime = column("First moment.")
    end_at: DateTime = column("First moment of the next period.")
    is_active: bool = column("Whether it is running.")
    root_budget: Budget | None = computed(
        resolve.cycle_root,
        "The account's own budget of the period; null for none.",
        guard=READERS,
    )
    rolled_over: Credits | None = computed(
        resolve.cycle_rolled_over, "Credits carried in from the period before.", guard=READERS
    )
    overflow_charged: Credits | None = computed(
        resolve.cycle_overflow_charged,
        "Overflow billed when the period was closed; 0 while it runs.",
        guard=READERS,
    )


@record(ForecastRow, "Where a budget's use is heading.")
class BudgetForecast:
    """Where a budget's use is heading."""

    daily_average: Decimal = column("Credits per day over the days considered.")
    based_on_days: int = column("Days considered.")
    projected_used: Credits = column("Use within the limit expected by the end of the cycle.")
    projected_overflow: Credits = column("Overflow expected by the end of the cycle.")
    exhausted_at: DateTime | None = column(
        "When the limit is expected to be used up; null when not in this cycle."
    )


@record(RenewalRow, "When cycles start and what they carry over.")
class BudgetRenewal:
    """When cycles start and what they carry over."""

    cadence: RenewalCadence = column("How often.")
    day_of_month: int = column("Day a cycle starts, 1 to 28.")
    anchor_at: DateTime = column("Fixed point quarters and years are counted from.")
    children: ChildRenewal = column("What becomes of child budgets.")
    rollover_cap: Credits = column(
        "Unused credits that may move into the next cycle's pool, at most; 0 for none."
    )


@record(AmountsRow, "Amounts of a budget.")
class BudgetAmounts:
    """Amounts of a budget."""

    allocated: Credits = column("Credits.")
    limit: Credits = column("Ceiling for normal use.")
    overflow_cap: Credits | None = column(
        "Ceiling for use beyond the limit; null means without cap."
    )


@record(DistributionRow, "How a plan hands credits down.")
class BudgetDistribution:
    """How a plan hands credits down."""

    mode: DistributionMode = column("Mode.")
    target_type: ScopeType = column("Level that receives credits.")
    group_weight_percent: float = column("Weight of groups; only for mode WEIGHTED.")
    team_weight_percent: float = column("Weight of teams; only for mode WEIGHTED.")
    user_weight_percent: float = column("Weight of people; only for mode WEIGHTED.")
    includes_new_users: bool = column("Whether people who join mid-cycle get a share.")
    keeps_overrides: bool = column("Whether overrides are left alone.")
    notes: str | None = column("Notes for administrators; null for none.")


@entity(
    PlanRow,
    reads.plans_by_id,
    "Rules for renewing and handing down an account's credits.",
    guard=READERS,
)
class BudgetPlan(Node, AccountScoped, Timestamped):
    """Rules for renewing and handing down an account's credits."""

    name: str = column("Name.")
    is_active: bool = column("Whether it drives renewals; at most one plan per account does.")
    renewal: BudgetRenewal = computed(
        resolve.plan_renewal, "When cycles start and what they carry over."
    )
    amounts: BudgetAmounts = computed(
        resolve.plan_amounts, "Amounts of the account's own budget per cycle."
    )
    distribution: BudgetDistribution = computed(
        resolve.plan_distribution, "How credits are handed down."
    )
    is_overflow_billed: bool = computed(
        resolve.plan_is_overflow_billed, "Whether overflow is invoiced."
    )
    overflow_billing_note: str = computed(resolve.plan_note, "Note shown with overflow charges.")
    next_renewal_at: DateTime | None = computed(
        resolve.next_renewal_at, "When the next cycle starts; null when inactive or manual."
    )


@entity(
    BudgetRow,
    reads.any_budget_by_id,
    "Credits of one scope for one cycle. Members see their own.",
)
class Budget(Node, AccountScoped, Timestamped):
    """Credits of one scope for one cycle."""

    scope: Scope = column(
        "Who the credits are for.", in_sql={"type": "scope_type", "id": "scope_id"}
    )
    plan: BudgetPlan | None = one(
        reads.plans_in_account,
        "Plan that produced it; null for none.",
        by=("account_id", "plan_id"),
        guard=READERS,
    )
    parent: Budget | None = one(
        reads.budgets_in_account,
        "Budget the credits come from; null for the account's own.",
        by=("account_id", "parent_id"),
        guard=READERS,
    )
    children: Connection[Budget] | None = page(
        pages.child_budgets,
        "Budgets allocated from this one.",
        by=("account_id", "cycle_start", "id"),
        filter=BudgetFilter,
        order=BudgetOrder,
        guard=READERS,
    )
    cycle: BudgetCycle = column("Period it covers.")
    strategy: AllocationStrategy = column("How it came to its amount.")
    is_active: bool = column("Whether the cycle is running.")
    allocated: Credits = column("Credits handed to this scope.")
    distributed: Credits | None = computed(
        resolve.distributed_credits,
        "Credits of it handed on to children, from the full set of children.",
        guard=READERS,
    )
    pooled: Credits | None = column(
        "Credits set aside for overflow or later allocation.", guard=READERS
    )
    unallocated: Credits | None = computed(
        resolve.unallocated_credits, "Allocated minus distributed minus pooled.", guard=READERS
    )
    limit: Credits = column("Ceiling for normal use; never above allocated.")
    used: Credits = column("Normal use by this scope and everything below it.")
    reserved: Credits = column("Held by running reservations.")
    remaining: Credits = column("Limit minus used minus reserved.", in_sql="remaining")
    overflow_cap: Credits | None = column(
        "Ceiling for use beyond the limit; 0 means none, null no ceiling of its own."
    )
    overflow_used: Credits = column("Use beyond the limit.")
    has_overflow: bool = column("Whether overflow has begun.", in_sql="has_overflow")
    usage_percent: float = column("Used as a share of the limit; 0 when the limit is 0.")
    alert_level: BudgetAlertLevel | None = column(
        "Alert it stands at; null below 80 percent.", in_sql="alert_level"
    )
    forecast: BudgetForecast | None = computed(
        resolve.forecast, "Where use is heading; null outside the running cycle."
    )
    usage: Connection[Annotated[UsageEntry, strawberry.lazy("schema.budgets.usage")]] | None = page(
        ledger.budget_usage,
        "Ledger entries booked to this budget or below.",
        by="id",
        filter=UsageEntryFilter,
        order=UsageEntryOrder,
        guard=READERS,
    )
    usage_breakdown: Annotated[UsageBreakdown, strawberry.lazy("schema.budgets.usage")] | None = (
        computed(
            breakdowns.budget_breakdown,
            "Usage of this budget and below, added up.",
            arguments=[
                argument("by", list[UsageDimension], "One or two dimensions, outer first."),
                argument("first", int, "Number of slices, 200 at most.", default=25),
            ],
            guard=READERS,
        )
    )


@record(EffectiveBudgetRow, "The budget that pays for a scope.")
class EffectiveBudget:
    """The budget that pays for a scope."""

    budget: Budget = column("Nearest active budget of the chain.")
    is_inherited: bool = column("Whether it belongs to a broader scope.")
    available: Credits = column(
        "What can still be used within limits; the smallest remainder along the chain."
    )
    available_overflow: Credits | None = column(
        "What can be used beyond that; null means without cap."
    )
    resolution: Resolution = column("Budgets consulted, and which one decided.")


@record(AlertRow, "A budget close to its limit.")
class BudgetAlert(AccountScoped):
    """A budget close to its limit."""

    level: BudgetAlertLevel = column("How close.")
    usage_percent: float = column("Used as a share of the limit.")
    overflow_percent: float | None = column(
        "Overflow used as a share of its cap; null without cap."
    )
    budget: Budget = one(reads.any_budget_by_id, "The budget.", by="id")
    observed_at: DateTime = column("When the figures were taken.")


@record(LevelRow, "Budgets of one level.")
class BudgetLevel:
    """Budgets of one level."""

    scope_type: ScopeType = column("The level.")
    budget_count: int = column("Number of budgets.")
    allocated: Credits = column("Allocated at this level.")
    used: Credits = column("Normal use at this level.")
    overflow_used: Credits = column("Use beyond the limit at this level.")


@record(resolve.SummaryRow, "Figures of one cycle.", guard=READERS)
class BudgetSummary(AccountScoped):
    """Figures of one cycle."""

    cycle: BudgetCycle = column("The cycle.")
    allocated: Credits = column("Allocated to the account.", of="root.allocated")
    distributed: Credits = column("Handed on to groups, teams and people.")
    pooled: Credits = column("Set aside.", of="root.pooled")
    unallocated: Credits = column("Neither handed on nor set aside.")
    limit: Credits = column("Ceiling for normal use.", of="root.limit")
    used: Credits = column("Normal use.", of="root.used")
    overflow_used: Credits = column("Use beyond the limit.", of="root.overflow_used")
    usage_percent: float = column("Used as a share of the limit.", of="root.usage_percent")
    levels: list[BudgetLevel] = column(
        "The same by level; levels overlap and must not be added up."
    )
    alerts: list[Tally] = column("Budgets per alert level.")


@record(RiskLevelRow, "Accounts at one level of risk.")
class BudgetRiskLevel:
    """Accounts at one level of risk."""

    level: BudgetAlertLevel | None = column("The level; null below 80 percent.")
    account_count: int = column("Accounts.")
    allocated: Credits = column("Credits allocated to them.")
    used: Credits = column("Credits they used within limits.")
    overflow_used: Credits = column("Credits they used beyond limits.")


@record(resolve.RiskRow, "Accounts by how close they are to their limit.")
class BudgetRisk:
    """Accounts by how close they are to their limit."""

    levels: list[BudgetRiskLevel] = column(
        "One entry per level, and one without level for accounts at no risk."
    )
    projected_overflow: Credits = column("Overflow expected by the end of the running cycles.")
    computed_at: DateTime = column("When the figures were taken.")

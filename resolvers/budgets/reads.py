"""Fields of budgets and plans that are worked out."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from auth.policy import is_own
from datasources.access import AccessRow
from datasources.budgets.allocations import allocations_in_effect
from datasources.budgets.breakdown import Sums
from datasources.budgets.chains import PAYERS, standing_with_figures
from datasources.budgets.expressions import ALERT_LEVELS
from datasources.budgets.ledger import ModelRef, model_by_name
from datasources.budgets.reads import (
    AlertCountRow,
    alerts_of_cycle,
    budgets_in_account,
    distributed,
    levels_of_cycle,
    plans_in_account,
    root_of_cycle,
    roots_at,
)
from datasources.budgets.risk import RiskLevelRow, account_risks
from datasources.budgets.rows import (
    AllocationRow,
    BudgetRow,
    CycleRow,
    EntryRow,
    FiguresRow,
    LevelRow,
    PlanRow,
)
from datasources.budgets.running import running_user_budgets
from datasources.references import AccountRef, UserRef
from datasources.scopes import ScopeRow
from resolvers.base import RequestContext
from resolvers.budgets import rules
from resolvers.budgets.effective import Payers, PayingRow, figures_of
from resolvers.budgets.forecasts import ForecastRow, forecast_of
from resolvers.deciding import Live
from resolvers.features import decide_facts

__all__ = [
    "RiskRow",
    "SummaryRow",
    "access_budget",
    "account_allocation",
    "account_budget",
    "account_plan",
    "budget_risk",
    "budget_summary",
    "cost_of",
    "cycle_overflow_charged",
    "cycle_rolled_over",
    "cycle_root",
    "decide_payers",
    "distributed_credits",
    "entry_model",
    "forecast",
    "next_renewal_at",
    "plan_amounts",
    "plan_distribution",
    "plan_is_overflow_billed",
    "plan_note",
    "plan_renewal",
    "root_budget",
    "unallocated_credits",
    "user_budget",
]


class SummaryRow(NamedTuple):
    """Figures of one cycle."""

    root: BudgetRow
    distributed: int
    levels: list[LevelRow]
    alerts: list[AlertCountRow]

    @property
    def account_id(self) -> str:
        """Account that owns it."""
        return self.root.account_id

    @property
    def cycle(self) -> CycleRow:
        """The cycle."""
        return self.root.cycle

    @property
    def unallocated(self) -> int:
        """Neither handed on nor set aside."""
        return _unallocated(self.root, self.distributed)


class RiskRow(NamedTuple):
    """Accounts by how close they are to their limit."""

    levels: list[RiskLevelRow]
    projected_overflow: int
    computed_at: datetime


def root_budget(
    context: RequestContext, row: AccountRef, at: datetime | None = None
) -> Awaitable[BudgetRow | None]:
    """The account's own budget in the cycle that contains a moment."""
    return context.load(roots_at, (row.id, at or datetime.now(UTC)))


def account_budget(
    context: RequestContext, row: AccountRef, id: str
) -> Awaitable[BudgetRow | None]:
    """One budget of an account."""
    return context.load(budgets_in_account, (row.id, id))


def account_plan(context: RequestContext, row: AccountRef, id: str) -> Awaitable[PlanRow | None]:
    """One plan of an account."""
    return context.load(plans_in_account, (row.id, id))


def account_allocation(context: RequestContext, row: AccountRef) -> Awaitable[AllocationRow | None]:
    """What the super admin granted the account, as it is in effect now."""
    return context.load(allocations_in_effect, row.id)


async def budget_summary(
    context: RequestContext, row: AccountRef, at: datetime | None = None
) -> SummaryRow | None:
    """Figures of the cycle that contains a moment; None when it has no budget of the account."""
    root = await root_budget(context, row, at)
    if root is None:
        return None
    key = (root.account_id, root.cycle_start)
    levels = await context.load(levels_of_cycle, key)
    alerts = await context.load(alerts_of_cycle, key)
    found = {level.scope_type: level for level in levels}
    ordered = [found[name] for name in ("ACCOUNT", "GROUP", "TEAM", "USER") if name in found]
    return SummaryRow(root, await distributed_credits(context, root), ordered, alerts)


async def budget_risk(context: RequestContext, _row: object) -> RiskRow:
    """Every account's own running budget, by how close it is to its limit."""
    now = datetime.now(UTC)
    risks = await account_risks(context.database, context.caller)
    found = {risk.level: risk for risk in risks.levels}
    levels = [found.get(level) or RiskLevelRow(level, 0, 0, 0, 0) for level in ALERT_LEVELS]
    forecasts = [forecast_of(root, now) for root in risks.running]
    projected = sum(one.projected_overflow for one in forecasts if one is not None)
    return RiskRow(levels, projected, now)


def distributed_credits(context: RequestContext, row: BudgetRow) -> Awaitable[int]:
    """Credits handed on to children."""
    return context.load(distributed, (row.account_id, row.cycle_start, row.id))


async def unallocated_credits(context: RequestContext, row: BudgetRow) -> int:
    """Credits neither handed on nor set aside."""
    return _unallocated(row, await distributed_credits(context, row))


def _unallocated(row: BudgetRow, handed_on: int) -> int:
    return max(0, row.allocated - handed_on - row.pooled)


def forecast(_context: RequestContext, row: BudgetRow) -> ForecastRow | None:
    """Where use is heading."""
    return forecast_of(row, datetime.now(UTC))


async def user_budget(context: RequestContext, row: UserRef) -> BudgetRow | None:
    """A person's own running budget, for themselves and for whoever reads the whole account."""
    if not is_own(context.caller, row.account_id, row.id):
        return None
    return await context.load(running_user_budgets, (row.account_id, row.id))


async def access_budget(context: RequestContext, row: AccessRow) -> PayingRow | None:
    """The budget that pays for a scope, and what is left along its chain; None without one.

    Which budgets those are is remembered, what is left of them is read.
    """
    payers, rows, read_at = await context.deciding.live(_PAYING, row.scope)
    if payers is None or read_at is None:
        return None
    return payers.paying({one.id: one for one in rows}, read_at)


async def decide_payers(context: RequestContext, scope: ScopeRow) -> Payers | None:
    """Decision: budgets that could pay for a scope, and those they come from."""
    budgets = await context.deciding.part(PAYERS, scope)
    facts = await context.decide(decide_facts, scope) if budgets else None
    return None if facts is None else Payers.of(facts.scope, facts.chain, budgets)


_PAYING: Live[Payers | None, FiguresRow] = Live(
    decide_payers,
    PAYERS,
    standing_with_figures,
    ids=lambda payers: () if payers is None else payers.ids,
    of=figures_of,
)


def cycle_root(context: RequestContext, row: CycleRow) -> Awaitable[BudgetRow | None]:
    """The account's own budget of a cycle."""
    return context.load(root_of_cycle, (row.account_id, row.start_at))


async def cycle_rolled_over(context: RequestContext, row: CycleRow) -> int:
    """Credits carried in from the cycle before."""
    root = await cycle_root(context, row)
    return 0 if root is None else root.rolled_over


async def cycle_overflow_charged(context: RequestContext, row: CycleRow) -> int:
    """Overflow billed when the cycle was closed."""
    root = await cycle_root(context, row)
    return 0 if root is None else root.overflow_charged


def plan_renewal(_context: RequestContext, row: PlanRow) -> rules.RenewalRow:
    """When a plan's cycles start and what they carry over."""
    return rules.rules_of(row).renewal


def plan_amounts(_context: RequestContext, row: PlanRow) -> rules.AmountsRow:
    """Amounts of the account's own budget per cycle."""
    return rules.rules_of(row).amounts


def plan_distribution(_context: RequestContext, row: PlanRow) -> rules.DistributionRow:
    """How a plan hands credits down."""
    return rules.rules_of(row).distribution


def plan_is_overflow_billed(_context: RequestContext, row: PlanRow) -> bool:
    """Whether overflow is invoiced."""
    return rules.rules_of(row).is_overflow_billed


def plan_note(_context: RequestContext, row: PlanRow) -> str:
    """Note shown with overflow charges."""
    return rules.rules_of(row).overflow_billing_note


def next_renewal_at(_context: RequestContext, row: PlanRow) -> datetime | None:
    """When the next cycle starts."""
    return rules.next_renewal_at(row, datetime.now(UTC))


class MoneyRow(NamedTuple):
    """An amount of money."""

    amount: Decimal
    currency: str


def cost_of(_context: RequestContext, row: EntryRow | Sums) -> MoneyRow | None:
    """Cost behind the credits; None when none was reported."""
    if isinstance(row, Sums):
        return MoneyRow(row.cost, "USD") if row.costed_count else None
    return None if row.cost is None else MoneyRow(row.cost, row.currency or "USD")


async def entry_model(context: RequestContext, row: EntryRow) -> ModelRef | None:
    """The catalogue's entry of the model that was reported."""
    if row.model_name is None:
        return None
    return await context.load(model_by_name, row.model_name.lower())

"""Rows of budgets, plans, and usage."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from datasources.scopes import ScopeRow

__all__ = [
    "AlertRow",
    "AllocationRow",
    "BudgetRow",
    "CycleRow",
    "EntryRow",
    "FiguresRow",
    "LevelRow",
    "PlanRow",
    "ReservationRow",
    "left_of",
]


def left_of(ceiling: int, used: int, reserved: int) -> int:
    """Credits that can still be used below a ceiling; 0 where more was used."""
    return max(0, ceiling - used - reserved)


class CycleRow(NamedTuple):
    """A period of an account; it excludes its end."""

    account_id: str
    start_at: datetime
    end_at: datetime
    is_active: bool


class BudgetRow(NamedTuple):
    """Credits of one scope for one cycle."""

    id: str
    account_id: str
    scope_type: str
    scope_id: str
    plan_id: str | None
    parent_id: str | None
    cycle_start: datetime
    cycle_end: datetime
    is_active: bool
    strategy: str
    allocated: int
    limit: int
    used: int
    reserved: int
    overflow_cap: int | None
    overflow_used: int
    reserved_overflow: int
    pooled: int
    rolled_over: int
    overflow_charged: int
    is_closed: bool
    created_at: datetime
    updated_at: datetime

    @property
    def scope(self) -> ScopeRow:
        """Who the credits are for."""
        return ScopeRow(self.scope_type, self.scope_id, self.account_id)

    @property
    def cycle(self) -> CycleRow:
        """Period it covers."""
        is_active = self.cycle_start <= datetime.now(UTC) < self.cycle_end
        return CycleRow(self.account_id, self.cycle_start, self.cycle_end, is_active)

    @property
    def remaining(self) -> int:
        """What can still be used within the limit."""
        return left_of(self.limit, self.used, self.reserved)

    @property
    def remaining_overflow(self) -> int | None:
        """What can still be used beyond the limit; None without a ceiling."""
        if self.overflow_cap is None:
            return None
        return left_of(self.overflow_cap, self.overflow_used, self.reserved_overflow)

    @property
    def has_overflow(self) -> bool:
        """Whether overflow has begun."""
        return self.overflow_used > 0

    @property
    def usage_percent(self) -> float:
        """Used as a share of the limit; 0 when the limit is 0."""
        return round(self.used / self.limit * 100, 2) if self.limit else 0.0

    @property
    def overflow_percent(self) -> float | None:
        """Overflow used as a share of its cap; None without a cap, 0 of none."""
        if self.overflow_cap is None:
            return None
        return round(self.overflow_used / self.overflow_cap * 100, 2) if self.overflow_cap else 0.0

    @property
    def alert_level(self) -> str | None:
        """How close use is to the limit; as `expressions.alert_level` says in SQL."""
        if self.overflow_used or (self.limit and self.used >= self.limit):
            return "AT_LIMIT"
        share = self.used * 100
        if self.limit and share >= 95 * self.limit:
            return "CRITICAL"
        return "WARNING" if self.limit and share >= 80 * self.limit else None


class FiguresRow(NamedTuple):
    """What of a budget changes with its use, while nothing that decides about access does."""

    id: str
    used: int
    reserved: int
    overflow_used: int
    reserved_overflow: int
    overflow_charged: int
    updated_at: datetime


class LevelRow(NamedTuple):
    """Budgets of one level of a cycle, added up."""

    scope_type: str
    budget_count: int
    allocated: int
    used: int
    overflow_used: int


class AlertRow(NamedTuple):
    """A budget close to its limit."""

    id: str
    account_id: str
    level: str
    usage_percent: float
    overflow_percent: float | None
    observed_at: datetime


class AllocationRow(NamedTuple):
    """What the super admin granted an account for each cycle."""

    account_id: str
    allocated: int
    limit: int
    overflow_cap: int | None
    credit_factor: str
    """An exact decimal number."""
    effective_from_at: datetime
    updated_by: str | None
    is_applied: bool = True


class PlanRow(NamedTuple):
    """Rules for renewing and handing down, as stored; `resolvers.budgets.rules` reads them."""

    id: str
    account_id: str
    name: str
    is_active: bool
    distribution: Any
    created_at: datetime
    updated_at: datetime


class ReservationRow(NamedTuple):
    """Credits held back."""

    id: str
    account_id: str
    budget_id: str
    chain: list[str]
    credits: int
    overflow_credits: int
    status: str
    expires_at: datetime

    @property
    def amount(self) -> int:
        """Credits held."""
        return self.credits + self.overflow_credits


class EntryRow(NamedTuple):
    """One line of the ledger."""

    id: str
    account_id: str
    kind: str
    outcome: str
    budget_id: str
    chain: list[str]
    credits: int
    overflow_credits: int
    refused_credits: int
    cost: Decimal | None
    currency: str | None
    credit_factor: Decimal | None
    user_id: str | None
    team_id: str | None
    group_id: str | None
    agent_id: str | None
    model_name: str | None
    connector_id: str | None
    guard: str | None
    tool: str | None
    workspace_id: str | None
    thread_id: str | None
    request_id: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    description: str | None
    metadata: Any
    reservation_id: str | None
    refund_of: str | None
    occurred_at: datetime
    recorded_at: datetime
    recorded_by: str

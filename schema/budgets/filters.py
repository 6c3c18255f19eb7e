"""Filters and orders of lists of budgets, plans and usage."""

from __future__ import annotations

import strawberry

from schema.base.core import DateTimeRangeInput, OrderDirection
from schema.base.domain import BudgetAlertLevel, GuardType
from schema.base.fields import absent, given
from schema.base.scalars import DateTime
from schema.base.scopes import ScopeInput, ScopeType
from schema.budgets.enums import (
    AllocationStrategy,
    BudgetOrderField,
    BudgetPlanOrderField,
    UsageEntryOrderField,
    UsageKind,
    UsageOutcome,
)


@strawberry.input(description="Conditions on budgets.")
class BudgetFilter:
    """Conditions on budgets."""

    search: str | None = absent("Text in the subject's name, ignoring case.")
    at: DateTime | None = absent("Cycle that contains this moment.")
    is_active: bool | None = absent("Only running cycles, or only others.")
    scope_types: list[ScopeType] | None = absent("Only these levels.")
    scope_ids: list[strawberry.ID] | None = absent("Only these scopes.")
    parent_id: strawberry.ID | None = absent("Only children of this budget.")
    plan_id: strawberry.ID | None = absent("Only budgets of this plan.")
    strategies: list[AllocationStrategy] | None = absent("Only these strategies.")
    alert_levels: list[BudgetAlertLevel] | None = absent("Only these alert levels.")


@strawberry.input(description="How to sort budgets.")
class BudgetOrder:
    """How to sort budgets."""

    field: BudgetOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Conditions on plans.")
class BudgetPlanFilter:
    """Conditions on plans."""

    search: str | None = absent("Text in the name, ignoring case.")
    is_active: bool | None = absent("Only the active, or only inactive ones.")


@strawberry.input(description="How to sort budget plans.")
class BudgetPlanOrder:
    """How to sort budget plans."""

    field: BudgetPlanOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)


@strawberry.input(description="Conditions on budget alerts.")
class BudgetAlertFilter:
    """Conditions on budget alerts."""

    levels: list[BudgetAlertLevel] | None = absent("Only these levels.")
    scope_types: list[ScopeType] | None = absent("Only these levels of the account.")
    min_usage_percent: float | None = absent("Only from this share on; at least 80.")


@strawberry.input(description="Conditions on ledger entries.")
class UsageEntryFilter:
    """Conditions on ledger entries."""

    occurred_at: DateTimeRangeInput | None = absent("Consumed in this span.")
    scope: ScopeInput | None = absent("Only of this scope and below.")
    budget_id: strawberry.ID | None = absent("Only booked to this budget or below.")
    kinds: list[UsageKind] | None = absent("Only these kinds.")
    outcomes: list[UsageOutcome] | None = absent("Only booked this way.")
    user_ids: list[strawberry.ID] | None = absent("Only of these people.")
    agent_ids: list[strawberry.ID] | None = absent("Only of these agents.")
    model_names: list[str] | None = absent("Only of these models.")
    connector_ids: list[strawberry.ID] | None = absent("Only of these connectors.")
    guards: list[GuardType] | None = absent("Only of these guardrails.")
    tools: list[str] | None = absent("Only of these tools.")
    workspace_ids: list[strawberry.ID] | None = absent("Only of these workspaces.")
    thread_id: strawberry.ID | None = absent("Only of this conversation.")
    request_id: strawberry.ID | None = absent("Only of this request.")


@strawberry.input(description="How to sort usage entries.")
class UsageEntryOrder:
    """How to sort usage entries."""

    field: UsageEntryOrderField = given("What to sort by.")
    direction: OrderDirection = given("Which way to sort.", default=OrderDirection.ASC)

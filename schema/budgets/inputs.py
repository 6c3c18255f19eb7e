"""Inputs of mutations that record usage."""

from __future__ import annotations

import strawberry

from schema.base.core import TenantInput
from schema.base.domain import GuardType, MoneyInput
from schema.base.fields import absent, given
from schema.base.scalars import JSON, Credits, DateTime
from schema.base.scopes import ScopeInput

KEY = "Unique per event in the account; repeating it answers with the first result."


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

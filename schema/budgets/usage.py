"""The ledger, its sums, and reservations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

from datasources.budgets import ledger, reads
from datasources.budgets.breakdown import Sums
from datasources.budgets.rows import EntryRow, ReservationRow
from resolvers.budgets import breakdowns
from resolvers.budgets import reads as resolve
from schema.base.core import AccountScoped, Actor, Node, author
from schema.base.domain import GuardType, Money
from schema.base.fields import column, computed, one, reference
from schema.base.modules import entity, record, to, union_of
from schema.base.scalars import JSON, BigInt, Credits, DateTime, Decimal
from schema.budgets.enums import ReservationStatus, UsageDimension, UsageKind, UsageOutcome
from schema.budgets.types import READERS, Budget

if TYPE_CHECKING:
    from schema.base.stubs import Account, Group, Team, User
    from schema.budgets.stubs import Agent, Connector, Model

    UsageSubject: TypeAlias = Account | Group | Team | User | Agent | Model | Connector
else:
    UsageSubject = union_of(
        "UsageSubject",
        "What a part of usage can stand for.",
        "Account",
        "Group",
        "Team",
        "User",
        "Agent",
        "Model",
        "Connector",
    )

__all__ = ["UsageBreakdown", "UsageEntry", "UsageReservation"]


@entity(
    EntryRow,
    ledger.entries_by_id,
    "One line of the ledger. Lines are never changed or removed.",
    guard=READERS,
)
class UsageEntry(Node, AccountScoped):
    """One line of the ledger."""

    kind: UsageKind = column("Charge or refund.")
    outcome: UsageOutcome = column("How it was booked.")
    budget: Budget = one(reads.any_budget_by_id, "Nearest budget charged.", by="budget_id")
    credits: Credits = column("Credits booked within the limit.")
    overflow_credits: Credits = column("Credits booked as overflow.")
    refused_credits: Credits = column(
        "Credits consumed beyond limit and overflow cap, booked nowhere; 0 unless refused."
    )
    cost: Money | None = computed(
        resolve.cost_of,
        "Cost behind the credits; null when only credits were reported.",
        in_sql={"amount": "cost", "currency": "cost_currency"},
    )
    credit_factor: Decimal | None = column(
        "Factor used to turn cost into credits; null when only credits were reported."
    )
    user: Annotated[User, to] | None = reference("Person; null when not reported.", by="user_id")
    agent: Annotated[Agent, to] | None = reference("Agent; null when not reported.", by="agent_id")
    model: Annotated[Model, to] | None = computed(
        resolve.entry_model,
        "Catalogue entry of the model; null when not reported or not catalogued.",
    )
    model_name: str | None = column("Model as reported; null when not reported.")
    connector: Annotated[Connector, to] | None = reference(
        "Connector; null when not reported.", by="connector_id"
    )
    guard: GuardType | None = column("Guardrail; null when not reported.")
    tool: str | None = column("Tool, such as llm or sandbox; null when not reported.")
    workspace_id: strawberry.ID | None = column("Workspace; null when not reported.")
    thread_id: strawberry.ID | None = column("Conversation; null when not reported.")
    request_id: strawberry.ID | None = column(
        "Request at the reporting service; null when not reported."
    )
    prompt_tokens: int | None = column("Tokens sent; null when not reported.")
    completion_tokens: int | None = column("Tokens received; null when not reported.")
    description: str | None = column("Free text; null for none.")
    metadata: JSON | None = column("Values the service attached; null for none.")
    refund_of: UsageEntry | None = one(
        ledger.entries_in_account,
        "Entry a refund belongs to; null for charges.",
        by=("account_id", "refund_of"),
    )
    occurred_at: DateTime = column("When it was consumed.")
    recorded_at: DateTime = column("When it was booked.")
    recorded_by: Actor = author("recorded_by", "Who reported it.")


@entity(
    ReservationRow,
    ledger.reservations_by_id,
    "Credits held back before work starts, so that it cannot fail on payment afterwards.",
)
class UsageReservation(Node, AccountScoped):
    """Credits held back before work starts."""

    budget: Budget = one(reads.any_budget_by_id, "Budget the credits are held in.", by="budget_id")
    amount: Credits = column("Credits held.")
    status: ReservationStatus = column("State.")
    expires_at: DateTime = column("When it is given back unless settled.")


@record(Sums, "Sums over ledger entries, refunds deducted.")
class UsageTotals:
    """Sums over ledger entries, refunds deducted."""

    credits: Credits = column("Credits within limits.")
    overflow_credits: Credits = column("Credits booked as overflow.")
    cost: Money | None = computed(resolve.cost_of, "Cost; null when none was reported.")
    entry_count: int = column("Number of entries.")
    prompt_tokens: BigInt = column("Tokens sent.")
    completion_tokens: BigInt = column("Tokens received.")


@record(breakdowns.UsageKeyRow, "What a part stands for in one dimension.")
class UsageKey:
    """What a part stands for in one dimension."""

    dimension: UsageDimension = column("The dimension.")
    value: str | None = column(
        "Id, name or day (YYYY-MM-DD); null for entries that did not report one."
    )
    label: str = column("Text to show.")
    subject: UsageSubject | None = column(
        "The object behind it; null for days, tools and whatever no longer exists."
    )


@record(breakdowns.SliceRow, "One part of the whole.")
class UsageSlice:
    """One part of the whole."""

    keys: list[UsageKey] = column("One key per dimension asked for.")
    totals: UsageTotals = column("Figures of the part.")
    share_percent: float = column("Credits of the part as a share of all.")


@record(breakdowns.BreakdownRow, "Usage added up.")
class UsageBreakdown:
    """Usage added up."""

    totals: UsageTotals = column("Everything that matches.")
    slices: list[UsageSlice] = column("Parts, the largest first; by day, the oldest first.")
    other: UsageTotals = column("Parts beyond the requested number.")

"""The tables of schema `gateway` that hold what budgets need beyond their own, and their plans."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    MetaData,
    Numeric,
    Table,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from datasources.columns import texts, times

__all__ = [
    "COUNTED",
    "DIMENSIONS",
    "account_allocations",
    "budget_details",
    "budget_locks",
    "budget_plans",
    "model_catalog",
    "usage_by_day",
    "usage_by_dimension",
    "usage_ledger",
    "usage_reservations",
]

_METADATA = MetaData()

DIMENSIONS = {
    "OUTCOME": "outcome",
    "USER": "user_id",
    "TEAM": "team_id",
    "GROUP": "group_id",
    "AGENT": "agent_id",
    "MODEL": "model_name",
    "CONNECTOR": "connector_id",
    "GUARDRAIL": "guard",
    "TOOL": "tool",
    "WORKSPACE": "workspace_id",
}
"""What usage is added up by, and the column that holds it."""

COUNTED = (
    "credits",
    "overflow_credits",
    "cost",
    "costed_count",
    "entry_count",
    "prompt_tokens",
    "completion_tokens",
)
"""What is added up."""


def _uuid(*names: str) -> list[Column[str]]:
    return [Column(name, Uuid(as_uuid=False)) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger) for name in names]


def _uuids(name: str) -> Column[object]:
    return Column(name, ARRAY(Uuid(as_uuid=False)))


def _counted() -> list[Column[object]]:
    return [Column(name, Numeric if name == "cost" else BigInteger) for name in COUNTED]


budget_plans = Table(
    "budget_plans",
    _METADATA,
    *_uuid("id"),
    *texts("account_id", "name"),
    Column("is_active", Boolean),
    Column("distribution", JSONB),
    *times("created_at", "updated_at"),
    schema="copilot",
)

model_catalog = Table(
    "model_catalog", _METADATA, *_uuid("id"), *texts("model_name"), schema="copilot"
)

budget_locks = Table("budget_locks", _METADATA, *texts("account_id"), schema="gateway")

budget_details = Table(
    "budget_details",
    _METADATA,
    *_uuid("budget_id"),
    *texts("account_id", "scope_id"),
    *_number("pooled", "reserved", "reserved_overflow", "rolled_over", "overflow_charged"),
    *times("cycle_closed_at", "closed_at", "cycle_end"),
    schema="gateway",
)

account_allocations = Table(
    "account_allocations",
    _METADATA,
    *_uuid("id"),
    *texts("account_id"),
    *_number("allocated", "limit_amount", "overflow_cap"),
    Column("credit_factor", Numeric),
    *times("effective_from_at"),
    Column("is_applied", Boolean),
    *texts("updated_by"),
    *times("created_at"),
    schema="gateway",
)

usage_ledger = Table(
    "usage_ledger",
    _METADATA,
    *_uuid("id"),
    *texts("account_id", "idempotency_key", "input_digest", "kind", "outcome"),
    *_uuid("budget_id"),
    _uuids("chain"),
    *_number("credits", "overflow_credits", "refused_credits"),
    Column("cost", Numeric),
    *texts("currency"),
    Column("credit_factor", Numeric),
    *texts("user_id", "team_id", "group_id", "agent_id", "model_name", "connector_id", "guard"),
    *texts("tool", "workspace_id", "thread_id", "request_id"),
    *_number("prompt_tokens", "completion_tokens"),
    *texts("description"),
    Column("metadata", JSONB),
    *_uuid("reservation_id", "refund_of"),
    *times("occurred_at", "recorded_at"),
    *texts("recorded_by"),
    schema="gateway",
)

usage_by_dimension = Table(
    "usage_by_dimension",
    _METADATA,
    *texts("account_id", "dimension"),
    Column("day", Date),
    *texts("value", "currency"),
    *_counted(),
    schema="gateway",
)

usage_by_day = Table(
    "usage_by_day",
    _METADATA,
    *texts("account_id"),
    Column("day", Date),
    *texts("digest"),
    _uuids("chain"),
    *texts("kind", *DIMENSIONS.values(), "currency"),
    *_counted(),
    schema="gateway",
)

usage_reservations = Table(
    "usage_reservations",
    _METADATA,
    *_uuid("id"),
    *texts("account_id"),
    *_uuid("budget_id"),
    _uuids("chain"),
    *texts("scope_type", "scope_id"),
    *_number("credits", "overflow_credits"),
    *texts("status"),
    *times("expires_at", "created_at"),
    *texts("created_by"),
    schema="gateway",
)

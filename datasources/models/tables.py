"""Tables of models that no other module reads, and what of another module's decides prices."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, MetaData, Numeric, Table, Text, Uuid

__all__ = ["credit_factors", "model_providers", "resource_prices"]

_METADATA = MetaData()


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text) for name in names]


def _times(*names: str) -> list[Column[object]]:
    return [Column(name, DateTime(timezone=True)) for name in names]


model_providers = Table(
    "model_providers",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *_text("code", "name", "endpoint_variable", "api_key_variable"),
    Column("is_active", Boolean),
    *_times("created_at", "updated_at"),
    schema="gateway",
)

resource_prices = Table(
    "resource_prices",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *_text("account_id", "resource_type", "unit"),
    Column("price", Numeric),
    *_text("currency", "description"),
    *_times("effective_from", "effective_to"),
    *_text("created_by"),
    *_times("created_at"),
    schema="gateway",
)

credit_factors = Table(
    "account_allocations",
    _METADATA,
    *_text("account_id"),
    Column("credit_factor", Numeric),
    *_times("effective_from_at"),
    schema="gateway",
)
"""What an account's credits are worth: of its allocations, as far as prices go."""

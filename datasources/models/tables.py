"""Tables of models that no other module reads, and what of another module's decides prices."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, MetaData, Numeric, Table, Uuid

from datasources.columns import texts, times

__all__ = ["credit_factors", "model_providers", "resource_prices"]

_METADATA = MetaData()


model_providers = Table(
    "model_providers",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *texts("code", "name", "endpoint_variable", "api_key_variable"),
    Column("is_active", Boolean),
    *times("created_at", "updated_at"),
    schema="gateway",
)

resource_prices = Table(
    "resource_prices",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *texts("account_id", "resource_type", "unit"),
    Column("price", Numeric),
    *texts("currency", "description"),
    *times("effective_from", "effective_to"),
    *texts("created_by"),
    *times("created_at"),
    schema="gateway",
)

credit_factors = Table(
    "account_allocations",
    _METADATA,
    *texts("account_id"),
    Column("credit_factor", Numeric),
    *times("effective_from_at"),
    schema="gateway",
)
"""What an account's credits are worth: of its allocations, as far as prices go."""

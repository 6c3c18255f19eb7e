"""Tables of plans and subscriptions."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, Numeric, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from datasources.columns import texts, times

__all__ = ["plan_features", "plans", "subscriptions"]

_METADATA = MetaData()

plans = Table(
    "subscription_plans",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *texts("code", "name", "description", "kind", "status"),
    Column("monthly_price", Numeric),
    Column("yearly_price", Numeric),
    *texts("currency"),
    Column("trial_days", Integer),
    Column("limits", JSONB),
    *texts("created_by", "updated_by"),
    *times("created_at", "updated_at"),
    schema="gateway",
)

plan_features = Table(
    "plan_features",
    _METADATA,
    Column("plan_id", Uuid(as_uuid=False)),
    *texts("feature_code"),
    schema="gateway",
)

subscriptions = Table(
    "subscriptions",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *texts("account_id"),
    Column("plan_id", Uuid(as_uuid=False)),
    Column("quantity", Integer),
    *texts("billing_period"),
    Column("unit_price", Numeric),
    *texts("currency"),
    Column("limits", JSONB),
    *times("start_at", "trial_end_at", "end_at", "cancelled_at"),
    *texts("external_id"),
    Column("payment", JSONB),
    *texts("created_by", "updated_by"),
    *times("created_at", "updated_at"),
    schema="gateway",
)

"""Tables that decide what an account and its scopes may use; several modules read them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, MetaData, Numeric, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from datasources.columns import texts, times

__all__ = [
    "access_overrides",
    "access_versions",
    "account_limits",
    "catalogue_version",
    "entitlements",
    "feature_policies",
    "features",
    "identity_keys",
    "model_catalog",
    "model_lists",
    "model_policies",
    "quota_periods",
    "quotas",
    "router_models",
]

_METADATA = MetaData()


def _amounts(*names: str) -> list[Column[object]]:
    return [Column(name, Numeric) for name in names]


_AUTHORS = ("created_by", "updated_by")
_STAMPS = ("created_at", "updated_at")

access_versions = Table(
    "access_versions", _METADATA, *texts("account_id", "version"), schema="gateway"
)

catalogue_version = Table("catalogue_version", _METADATA, *texts("version"), schema="gateway")

entitlements = Table(
    "entitlements",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *texts("account_id", "feature_code", "source", "subscription_id"),
    Column("is_enabled", Boolean),
    Column("config", JSONB),
    *times("valid_from", "valid_until"),
    *texts(*_AUTHORS),
    *times(*_STAMPS),
    schema="gateway",
)

access_overrides = Table(
    "access_overrides",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *texts("account_id", "scope_type", "scope_id", "feature_code", "effect"),
    Column("disabled_items", ARRAY(Text)),
    Column("config", JSONB),
    *texts("reason"),
    *times("valid_from", "valid_until"),
    *texts(*_AUTHORS),
    *times(*_STAMPS),
    schema="gateway",
)

account_limits = Table(
    "account_limits",
    _METADATA,
    *texts("account_id"),
    *[Column(name, Integer) for name in ("max_models", "max_keys", "max_teams")],
    *_amounts("max_budget"),
    *texts("updated_by"),
    *times("updated_at"),
    schema="gateway",
)

quotas = Table(
    "quotas",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *texts("account_id", "feature_code", "unit"),
    Column("subscription_id", Uuid(as_uuid=False)),
    *_amounts("included", "rolled_over", "used", "overage_limit", "overage_used"),
    *texts("reset"),
    *_amounts("rollover_cap"),
    *times("period_start", "period_end", "valid_until"),
    Column("is_active", Boolean),
    *times(*_STAMPS),
    schema="gateway",
)

quota_periods = Table(
    "quota_periods",
    _METADATA,
    Column("quota_id", Uuid(as_uuid=False)),
    *texts("account_id"),
    *times("period_start", "period_end"),
    *_amounts("included", "rolled_over", "used", "overage_used"),
    *times("closed_at"),
    schema="gateway",
)

features = Table(
    "features",
    _METADATA,
    *texts("code", "level", "parent_code", "name", "description", "category"),
    Column("is_enabled_by_default", Boolean),
    Column("default_config", JSONB),
    Column("plan_config", JSONB),
    Column("display_order", Integer),
    Column("is_active", Boolean),
    *texts(*_AUTHORS),
    *times(*_STAMPS),
    schema="gateway",
)

feature_policies = Table(
    "feature_flag_policies",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *texts("account_id", "scope_type", "scope_id"),
    Column("flags", JSONB),
    *texts("notes", *_AUTHORS),
    *times(*_STAMPS),
    schema="copilot",
)

model_catalog = Table(
    "model_catalog",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *texts("model_name", "display_name", "provider", "source", "upstream_model_name"),
    *_amounts("credits_per_1k_tokens"),
    Column("is_active", Boolean),
    Column("metadata", JSONB),
    *texts(*_AUTHORS),
    *times(*_STAMPS),
    schema="copilot",
)

model_policies = Table(
    "model_access_policies",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *texts("account_id", "scope_type", "scope_id", "mode"),
    Column("selected_models", ARRAY(Text)),
    *texts("notes", *_AUTHORS),
    *times(*_STAMPS),
    schema="copilot",
)

model_lists = Table(
    "model_lists",
    _METADATA,
    *texts("account_id", "layer", "mode"),
    Column("names", ARRAY(Text)),
    Column("defaults", ARRAY(Text)),
    *texts("updated_by"),
    *times("updated_at"),
    schema="gateway",
)

router_models = Table(
    "LiteLLM_ProxyModelTable",
    _METADATA,
    *texts("model_id", "model_name", "account_id"),
)

identity_keys = Table("LiteLLM_VerificationToken", _METADATA, *texts("token", "account_id"))

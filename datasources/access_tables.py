"""Tables that decide what an account and its scopes may use; several modules read them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, Numeric, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

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


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text) for name in names]


def _times(*names: str, zoned: bool = True) -> list[Column[object]]:
    return [Column(name, DateTime(timezone=zoned)) for name in names]


def _amounts(*names: str) -> list[Column[object]]:
    return [Column(name, Numeric) for name in names]


_AUTHORS = ("created_by", "updated_by")
_STAMPS = ("created_at", "updated_at")

access_versions = Table(
    "access_versions", _METADATA, *_text("account_id", "version"), schema="gateway"
)

catalogue_version = Table("catalogue_version", _METADATA, *_text("version"), schema="gateway")

entitlements = Table(
    "entitlements",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *_text("account_id", "feature_code", "source", "subscription_id"),
    Column("is_enabled", Boolean),
    Column("config", JSONB),
    *_times("valid_from", "valid_until"),
    *_text(*_AUTHORS),
    *_times(*_STAMPS),
    schema="gateway",
)

access_overrides = Table(
    "access_overrides",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *_text("account_id", "scope_type", "scope_id", "feature_code", "effect"),
    Column("disabled_items", ARRAY(Text)),
    Column("config", JSONB),
    *_text("reason"),
    *_times("valid_from", "valid_until"),
    *_text(*_AUTHORS),
    *_times(*_STAMPS),
    schema="gateway",
)

account_limits = Table(
    "account_limits",
    _METADATA,
    *_text("account_id"),
    *[Column(name, Integer) for name in ("max_models", "max_keys", "max_teams")],
    *_amounts("max_budget"),
    *_text("updated_by"),
    *_times("updated_at"),
    schema="gateway",
)

quotas = Table(
    "quotas",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *_text("account_id", "feature_code", "unit"),
    *_amounts("included", "rolled_over", "used", "overage_limit", "overage_used"),
    *_text("reset"),
    *_amounts("rollover_cap"),
    *_times("period_start", "period_end"),
    Column("is_active", Boolean),
    *_times(*_STAMPS),
    schema="gateway",
)

quota_periods = Table(
    "quota_periods",
    _METADATA,
    Column("quota_id", Uuid(as_uuid=False)),
    *_text("account_id"),
    *_times("period_start", "period_end"),
    *_amounts("included", "rolled_over", "used", "overage_used"),
    *_times("closed_at"),
    schema="gateway",
)

features = Table(
    "features",
    _METADATA,
    *_text("code", "level", "parent_code", "name", "description", "category"),
    Column("is_enabled_by_default", Boolean),
    Column("default_config", JSONB),
    Column("plan_config", JSONB),
    Column("display_order", Integer),
    Column("is_active", Boolean),
    *_text(*_AUTHORS),
    *_times(*_STAMPS),
    schema="gateway",
)

feature_policies = Table(
    "feature_flag_policies",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *_text("account_id", "scope_type", "scope_id"),
    Column("flags", JSONB),
    *_text("notes", *_AUTHORS),
    *_times(*_STAMPS),
    schema="copilot",
)

model_catalog = Table(
    "model_catalog",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *_text("model_name", "display_name", "provider", "source", "upstream_model_name"),
    *_amounts("credits_per_1k_tokens"),
    Column("is_active", Boolean),
    Column("metadata", JSONB),
    *_text(*_AUTHORS),
    *_times(*_STAMPS),
    schema="copilot",
)

model_policies = Table(
    "model_access_policies",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *_text("account_id", "scope_type", "scope_id", "mode"),
    Column("selected_models", ARRAY(Text)),
    *_text("notes", *_AUTHORS),
    *_times(*_STAMPS),
    schema="copilot",
)

model_lists = Table(
    "model_lists",
    _METADATA,
    *_text("account_id", "layer", "mode"),
    Column("names", ARRAY(Text)),
    Column("defaults", ARRAY(Text)),
    *_text("updated_by"),
    *_times("updated_at"),
    schema="gateway",
)

router_models = Table(
    "LiteLLM_ProxyModelTable",
    _METADATA,
    *_text("model_id", "model_name", "account_id"),
)

identity_keys = Table("LiteLLM_VerificationToken", _METADATA, *_text("token", "account_id"))

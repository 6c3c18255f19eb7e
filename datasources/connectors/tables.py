"""Tables of connectors: the existing one as it is, and the gateway's own."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

__all__ = ["integration_lists", "integrations", "policies", "policy_details"]

_METADATA = MetaData()


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text) for name in names]


def _times(*names: str) -> list[Column[object]]:
    return [Column(name, DateTime(timezone=True)) for name in names]


policies = Table(
    "connection_permission_policies",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *_text("account_id", "scope_type", "scope_id", "connection_type", "permission_mode"),
    Column("allow_use_admin_connections", Boolean),
    *_text("notes", "created_by", "updated_by"),
    *_times("created_at", "updated_at"),
    schema="copilot",
)

policy_details = Table(
    "connector_policy_details",
    _METADATA,
    Column("policy_id", Uuid(as_uuid=False)),
    *_text("account_id", "inherited_mode"),
    Column("inherited_use", Boolean),
    *_times("as_of"),
    schema="gateway",
)

integrations = Table(
    "integration_catalog",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *_text("integration_key", "provider", "name", "description"),
    *_text("toolkit", "auth_config_id", "icon", "color"),
    Column("is_active", Boolean),
    Column("metadata", JSONB),
    *_text("created_by", "updated_by"),
    *_times("created_at", "updated_at"),
    schema="copilot",
)

integration_lists = Table(
    "integration_lists",
    _METADATA,
    *_text("account_id"),
    Column("integration_ids", ARRAY(Text)),
    *_text("updated_by"),
    *_times("updated_at"),
    schema="gateway",
)

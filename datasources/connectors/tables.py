"""Tables of connectors: the existing one as it is, and the gateway's own."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from datasources.columns import texts, times

__all__ = ["integration_lists", "integrations", "policies", "policy_details"]

_METADATA = MetaData()


policies = Table(
    "connection_permission_policies",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *texts("account_id", "scope_type", "scope_id", "connection_type", "permission_mode"),
    Column("allow_use_admin_connections", Boolean),
    *texts("notes", "created_by", "updated_by"),
    *times("created_at", "updated_at"),
    schema="copilot",
)

policy_details = Table(
    "connector_policy_details",
    _METADATA,
    Column("policy_id", Uuid(as_uuid=False)),
    *texts("account_id", "inherited_mode"),
    Column("inherited_use", Boolean),
    *times("as_of"),
    schema="gateway",
)

integrations = Table(
    "integration_catalog",
    _METADATA,
    Column("id", Uuid(as_uuid=False)),
    *texts("integration_key", "provider", "name", "description"),
    *texts("toolkit", "auth_config_id", "icon", "color"),
    Column("is_active", Boolean),
    Column("metadata", JSONB),
    *texts("created_by", "updated_by"),
    *times("created_at", "updated_at"),
    schema="copilot",
)

integration_lists = Table(
    "integration_lists",
    _METADATA,
    *texts("account_id"),
    Column("integration_ids", ARRAY(Text)),
    *texts("updated_by"),
    *times("updated_at"),
    schema="gateway",
)

"""The tables of the existing database that more than one module reads, as they are.

Names, types and cases are production's; see the baseline migration for constraints and defaults.
Times without zone (`public`) are UTC by convention and read as such.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from datasources.columns import texts, times

__all__ = [
    "account_admins",
    "accounts",
    "audit_log",
    "bulk_operation_items",
    "bulk_operations",
    "credit_budgets",
    "export_files",
    "export_parts",
    "groups",
    "idempotency_keys",
    "identity_organizations",
    "identity_teams",
    "identity_users",
    "invite_details",
    "memberships",
    "secrets",
    "service_credentials",
    "service_tokens",
    "session_cutoffs",
    "sso_configs",
    "team_memberships",
    "teams",
    "user_invites",
    "users",
]

_METADATA = MetaData()


def _uuid(name: str, *, primary_key: bool = False) -> Column[str]:
    return Column(name, Uuid(as_uuid=False), primary_key=primary_key)


accounts = Table(
    "Alchemi_AccountTable",
    _METADATA,
    *texts("account_id", "account_name", "account_alias", "domain", "status"),
    Column("metadata", JSONB),
    Column("max_budget", Double),
    Column("spend", Double),
    *times("created_at", "updated_at", zoned=False),
    *texts("created_by"),
)

account_admins = Table(
    "Alchemi_AccountAdminTable",
    _METADATA,
    *texts("id", "account_id", "user_email", "role"),
    *times("created_at", "updated_at", zoned=False),
    *texts("created_by"),
)

sso_configs = Table(
    "Alchemi_AccountSSOConfig",
    _METADATA,
    *texts("id", "account_id", "sso_provider"),
    Column("sso_settings", JSONB),
    Column("enabled", Boolean),
    *times("created_at", "updated_at", zoned=False),
)

users = Table(
    "users",
    _METADATA,
    _uuid("id"),
    *texts("account_id", "email", "name", "profile_image"),
    Column("is_active", Boolean),
    *times("created_at", "updated_at"),
    schema="copilot",
)

groups = Table(
    "groups",
    _METADATA,
    _uuid("id"),
    *texts("account_id", "name", "description"),
    Column("is_default", Boolean),
    _uuid("owner_id"),
    *texts("contact_email", "status", "created_by", "updated_by"),
    *times("created_at", "updated_at"),
    schema="copilot",
)

teams = Table(
    "teams",
    _METADATA,
    _uuid("id"),
    *texts("account_id"),
    _uuid("group_id"),
    *texts("name", "description"),
    Column("is_default", Boolean),
    _uuid("owner_id"),
    *texts("contact_email", "status", "created_by", "updated_by"),
    *times("created_at", "updated_at"),
    schema="copilot",
)

memberships = Table(
    "account_memberships",
    _METADATA,
    _uuid("id"),
    *texts("account_id"),
    _uuid("user_id"),
    *texts("app_role"),
    _uuid("team_id"),
    Column("is_active", Boolean),
    *times("joined_at", "last_active_at"),
    Column("tenant_preferences", JSONB),
    *texts("created_by", "updated_by"),
    *times("created_at", "updated_at"),
    schema="copilot",
)

user_invites = Table(
    "user_invites",
    _METADATA,
    _uuid("id"),
    *texts("account_id", "email", "role", "role_id", "workspace_id", "status", "token"),
    Column("invitation_data", JSONB),
    *texts("created_by", "accepted_by"),
    *times("accepted_at", "expires_at", "created_at", "updated_at"),
    schema="copilot",
)

audit_log = Table(
    "audit_log",
    _METADATA,
    _uuid("id"),
    *texts("account_id", "event_type", "severity", "resource_type", "resource_id", "action"),
    *texts("actor_id", "actor_email", "message"),
    Column("details", JSONB),
    *times("created_at"),
    schema="copilot",
)

credit_budgets = Table(
    "credit_budget",
    _METADATA,
    _uuid("id"),
    *texts("account_id"),
    _uuid("budget_plan_id"),
    *texts("scope_type"),
    _uuid("scope_id"),
    _uuid("parent_budget_id"),
    *texts("allocation_strategy"),
    *[Column(name, Integer) for name in ("allocated", "limit_amount", "overflow_cap")],
    *[Column(name, Integer) for name in ("used", "overflow_used")],
    *times("cycle_start", "cycle_end", "created_at", "updated_at"),
    schema="copilot",
)

identity_users = Table(
    "LiteLLM_UserTable",
    _METADATA,
    *texts("user_id", "user_alias", "user_email", "sso_user_id", "account_id"),
    *texts("organization_id", "team_id"),
    Column("teams", ARRAY(Text)),
    *texts("user_role", "password"),
    Column("metadata", JSONB),
    *times("created_at", "updated_at", zoned=False),
)

identity_teams = Table(
    "LiteLLM_TeamTable",
    _METADATA,
    *texts("team_id", "team_alias", "organization_id", "account_id"),
    Column("admins", ARRAY(Text)),
    Column("members", ARRAY(Text)),
    Column("members_with_roles", JSONB),
    Column("metadata", JSONB),
    *times("created_at", "updated_at", zoned=False),
)

identity_organizations = Table(
    "LiteLLM_OrganizationTable",
    _METADATA,
    *texts("organization_id", "organization_alias", "account_id"),
    Column("metadata", JSONB),
    *times("created_at", "updated_at", zoned=False),
    *texts("created_by", "updated_by"),
)

team_memberships = Table(
    "team_memberships",
    _METADATA,
    _uuid("id"),
    *texts("account_id"),
    _uuid("user_id"),
    _uuid("team_id"),
    *texts("role"),
    Column("is_active", Boolean),
    Column("repeats_first", Boolean),
    *times("joined_at"),
    *texts("created_by", "updated_by"),
    *times("created_at", "updated_at"),
    schema="gateway",
)

invite_details = Table(
    "invite_details",
    _METADATA,
    _uuid("invite_id"),
    *texts("account_id", "custom_role_id"),
    _uuid("team_id"),
    *texts("updated_by"),
    *times("created_at", "updated_at"),
    schema="gateway",
)

idempotency_keys = Table(
    "idempotency_keys",
    _METADATA,
    *texts("account_id", "operation", "key", "input_digest"),
    Column("response", JSONB),
    *times("created_at"),
    schema="gateway",
)

secrets = Table(
    "secrets",
    _METADATA,
    *texts("account_id", "owner_type", "owner_id", "name"),
    Column("ciphertext", LargeBinary),
    *texts("key_id"),
    *times("created_at", "updated_at"),
    schema="gateway",
)

service_credentials = Table(
    "service_credentials",
    _METADATA,
    _uuid("id"),
    *texts("account_id", "name"),
    Column("scopes", ARRAY(Text)),
    *times("expires_at", "revoked_at", "last_used_at"),
    *texts("created_by", "updated_by"),
    *times("created_at", "updated_at"),
    schema="gateway",
)

service_tokens = Table(
    "service_tokens",
    _METADATA,
    Column("token_hash", LargeBinary),
    _uuid("credential_id"),
    *texts("prefix"),
    *times("expires_at", "created_at"),
    schema="gateway",
)

session_cutoffs = Table(
    "session_cutoffs",
    _METADATA,
    *texts("subject"),
    *times("valid_after"),
    schema="gateway",
)

bulk_operations = Table(
    "bulk_operations",
    _METADATA,
    _uuid("id"),
    *texts("account_id", "kind", "status"),
    Column("is_dry_run", Boolean),
    Column("selection", JSONB),
    Column("changes", JSONB),
    Column("matched_count", Integer),
    Column("changed_count", Integer),
    Column("skipped_count", Integer),
    Column("account_count", Integer),
    *texts("requested_by"),
    *times("started_at", "finished_at", "undo_until"),
    *texts("problem"),
    schema="gateway",
)

export_files = Table(
    "export_files",
    _METADATA,
    _uuid("operation_id"),
    *texts("account_id", "format"),
    Column("conditions", JSONB),
    *times("occurred_from", "occurred_to"),
    Column("chain_position", BigInteger),
    *texts("goes_on_after"),
    Column("part_count", Integer),
    Column("byte_count", BigInteger),
    *times("expires_at"),
    schema="gateway",
)

export_parts = Table(
    "export_parts",
    _METADATA,
    _uuid("operation_id"),
    Column("part", Integer),
    *texts("account_id"),
    Column("content", LargeBinary),
    schema="gateway",
)

bulk_operation_items = Table(
    "bulk_operation_items",
    _METADATA,
    _uuid("operation_id"),
    Column("position", Integer),
    *texts("target_id", "account_id", "outcome", "reason"),
    Column("before", JSONB),
    schema="gateway",
)

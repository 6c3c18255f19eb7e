"""The tables of the existing database that more than one module reads, as they are.

Names, types and cases are production's; see the baseline migration for constraints and defaults.
Times without zone (`public`) are UTC by convention and read as such.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

__all__ = [
    "account_admins",
    "accounts",
    "audit_log",
    "bulk_operation_items",
    "bulk_operations",
    "credit_budgets",
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


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text) for name in names]


def _times(*names: str, zoned: bool = True) -> list[Column[object]]:
    return [Column(name, DateTime(timezone=zoned)) for name in names]


accounts = Table(
    "Alchemi_AccountTable",
    _METADATA,
    *_text("account_id", "account_name", "account_alias", "domain", "status"),
    Column("metadata", JSONB),
    Column("max_budget", Double),
    Column("spend", Double),
    *_times("created_at", "updated_at", zoned=False),
    *_text("created_by"),
)

account_admins = Table(
    "Alchemi_AccountAdminTable",
    _METADATA,
    *_text("id", "account_id", "user_email", "role"),
    *_times("created_at", "updated_at", zoned=False),
    *_text("created_by"),
)

sso_configs = Table(
    "Alchemi_AccountSSOConfig",
    _METADATA,
    *_text("id", "account_id", "sso_provider"),
    Column("sso_settings", JSONB),
    Column("enabled", Boolean),
    *_times("created_at", "updated_at", zoned=False),
)

users = Table(
    "users",
    _METADATA,
    _uuid("id"),
    *_text("account_id", "email", "name", "profile_image"),
    Column("is_active", Boolean),
    *_times("created_at", "updated_at"),
    schema="copilot",
)

groups = Table(
    "groups",
    _METADATA,
    _uuid("id"),
    *_text("account_id", "name", "description"),
    Column("is_default", Boolean),
    _uuid("owner_id"),
    *_text("contact_email", "status", "created_by", "updated_by"),
    *_times("created_at", "updated_at"),
    schema="copilot",
)

teams = Table(
    "teams",
    _METADATA,
    _uuid("id"),
    *_text("account_id"),
    _uuid("group_id"),
    *_text("name", "description"),
    Column("is_default", Boolean),
    _uuid("owner_id"),
    *_text("contact_email", "status", "created_by", "updated_by"),
    *_times("created_at", "updated_at"),
    schema="copilot",
)

memberships = Table(
    "account_memberships",
    _METADATA,
    _uuid("id"),
    *_text("account_id"),
    _uuid("user_id"),
    *_text("app_role"),
    _uuid("team_id"),
    Column("is_active", Boolean),
    *_times("joined_at", "last_active_at"),
    Column("tenant_preferences", JSONB),
    *_text("created_by", "updated_by"),
    *_times("created_at", "updated_at"),
    schema="copilot",
)

user_invites = Table(
    "user_invites",
    _METADATA,
    _uuid("id"),
    *_text("account_id", "email", "role", "role_id", "workspace_id", "status", "token"),
    Column("invitation_data", JSONB),
    *_text("created_by", "accepted_by"),
    *_times("accepted_at", "expires_at", "created_at", "updated_at"),
    schema="copilot",
)

audit_log = Table(
    "audit_log",
    _METADATA,
    _uuid("id"),
    *_text("account_id", "event_type", "severity", "resource_type", "resource_id", "action"),
    *_text("actor_id", "actor_email", "message"),
    Column("details", JSONB),
    *_times("created_at"),
    schema="copilot",
)

credit_budgets = Table(
    "credit_budget",
    _METADATA,
    _uuid("id"),
    *_text("account_id"),
    _uuid("budget_plan_id"),
    *_text("scope_type"),
    _uuid("scope_id"),
    _uuid("parent_budget_id"),
    *_text("allocation_strategy"),
    *[Column(name, Integer) for name in ("allocated", "limit_amount", "overflow_cap")],
    *[Column(name, Integer) for name in ("used", "overflow_used")],
    *_times("cycle_start", "cycle_end", "created_at", "updated_at"),
    schema="copilot",
)

identity_users = Table(
    "LiteLLM_UserTable",
    _METADATA,
    *_text("user_id", "user_alias", "user_email", "sso_user_id", "account_id"),
    *_text("organization_id", "team_id"),
    Column("teams", ARRAY(Text)),
    *_text("user_role", "password"),
    Column("metadata", JSONB),
    *_times("created_at", "updated_at", zoned=False),
)

identity_teams = Table(
    "LiteLLM_TeamTable",
    _METADATA,
    *_text("team_id", "team_alias", "organization_id", "account_id"),
    Column("admins", ARRAY(Text)),
    Column("members", ARRAY(Text)),
    Column("members_with_roles", JSONB),
    Column("metadata", JSONB),
    *_times("created_at", "updated_at", zoned=False),
)

identity_organizations = Table(
    "LiteLLM_OrganizationTable",
    _METADATA,
    *_text("organization_id", "organization_alias", "account_id"),
    Column("metadata", JSONB),
    *_times("created_at", "updated_at", zoned=False),
    *_text("created_by", "updated_by"),
)

team_memberships = Table(
    "team_memberships",
    _METADATA,
    _uuid("id"),
    *_text("account_id"),
    _uuid("user_id"),
    _uuid("team_id"),
    *_text("role"),
    Column("is_active", Boolean),
    *_times("joined_at"),
    *_text("created_by", "updated_by"),
    *_times("created_at", "updated_at"),
    schema="gateway",
)

invite_details = Table(
    "invite_details",
    _METADATA,
    _uuid("invite_id"),
    *_text("account_id", "custom_role_id"),
    _uuid("team_id"),
    *_text("updated_by"),
    *_times("created_at", "updated_at"),
    schema="gateway",
)

idempotency_keys = Table(
    "idempotency_keys",
    _METADATA,
    *_text("account_id", "operation", "key", "input_digest"),
    Column("response", JSONB),
    *_times("created_at"),
    schema="gateway",
)

secrets = Table(
    "secrets",
    _METADATA,
    *_text("account_id", "owner_type", "owner_id", "name"),
    Column("ciphertext", LargeBinary),
    *_text("key_id"),
    *_times("created_at", "updated_at"),
    schema="gateway",
)

service_credentials = Table(
    "service_credentials",
    _METADATA,
    _uuid("id"),
    *_text("account_id", "name"),
    Column("scopes", ARRAY(Text)),
    *_times("expires_at", "revoked_at", "last_used_at"),
    *_text("created_by", "updated_by"),
    *_times("created_at", "updated_at"),
    schema="gateway",
)

service_tokens = Table(
    "service_tokens",
    _METADATA,
    Column("token_hash", LargeBinary),
    _uuid("credential_id"),
    *_text("prefix"),
    *_times("expires_at", "created_at"),
    schema="gateway",
)

session_cutoffs = Table(
    "session_cutoffs",
    _METADATA,
    *_text("subject"),
    *_times("valid_after"),
    schema="gateway",
)

bulk_operations = Table(
    "bulk_operations",
    _METADATA,
    _uuid("id"),
    *_text("account_id", "kind", "status"),
    Column("is_dry_run", Boolean),
    Column("selection", JSONB),
    Column("changes", JSONB),
    Column("matched_count", Integer),
    Column("changed_count", Integer),
    Column("skipped_count", Integer),
    Column("account_count", Integer),
    *_text("requested_by"),
    *_times("started_at", "finished_at", "undo_until"),
    *_text("problem"),
    schema="gateway",
)

bulk_operation_items = Table(
    "bulk_operation_items",
    _METADATA,
    _uuid("operation_id"),
    Column("position", Integer),
    *_text("target_id", "account_id", "outcome", "reason"),
    Column("before", JSONB),
    schema="gateway",
)

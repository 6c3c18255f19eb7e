"""Fence tenants off from each other by row-level security, for the role cockpit_gateway.

The two budget views stay without a grant: they run with their owner's rights, so they would show
every account's figures.
"""

from __future__ import annotations

from alembic import op

from datasources.migrations.row_level_security import ROLE, Fence, Rule, ensure_role, fence

revision = "0003"
down_revision = "0002"

_USER = 'SELECT FROM public."LiteLLM_UserTable" AS parent WHERE parent.user_id = {}'
_KEY = 'SELECT FROM public."LiteLLM_VerificationToken" AS parent WHERE parent.token = {}'
_TEAM = 'SELECT FROM public."LiteLLM_TeamTable" AS parent WHERE parent.team_id = {}'
_ORGANIZATION = (
    'SELECT FROM public."LiteLLM_OrganizationTable" AS parent WHERE parent.organization_id = {}'
)

_ACCOUNTS = (
    Fence('public."Alchemi_AccountTable"'),
    Fence('public."Alchemi_AccountAdminTable"'),
    Fence('public."Alchemi_AccountSSOConfig"'),
)

# Writers without a tenant leave account_id NULL where a row leads to its tenant by another column.
_IDENTITY = (
    Fence('public."LiteLLM_BudgetTable"'),
    Fence('public."LiteLLM_ObjectPermissionTable"'),
    Fence('public."LiteLLM_OrganizationTable"'),
    Fence('public."LiteLLM_UserTable"'),
    Fence('public."LiteLLM_TeamTable"'),
    Fence(
        'public."LiteLLM_OrganizationMembership"',
        parents=(_USER.format('"LiteLLM_OrganizationMembership".user_id'),),
    ),
    Fence(
        'public."LiteLLM_TeamMembership"',
        parents=(_USER.format('"LiteLLM_TeamMembership".user_id'),),
    ),
    Fence('public."LiteLLM_VerificationToken"'),
    Fence('public."LiteLLM_ProxyModelTable"', Rule.OWN_OR_PLATFORM),
    Fence('public."LiteLLM_AuditLog"', is_append_only=True),
    Fence(
        'public."LiteLLM_SpendLogs"',
        parents=(
            _KEY.format('"LiteLLM_SpendLogs".api_key'),
            _TEAM.format('"LiteLLM_SpendLogs".team_id'),
            _ORGANIZATION.format('"LiteLLM_SpendLogs".organization_id'),
            _USER.format('"LiteLLM_SpendLogs"."user"'),
        ),
        is_append_only=True,
    ),
)

_COPILOT = (
    Fence("copilot.users"),
    Fence("copilot.groups"),
    Fence("copilot.teams"),
    Fence("copilot.account_memberships"),
    Fence("copilot.user_invites"),
    Fence("copilot.notification_templates"),
    Fence("copilot.support_tickets"),
    Fence("copilot.credit_budget"),
    Fence("copilot.budget_plans"),
    Fence("copilot.agents_def"),
    Fence("copilot.agent_groups"),
    Fence(
        "copilot.agent_group_members",
        Rule.PARENT,
        parents=("SELECT FROM copilot.agent_groups AS parent WHERE parent.id = group_id",),
    ),
    Fence("copilot.marketplace_items", Rule.OWN_OR_PLATFORM),
    Fence("copilot.account_connections"),
    Fence("copilot.integration_catalog", Rule.CATALOGUE),
    Fence("copilot.model_catalog", Rule.CATALOGUE),
    Fence("copilot.model_access_policies"),
    Fence("copilot.feature_flag_policies"),
    Fence("copilot.connection_permission_policies"),
    Fence("copilot.guardrails_config"),
    Fence("copilot.guardrails_custom_patterns"),
    Fence("copilot.guardrails_audit_log", is_append_only=True),
    Fence("copilot.audit_log", is_append_only=True),
)

_GATEWAY = (
    Fence("gateway.team_memberships", is_ours=True),
    Fence("gateway.invite_details", is_ours=True),
    Fence("gateway.idempotency_keys", is_ours=True),
    Fence("gateway.secrets", is_ours=True),
    Fence("gateway.service_credentials", is_ours=True),
    Fence(
        "gateway.service_tokens",
        Rule.PARENT,
        parents=(
            "SELECT FROM gateway.service_credentials AS parent WHERE parent.id = credential_id",
        ),
        is_ours=True,
    ),
    Fence("gateway.session_cutoffs", Rule.OPEN, is_ours=True),
    Fence("gateway.bulk_operations", is_ours=True),
    Fence(
        "gateway.bulk_operation_items",
        Rule.PARENT,
        parents=("SELECT FROM gateway.bulk_operations AS parent WHERE parent.id = operation_id",),
        is_ours=True,
    ),
)


def upgrade() -> None:
    """Create the role, its rights and the policies."""
    connection = op.get_bind()
    ensure_role(connection)
    connection.exec_driver_sql(f"GRANT USAGE ON SCHEMA public, copilot, gateway TO {ROLE}")
    for fenced in (*_ACCOUNTS, *_IDENTITY, *_COPILOT, *_GATEWAY):
        fence(connection, fenced)

"""Add versions of what decides about access, and the triggers that change them."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.access_triggers import create_functions, watch, watch_catalogue
from datasources.migrations.row_level_security import Fence, Rule, fence
from datasources.migrations.statements import statements_in

revision = "0008"
down_revision = "0007"

_PLACE = ("account_id", "scope_type", "scope_id")
_DECIDING = {
    'public."Alchemi_AccountTable"': ("account_id", "metadata"),
    'public."Alchemi_AccountAdminTable"': ("account_id", "user_email"),
    'public."LiteLLM_UserTable"': (
        "account_id",
        "user_id",
        "user_email",
        "organization_id",
        "user_role",
        "teams",
        "team_id",
    ),
    'public."LiteLLM_TeamTable"': ("account_id", "team_id", "organization_id"),
    'public."LiteLLM_OrganizationTable"': ("account_id", "organization_id"),
    "copilot.users": ("account_id", "id", "email"),
    "copilot.groups": ("account_id", "id"),
    "copilot.teams": ("account_id", "id", "group_id"),
    "copilot.account_memberships": (
        "account_id",
        "user_id",
        "team_id",
        "app_role",
        "is_active",
    ),
    "copilot.feature_flag_policies": (*_PLACE, "id", "flags"),
    "copilot.model_access_policies": (*_PLACE, "id", "mode", "selected_models"),
    "copilot.guardrails_config": (
        "account_id",
        "guard_type",
        "enabled",
        "execution_order",
        "action_on_fail",
        "config",
    ),
    "copilot.credit_budget": (*_PLACE, "id", "cycle_start", "cycle_end", "parent_budget_id"),
    "gateway.team_memberships": ("account_id", "user_id", "team_id", "is_active"),
    "gateway.entitlements": (
        "account_id",
        "feature_code",
        "source",
        "is_enabled",
        "config",
        "valid_from",
        "valid_until",
        "created_at",
    ),
    "gateway.model_lists": ("account_id", "layer", "mode", "names", "defaults"),
    "gateway.guardrail_policies": (*_PLACE, "id", "required_guards", "mode", "is_enabled"),
}
"""Tables that decide, and the columns of them that do."""


def upgrade() -> None:
    """Create versions, fenced, and watch what decides."""
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)
    fence(connection, Fence("gateway.access_versions", is_ours=True))
    fence(connection, Fence("gateway.catalogue_version", Rule.CATALOGUE, is_ours=True))
    create_functions(connection)
    for table, columns in _DECIDING.items():
        watch(connection, table, columns)
    details = ("scope_id", "closed_at", "cycle_end")
    watch(connection, "gateway.budget_details", ("account_id", *details), counts_with=details)
    watch_catalogue(connection, "copilot.model_catalog")

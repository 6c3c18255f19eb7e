"""Let connector policies inherit each value by itself, and keep what accounts have enabled."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.access_triggers import watch
from datasources.migrations.row_level_security import Fence, fence
from datasources.migrations.statements import statements_in

revision = "0016"
down_revision = "0015"

_DETAILS = "gateway.connector_policy_details"
_DECIDING = {
    "copilot.connection_permission_policies": (
        "account_id",
        "scope_type",
        "scope_id",
        "id",
        "connection_type",
        "permission_mode",
        "allow_use_admin_connections",
        "updated_at",
    ),
    _DETAILS: ("account_id", "policy_id", "inherited_mode", "inherited_use", "as_of"),
}
"""Tables that decide, and the columns of them that do."""


def upgrade() -> None:
    """Create the tables, fenced, and watch what decides about connectors."""
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)
    for table in (_DETAILS, "gateway.integration_lists"):
        fence(connection, Fence(table, is_ours=True))
    for table, columns in _DECIDING.items():
        watch(connection, table, columns)

"""Add overrides: what super admins switch off or configure for a scope, watched and fenced."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.access_triggers import watch
from datasources.migrations.row_level_security import Fence, Rule, fence
from datasources.migrations.statements import statements_in

revision = "0011"
down_revision = "0010"

_TABLE = "gateway.access_overrides"
_DECIDING = (
    "account_id",
    "id",
    "scope_type",
    "scope_id",
    "feature_code",
    "effect",
    "disabled_items",
    "config",
    "valid_from",
    "valid_until",
)


def upgrade() -> None:
    """Create the table: an account reads its overrides, and only operators write them."""
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)
    fence(connection, Fence(_TABLE, Rule.CEILING, is_ours=True))
    watch(connection, _TABLE, _DECIDING)

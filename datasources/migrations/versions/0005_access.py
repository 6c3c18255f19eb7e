"""Add entitlements, limits, quotas, and the layers of an account's models."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.row_level_security import Fence, fence
from datasources.migrations.statements import statements_in

revision = "0005"
down_revision = "0004"

_FENCES = (
    Fence("gateway.entitlements", is_ours=True),
    Fence("gateway.account_limits", is_ours=True),
    Fence("gateway.quotas", is_ours=True),
    Fence("gateway.quota_periods", is_append_only=True, is_ours=True),
    Fence("gateway.model_lists", is_ours=True),
)


def upgrade() -> None:
    """Create the tables, fenced."""
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)
    for fenced in _FENCES:
        fence(connection, fenced)

"""Add guardrail policies of their own, switches of the platform's patterns, and events."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.row_level_security import Fence, fence
from datasources.migrations.statements import statements_in

revision = "0006"
down_revision = "0005"

_FENCES = (
    Fence("gateway.guardrail_policies", is_ours=True),
    Fence("gateway.guardrail_pattern_switches", is_ours=True),
    Fence("gateway.guardrail_events", is_append_only=True, is_ours=True),
)


def upgrade() -> None:
    """Create the tables, fenced, and take over the policies stored so far."""
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)
    for fenced in _FENCES:
        fence(connection, fenced)

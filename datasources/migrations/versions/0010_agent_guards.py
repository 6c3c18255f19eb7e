"""Add the guards that agents require; let accounts read the platform's agents; index changes."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.row_level_security import Fence, Rule, fence
from datasources.migrations.statements import statements_in

revision = "0010"
down_revision = "0009"

_AGENT_GUARDS = Fence("gateway.agent_guards", Rule.OWN_OR_PLATFORM, is_ours=True)


def upgrade() -> None:
    """Create the table, fenced as the agents are."""
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)
    fence(connection, _AGENT_GUARDS)

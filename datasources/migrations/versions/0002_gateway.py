"""Add what the gateway keeps for itself, in a schema of its own."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.statements import statements_in

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables of schema `gateway`."""
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)

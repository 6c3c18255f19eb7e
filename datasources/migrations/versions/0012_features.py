"""Add the feature catalogue, with what the platform itself knows; watched and fenced."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.access_triggers import watch_catalogue
from datasources.migrations.row_level_security import Fence, Rule, fence
from datasources.migrations.statements import statements_in

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the table: everybody reads it, and only operators write it."""
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)
    fence(connection, Fence("gateway.features", Rule.CATALOGUE, is_ours=True))
    watch_catalogue(connection, "gateway.features")

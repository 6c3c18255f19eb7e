"""Add what audit events were caused by, and the chains that prove none is missing or changed."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.audit_chaining import create_function
from datasources.migrations.row_level_security import Fence, Rule, fence
from datasources.migrations.statements import statements_in

revision = "0015"
down_revision = "0013"


def upgrade() -> None:
    """Create the tables: links are read by their account, and written by the function alone."""
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)
    links = Fence("gateway.audit_links", Rule.CEILING, is_append_only=True, is_ours=True)
    fence(connection, links)
    create_function(connection)

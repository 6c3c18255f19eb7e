"""Add the indexes that pages of an account's lists walk."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.statements import statements_in

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the indexes; writers to a table wait until its index is made."""
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)

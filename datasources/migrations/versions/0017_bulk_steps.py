"""Let a bulk operation name objects of which nothing has become yet."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Outcomes become nullable; what is ahead has an index of its own."""
    connection = op.get_bind()
    for statement in (
        "ALTER TABLE gateway.bulk_operation_items ALTER COLUMN outcome DROP NOT NULL",
        "COMMENT ON COLUMN gateway.bulk_operation_items.outcome IS"
        " 'NULL: ahead, in an operation that changes each object in a transaction of its own'",
        "CREATE INDEX bulk_operation_items_ahead_idx"
        " ON gateway.bulk_operation_items (operation_id, position) WHERE outcome IS NULL",
        "CREATE INDEX bulk_operations_running_idx"
        " ON gateway.bulk_operations (kind, started_at) WHERE status = 'RUNNING'",
    ):
        connection.exec_driver_sql(statement)

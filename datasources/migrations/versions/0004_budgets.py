"""Add the ledger of usage, its sums, reservations, and what budgets hold beyond their table."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.row_level_security import Fence, fence
from datasources.migrations.statements import statements_in

revision = "0004"
down_revision = "0003"

_FENCES = (
    Fence("gateway.budget_locks", is_ours=True),
    Fence("gateway.budget_details", is_ours=True),
    Fence("gateway.account_allocations", is_ours=True),
    Fence("gateway.usage_ledger", is_append_only=True, is_ours=True),
    Fence("gateway.usage_by_dimension", is_ours=True),
    Fence("gateway.usage_by_day", is_ours=True),
    Fence("gateway.usage_reservations", is_ours=True),
)


def upgrade() -> None:
    """Create the tables, fenced."""
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)
    for fenced in _FENCES:
        fence(connection, fenced)

"""Add the index that finds budgets that are not stored under their scope's own id."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create it; few budgets are in it."""
    op.get_bind().exec_driver_sql(
        "CREATE INDEX budget_details_account_id_scope_id_idx"
        " ON gateway.budget_details (account_id, scope_id) WHERE scope_id IS NOT NULL"
    )

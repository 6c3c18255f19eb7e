"""Add the index that finds an account's own budget of a cycle."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create it; writers to the table wait until it is made.

    Where the table is large, make it CONCURRENTLY before migrating.
    """
    op.get_bind().exec_driver_sql(
        "CREATE INDEX IF NOT EXISTS credit_budget_account_id_cycle_start_idx"
        " ON copilot.credit_budget (account_id, cycle_start, id) WHERE scope_type = 'account'"
    )

"""Add the index that finds the members of a team within an account."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Create it; writers to the table wait until it is made.

    Where the table is large, make it CONCURRENTLY before migrating. Without it PostgreSQL goes
    through all members of the account for each team that a query shows.
    """
    op.get_bind().exec_driver_sql(
        "CREATE INDEX IF NOT EXISTS account_memberships_account_id_team_id_idx"
        " ON copilot.account_memberships (account_id, team_id)"
    )

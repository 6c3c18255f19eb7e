"""Watch all of a budget that is decided, so that only what use changes is read at every call."""

from __future__ import annotations

from alembic import op

from datasources.migrations.access_triggers import unwatch, watch

revision = "0019"
down_revision = "0018"

_BUDGETS = (
    "account_id",
    "scope_type",
    "scope_id",
    "id",
    "cycle_start",
    "cycle_end",
    "parent_budget_id",
    "budget_plan_id",
    "allocation_strategy",
    "allocated",
    "limit_amount",
    "overflow_cap",
    "created_at",
)
_NULL_MOSTLY = ("scope_id", "closed_at", "cycle_end")
_ZERO_MOSTLY = ("pooled", "rolled_over")
"""Details come with a budget's first reservation too, which decides nothing."""


def upgrade() -> None:
    """Replace the triggers."""
    connection = op.get_bind()
    for table in ("copilot.credit_budget", "gateway.budget_details"):
        unwatch(connection, table)
    watch(connection, "copilot.credit_budget", _BUDGETS)
    watch(
        connection,
        "gateway.budget_details",
        ("account_id", *_NULL_MOSTLY, *_ZERO_MOSTLY),
        counts_with=_NULL_MOSTLY,
        counts_above_zero=_ZERO_MOSTLY,
    )

"""Add subscription plans and subscriptions, fenced; take over those of the old platform."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.old_subscriptions import take_over
from datasources.migrations.row_level_security import Fence, Rule, fence
from datasources.migrations.statements import statements_in

revision = "0023"
down_revision = "0022"

_FENCES = (
    Fence("gateway.subscription_plans", Rule.CATALOGUE, is_ours=True),
    Fence("gateway.plan_features", Rule.CATALOGUE, is_ours=True),
    Fence("gateway.subscriptions", Rule.CEILING, is_ours=True),
)


def upgrade() -> None:
    """Create the tables: everybody reads plans, an account its subscriptions; operators write."""
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)
    for fenced in _FENCES:
        fence(connection, fenced)
    take_over(connection)

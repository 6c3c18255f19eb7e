"""Add providers of models, and prices of other resources."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.access_triggers import watch_catalogue
from datasources.migrations.row_level_security import Fence, Rule, fence
from datasources.migrations.statements import statements_in

revision = "0009"
down_revision = "0008"

_FENCES = (
    Fence("gateway.model_providers", Rule.CATALOGUE, is_ours=True),
    Fence("gateway.resource_prices", Rule.OWN_OR_PLATFORM, is_ours=True),
)


def upgrade() -> None:
    """Create the tables, fenced, with the providers that models name so far."""
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)
    for fenced in _FENCES:
        fence(connection, fenced)
    watch_catalogue(connection, "gateway.model_providers")

"""Add what audit events were caused by, and the chains that prove none is missing or changed."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.audit_chaining import create_function
from datasources.migrations.row_level_security import ROLE, Fence, Rule, fence
from datasources.migrations.statements import statements_in

revision = "0015"
down_revision = "0014"

_POLICY = f"""
CREATE POLICY cockpit_gateway_platform ON copilot.audit_log FOR SELECT TO {ROLE} USING (
    account_id IS NULL
    AND (SELECT nullif(current_setting('cockpit.account_id', true), '')) IS NOT NULL
    AND (event_type IN ('copilot_model_catalog', 'copilot_feature_catalog',
            'copilot_integration_catalog', 'copilot_guardrail')
        OR (resource_type = 'account'
            AND resource_id = (SELECT current_setting('cockpit.account_id', true))))
)
"""
"""The platform's events that touched the account, which the graph shows without their values."""


def upgrade() -> None:
    """Create the tables: links are read by their account, and written by the function alone.

    Where the logs are large, make their indexes CONCURRENTLY before migrating.
    """
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)
    links = Fence("gateway.audit_links", Rule.CEILING, is_append_only=True, is_ours=True)
    fence(connection, links)
    connection.exec_driver_sql(_POLICY)
    create_function(connection)

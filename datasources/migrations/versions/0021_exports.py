"""Add files of audit events, and let callers of an account ask where its chain ends."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from datasources.migrations.row_level_security import ROLE, Fence, fence
from datasources.migrations.statements import statements_in

revision = "0021"
down_revision = "0020"

# With its owner's rights, for the reasons that the functions of migration 0018 have.
_NAME = "gateway.audit_chain_end(text)"
_FUNCTION = """
CREATE FUNCTION gateway.audit_chain_end(of_account text) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT ends.position FROM gateway.audit_chains AS ends
    WHERE ends.chain = of_account
        AND (current_setting('role') = 'none'
            OR current_setting('cockpit.spans_accounts', true) = 'on'
            OR current_setting('cockpit.account_id', true) = of_account)
$$
"""


def upgrade() -> None:
    """Create tables and function, for the gateway's role."""
    connection = op.get_bind()
    for statement in statements_in(Path(__file__).with_suffix(".sql").read_text("utf-8")):
        connection.exec_driver_sql(statement)
    fence(connection, Fence("gateway.export_files", is_ours=True))
    fence(connection, Fence("gateway.export_parts", is_ours=True))
    connection.exec_driver_sql(_FUNCTION)
    connection.exec_driver_sql(f"REVOKE ALL ON FUNCTION {_NAME} FROM PUBLIC")
    connection.exec_driver_sql(f"GRANT EXECUTE ON FUNCTION {_NAME} TO {ROLE}")

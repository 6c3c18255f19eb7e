"""Create the production schema where it is missing.

Decided table by table: one that exists is left exactly as it is, indexes included, whatever its
state; environments built by the bootstrap procedure lack the three policy tables and gain them.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Connection

from datasources.migrations.baseline import sections

revision = "0001"
down_revision = None

_PGCRYPTO = "SELECT 1 FROM pg_available_extensions WHERE name = 'pgcrypto'"


def upgrade() -> None:
    """Create what is absent."""
    connection = op.get_bind()
    for schema in ("public", "copilot"):
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    # gen_random_uuid() is built in since PostgreSQL 13, so a server without pgcrypto will do.
    if connection.exec_driver_sql(_PGCRYPTO).first():
        connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pgcrypto")
    for section in sections():
        if not _exists(connection, section.name):
            for statement in section.statements:
                connection.exec_driver_sql(statement)


def _exists(connection: Connection, name: str) -> bool:
    found = connection.exec_driver_sql("SELECT to_regclass($1)::text", (name,))
    return found.scalar_one() is not None

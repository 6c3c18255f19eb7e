"""How Alembic runs our migrations: on the connection `upgrade` hands over, one transaction each."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from datasources.migrations import VERSION_SCHEMA

connection: Connection = context.config.attributes["connection"]
connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {VERSION_SCHEMA}")
connection.commit()
context.configure(
    connection=connection,
    version_table_schema=VERSION_SCHEMA,
    transaction_per_migration=True,
)
context.run_migrations()

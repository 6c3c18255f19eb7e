"""The demo tenants among many others like them, so that PostgreSQL plans as it does in production.

With five tenants one has half of a table, and reading all of it is right. Here every row that a
tenant owns is there many times over, each copy in an account of its own.
"""

from __future__ import annotations

from pathlib import Path

import asyncpg

__all__ = ["COPIES", "crowd"]

COPIES = 9
_FILLING = Path(__file__).with_name("filling.sql")

_COLUMNS = """
SELECT c.oid::regclass::text AS name, a.attname AS "column", a.atttypid::regtype::text AS type,
    EXISTS (
        SELECT FROM pg_index i
        WHERE i.indrelid = c.oid AND i.indisunique AND a.attnum = ANY(i.indkey)
        AND NOT EXISTS (
            SELECT FROM pg_attribute other WHERE other.attrelid = c.oid
            AND other.attnum = ANY(i.indkey)
            AND (other.attname = 'account_id' OR other.atttypid = 'uuid'::regtype)
        )
    ) AS is_unique_by_itself
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r'
    AND c.relnamespace = ANY(ARRAY['public', 'copilot', 'gateway']::regnamespace[])
    AND a.attgenerated = '' AND a.attidentity = ''
    AND EXISTS (
        SELECT FROM pg_attribute owner
        WHERE owner.attrelid = c.oid AND owner.attname = 'account_id' AND NOT owner.attisdropped
    )
ORDER BY c.oid, a.attnum
"""


async def crowd(connection: asyncpg.Connection) -> None:
    """Fill the tables that the demo leaves empty, and copy what every tenant owns."""
    await connection.execute(_FILLING.read_text())
    columns: dict[str, list[asyncpg.Record]] = {}
    for record in await connection.fetch(_COLUMNS):
        columns.setdefault(record["name"], []).append(record)
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table, of_table in columns.items():
            await connection.execute(_copying(table, of_table))
    await connection.execute("ANALYZE")


def _copying(table: str, columns: list[asyncpg.Record]) -> str:
    names = ", ".join(f'"{record["column"]}"' for record in columns)
    values = ", ".join(_copied(record) for record in columns)
    return (
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table},"
        f" generate_series(1, {COPIES}) copy WHERE account_id IS NOT NULL ON CONFLICT DO NOTHING"
    )


def _copied(record: asyncpg.Record) -> str:
    """The copy's value: ids are made anew from the original's, so that they still match."""
    name = f'"{record["column"]}"'
    if record["column"] == "account_id":
        return "account_id || '-' || copy"
    match record["type"]:
        case "uuid":
            return f"md5({name}::text || copy)::uuid"
        case "uuid[]":
            return f"ARRAY(SELECT md5(id::text || copy)::uuid FROM unnest({name}) id)"
        case "text" | "character varying" if record["is_unique_by_itself"]:
            return f"{name} || '-' || copy"
    return name

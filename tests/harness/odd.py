"""Demo data as no writer of ours leaves it: odd text, times, numbers and words in every table."""

from __future__ import annotations

from typing import Any

import asyncpg

__all__ = ["make_odd"]

_COLUMNS = """
    SELECT a.attrelid::regclass::text, quote_ident(a.attname),
        format_type(a.atttypid, NULL), format_type(a.atttypid, a.atttypmod)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
        AND c.relnamespace = ANY(ARRAY['public', 'copilot', 'gateway']::regnamespace[])
        AND c.relname <> 'alembic_version' AND a.attname !~ '(^|_)ids?$'
    ORDER BY 1, a.attnum
"""
_ODD = {
    "text": ["", '"\\ \n\t\x01\x7f', "\u2028\u2029 😀 \ufeff", "no such word", "\\u0000 </script>"],
    "character varying": ['"\\ \n\x01', "\u2028 😀", "no such word"],
    "timestamp with time zone": ["infinity", "-infinity", "0999-12-31 23:59:59Z", "1000-01-01Z",
                                 "2026-03-29 02:30:00.5+01"],
    "timestamp without time zone": ["0999-12-31 23:59:59", "1000-01-01", "infinity"],
    "numeric": ["1.5000", "0.00000000", "1e-9", "1e30", "NaN"],
    "double precision": ["NaN", "Infinity", "-0", "1e-7", "1e300"],
    "integer": ["0", "2147483647"],
    "bigint": ["9007199254740993", "9223372036854775807", "0"],
    "jsonb": ["null", "[]", "{}", '{"a": 1.50, "b": "\\u00e9"}', "12345678901234567890"],
    "array": ["{}"],
}  # fmt: skip


async def make_odd(url: str) -> int:
    """Change what constraints allow, a part of the rows at a time; how many columns were."""
    connection = await asyncpg.connect(url)
    try:
        # What is odd is written as the former writers could: without our triggers.
        await connection.execute("SET session_replication_role = replica")
        columns = await connection.fetch(_COLUMNS)
        return sum([await _change(connection, *column) for column in columns])
    finally:
        await connection.close()


async def _change(connection: Any, table: str, column: str, kind: str, exact: str) -> bool:
    """Whether any row took an odd value, or NULL."""
    values = [None, *_ODD.get("array" if kind.endswith("[]") else kind, ())]
    # Most columns take all of them, in one statement; of the others each is tried.
    for tried in (values, *[[value] for value in values]):
        if await _write(connection, table, column, exact, tried):
            return True
    return False


async def _write(
    connection: Any, table: str, column: str, exact: str, values: list[str | None]
) -> bool:
    """Whether some rows took one of the values each."""
    chosen = f"abs(hashtext(t::text || '{column}')) % {3 * len(values)}"
    statement = (
        f"UPDATE {table} AS t SET {column} = CAST(($1::text[])[{chosen} + 1] AS {exact})"
        f" WHERE {chosen} < {len(values)}"
    )
    try:
        async with connection.transaction():
            return bool(await connection.execute(statement, values) != "UPDATE 0")
    except (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError):
        return False

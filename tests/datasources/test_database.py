"""The pool on a real server."""

from __future__ import annotations

from sqlalchemy import text

from datasources.base import Statement
from datasources.database import Pool


async def test_a_statement_runs(pool: Pool) -> None:
    rows = await pool.fetch(Statement(text("SELECT 1 AS one")))
    assert [row["one"] for row in rows] == [1]

"""A database that notes how PostgreSQL would answer each statement, and answers it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import asyncpg

from datasources.base import Statement

__all__ = ["Explaining", "Node", "nodes_of"]

Node = dict[str, Any]
"""One step of a plan, as EXPLAIN tells it."""

# Values given to EXPLAIN itself would go into the plan, which the pool's setting keeps out of it.
_EXPLAINING = """
CREATE OR REPLACE FUNCTION pg_temp.explained(statement text) RETURNS json LANGUAGE plpgsql AS $$
DECLARE found json;
BEGIN
    EXECUTE 'EXPLAIN (GENERIC_PLAN, FORMAT JSON) ' || statement INTO found;
    RETURN found;
END
$$
"""
_EXPLAIN = "SELECT pg_temp.explained($1)"


class Explaining:
    """A connection, as reads want a database."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        """Begin with no plans."""
        self._connection = connection
        self.plans: list[Node] = []

    async def fetch(self, statement: Statement, **values: Any) -> list[asyncpg.Record]:
        """All rows of a statement, explained as the pool runs it: with a plan for all values."""
        arguments = statement.arguments(values)
        self.plans.append(await self.plan(statement))
        return await self._connection.fetch(statement.text, *arguments)

    async def plan(self, statement: Statement) -> Node:
        """How a statement would be answered, whatever its values."""
        await self._connection.execute(_EXPLAINING)
        explained = await self._connection.fetchval(_EXPLAIN, statement.text)
        plan: Node = explained[0]["Plan"]
        return plan

    async def fetchrow(self, statement: Statement, **values: Any) -> asyncpg.Record | None:
        """The first row, or None."""
        rows = await self.fetch(statement, **values)
        return rows[0] if rows else None

    async def execute(self, statement: Statement, **values: Any) -> int:
        """Run a statement and answer how many rows it touched."""
        return len(await self.fetch(statement, **values))


def nodes_of(plan: Node) -> Iterator[Node]:
    """The step and all below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes_of(below)

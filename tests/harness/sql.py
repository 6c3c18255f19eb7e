"""Plain SQL for tests that look at what is stored, or put there what no write of ours would."""

from __future__ import annotations

from typing import Any

import asyncpg
import orjson

from datasources.base import Database, Statement

__all__ = ["as_json", "look", "run"]


class _Plain(Statement):
    """A statement given as PostgreSQL's text, with positional arguments."""

    __slots__ = ()

    def __init__(self, text: str) -> None:
        self.text = text
        self.names = ()

    def arguments(self, values: Any) -> list[Any]:
        """The arguments in their order."""
        return list(values["arguments"])


async def look(database: Database, text: str, *arguments: Any) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    rows: list[asyncpg.Record] = await database.fetch(_Plain(text), arguments=arguments)
    return [tuple(row) for row in rows]


async def run(database: Database, text: str, *arguments: Any) -> int:
    """Run a statement; how many rows it touched."""
    return await database.execute(_Plain(text), arguments=arguments)


def as_json(value: object) -> str:
    """JSON text, for columns that hold it twice encoded."""
    return orjson.dumps(value).decode()

"""Whether the database answers."""

from __future__ import annotations

from sqlalchemy import select, text

from datasources.base import Database, Statement

__all__ = ["ping"]

_PING = Statement(select(text("1")))


async def ping(database: Database) -> None:
    """Run the cheapest statement there is. Raises `DatabaseUnavailable`."""
    await database.fetchrow(_PING)

"""Rows of existing tables, put there as their writers would, without the product's own writes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, bindparam, insert

from datasources.base import Database, Statement

__all__ = ["add"]


async def add(database: Database, table: Table, **values: Any) -> None:
    """Insert one row; columns left out get the table's defaults."""
    statement = insert(table).values(
        {name: bindparam(name, type_=table.c[name].type) for name in values}
    )
    await database.execute(Statement(statement), **values)

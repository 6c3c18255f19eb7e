"""Writing the catalogue of integrations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import asyncpg
from sqlalchemy import (
    ColumnElement,
    Text,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from auth.caller import Caller
from datasources.base import Database, Statement
from datasources.connectors.tables import integrations

__all__ = [
    "change_integrations",
    "delete_integration",
    "hold_integrations",
    "insert_integration",
    "update_integration",
]

_of = integrations.c
_COLUMNS = (
    "integration_key",
    "provider",
    "name",
    "description",
    "toolkit",
    "auth_config_id",
    "icon",
    "color",
    "is_active",
    "metadata",
)
_author = bindparam("author", type_=Text())
_id = bindparam("row_id", type_=_of.id.type)
_given = {name: bindparam(name, type_=_of[name].type) for name in _COLUMNS}
_INSERT = Statement(
    insert(integrations)
    .values(_given | {"created_by": _author, "updated_by": _author})
    .on_conflict_do_nothing()
    .returning(_of.id)
)
_UPDATE = Statement(
    update(integrations)
    .where(_of.id == _id)
    .values(_given | {"updated_by": _author, "updated_at": func.now()})
)
_KEY: ColumnElement[int] = literal_column("hashtextextended('cockpit integrations', 0)")
_HOLD = Statement(select(func.pg_advisory_xact_lock_shared(_KEY)))
_CHANGE = Statement(select(func.pg_advisory_xact_lock(_KEY)))
_DELETE = Statement(delete(integrations).where(_of.id == _id))


async def hold_integrations(database: Database) -> None:
    """Keep the catalogue as it is to the end of the transaction: before any row is locked."""
    await database.fetch(_HOLD)


async def change_integrations(database: Database) -> None:
    """Let one transaction change the catalogue, while no account enables anything of it."""
    await database.fetch(_CHANGE)


async def insert_integration(
    database: Database, caller: Caller, values: Mapping[str, Any]
) -> str | None:
    """Add an entry; its id, or None when another one has the key, ignoring case."""
    record = await database.fetchrow(_INSERT, **values, author=caller.id)
    return None if record is None else str(record[0])


async def update_integration(
    database: Database, caller: Caller, id: str, values: Mapping[str, Any]
) -> bool:
    """Store all of an entry; False when another one has the key, ignoring case."""
    try:
        await database.execute(_UPDATE, row_id=id, **values, author=caller.id)
    except asyncpg.UniqueViolationError:
        return False
    return True


async def delete_integration(database: Database, id: str) -> None:
    """Remove an entry."""
    await database.execute(_DELETE, row_id=id)

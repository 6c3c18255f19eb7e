"""Writing providers of models."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import ColumnElement, Integer, Text, bindparam, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from datasources.base import Database, Statement
from datasources.models.tables import model_providers

__all__ = [
    "ProviderValues",
    "delete_provider",
    "hold_providers",
    "lock_providers",
    "put_provider",
]


class ProviderValues(NamedTuple):
    """What may change about a provider."""

    name: str
    endpoint_variable: str | None
    api_key_variable: str | None
    is_active: bool


_KEY: ColumnElement[int] = literal_column(
    "hashtextextended('cockpit model providers', 0)", Integer()
)
_LOCK = Statement(select(func.pg_advisory_xact_lock(_KEY)))
_HOLD = Statement(select(func.pg_advisory_xact_lock_shared(_KEY)))
_of = model_providers.c
_given = {name: bindparam(name, type_=_of[name].type) for name in ProviderValues._fields}
_PUT = Statement(
    insert(model_providers)
    .values(_given | {"code": bindparam("code", type_=Text())})
    .on_conflict_do_update(index_elements=["code"], set_=_given | {"updated_at": func.now()})
)
_DELETE = Statement(delete(model_providers).where(_of.id == bindparam("row_id", type_=_of.id.type)))


async def lock_providers(database: Database) -> None:
    """Let one transaction at a time change providers, while no model is given one."""
    await database.fetch(_LOCK)


async def hold_providers(database: Database) -> None:
    """Keep providers to the end of the transaction."""
    await database.fetch(_HOLD)


async def put_provider(database: Database, code: str, values: ProviderValues) -> None:
    """Store a provider under its code, replacing all of what there was."""
    await database.execute(_PUT, code=code, **values._asdict())


async def delete_provider(database: Database, id: str) -> None:
    """Remove a provider."""
    await database.execute(_DELETE, row_id=id)

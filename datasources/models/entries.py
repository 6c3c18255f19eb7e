"""Writing the catalogue: models added, changed and removed by operators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from sqlalchemy import Text, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from auth.caller import Caller
from datasources.access_tables import model_catalog
from datasources.base import Database, Statement, is_uuid
from datasources.expressions import word

__all__ = ["delete_model", "import_models", "insert_model", "lock_model", "update_model"]

_of = model_catalog.c
_COLUMNS = (
    "model_name",
    "display_name",
    "provider",
    "upstream_model_name",
    "credits_per_1k_tokens",
    "is_active",
    "metadata",
)
_author = bindparam("author", type_=Text())
_id = bindparam("row_id", type_=_of.id.type)
_given = {name: bindparam(name, type_=_of[name].type) for name in _COLUMNS}

_INSERT = Statement(
    insert(model_catalog)
    .values(_given | {"source": word("copilot"), "created_by": _author, "updated_by": _author})
    .on_conflict_do_nothing()
    .returning(_of.id)
)
_UPDATE = Statement(
    update(model_catalog)
    .where(_of.id == _id)
    .values(_given | {"updated_by": _author, "updated_at": func.now()})
)
_LOCK = Statement(select(_of.id).where(_of.id == _id).with_for_update())
_DELETE = Statement(delete(model_catalog).where(_of.id == _id))


async def insert_model(database: Database, caller: Caller, values: Mapping[str, Any]) -> str | None:
    """Add a model; its id, or None when another one has the name, ignoring case."""
    record = await database.fetchrow(_INSERT, **values, author=caller.id)
    return None if record is None else str(record[0])


async def lock_model(database: Database, id: str) -> bool:
    """Hold a model's row to the end of the transaction; False when there is none."""
    return is_uuid(id) and await database.fetchrow(_LOCK, row_id=id) is not None


async def update_model(
    database: Database, caller: Caller, id: str, values: Mapping[str, Any]
) -> bool:
    """Store all of a model; False when another one has the name, ignoring case."""
    try:
        await database.execute(_UPDATE, row_id=id, **values, author=caller.id)
    except asyncpg.UniqueViolationError:
        return False
    return True


async def delete_model(database: Database, id: str) -> None:
    """Remove a model's row."""
    await database.execute(_DELETE, row_id=id)


_name = (
    func.unnest(bindparam("names", type_=ARRAY(Text())))
    .table_valued("value", name="given")
    .render_derived()
)
_IMPORT = Statement(
    insert(model_catalog)
    .from_select(
        [
            "model_name",
            "display_name",
            "upstream_model_name",
            "provider",
            "source",
            "created_by",
            "updated_by",
        ],
        select(
            _name.c.value,
            _name.c.value,
            _name.c.value,
            func.nullif(
                func.substring(_name.c.value, word("^([^/]{1,100})/")),
                word(""),
            ),
            word("router_import"),
            _author,
            _author,
        ),
    )
    .on_conflict_do_nothing()
    .returning(_of.id)
)


async def import_models(database: Database, caller: Caller, names: Sequence[str]) -> list[str]:
    """Add models by the names the router has for them; ids of those that were not there."""
    records = await database.fetch(_IMPORT, names=list(names), author=caller.id)
    return [str(record[0]) for record in records]

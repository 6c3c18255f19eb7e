"""Patterns of an account or of the platform, and whether an account uses the platform's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Text, bindparam, func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, tenant_values
from datasources.guardrails.tables import patterns, switches

__all__ = [
    "delete_pattern",
    "insert_pattern",
    "pattern_named",
    "switch_pattern",
    "update_pattern",
]

_COLUMNS = {
    "name": "pattern_name",
    "regex": "pattern_regex",
    "type": "pattern_type",
    "action": "action",
    "severity": "severity",
    "category": "category",
    "description": "description",
    "is_enabled": "enabled",
}
_WORDS = ("type", "action", "severity")
"""What the table holds in lower case."""

_author: Any = bindparam("author", type_=Text())
_owner: Any = bindparam(TENANT, type_=Text())
_id: Any = bindparam("row_id", type_=patterns.c.id.type)
_guard: Any = func.lower(bindparam("guard", type_=Text()))
_ours = patterns.c.account_id.is_not_distinct_from(_owner)
_values = {
    column: bindparam(name, type_=patterns.c[column].type) for name, column in _COLUMNS.items()
}

_SAME_NAME = Statement(
    select(patterns.c.id).where(
        _ours,
        patterns.c.guard_type == _guard,
        patterns.c.pattern_name == bindparam("name", type_=Text()),
    )
)
_INSERT = Statement(
    insert(patterns)
    .values(
        **_values,
        account_id=_owner,
        guard_type=_guard,
        is_system=_owner.is_(None),
        created_by=_author,
        updated_by=_author,
    )
    .returning(patterns.c.id)
)
_UPDATE = Statement(
    patterns.update()
    .where(patterns.c.id == _id, _ours)
    .values(**_values, updated_by=_author, updated_at=func.now())
)
_DELETE = Statement(patterns.delete().where(patterns.c.id == _id, _ours))


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in _COLUMNS} | {
        name: values[name].lower() for name in _WORDS
    }


async def pattern_named(database: Database, caller: Caller, guard: str, name: str) -> str | None:
    """Id of the owner's pattern of this name; None when the name is free."""
    row = await database.fetchrow(_SAME_NAME, guard=guard, name=name, **tenant_values(caller))
    return None if row is None else str(row[0])


async def insert_pattern(
    database: Database, caller: Caller, guard: str, values: Mapping[str, Any]
) -> str:
    """Add a pattern to the caller's account, or to the platform; its id."""
    row = await database.fetchrow(
        _INSERT, guard=guard, author=caller.id, **_stored(values), **tenant_values(caller)
    )
    if row is None:
        raise LookupError("An insert answers with its row.")
    return str(row[0])


async def update_pattern(
    database: Database, caller: Caller, id: str, values: Mapping[str, Any]
) -> None:
    """Change a pattern of the caller's account, or of the platform."""
    await database.execute(
        _UPDATE, row_id=id, author=caller.id, **_stored(values), **tenant_values(caller)
    )


async def delete_pattern(database: Database, caller: Caller, id: str) -> None:
    """Remove a pattern of the caller's account, or of the platform."""
    await database.execute(_DELETE, row_id=id, **tenant_values(caller))


_switch = upsert(switches).values(
    account_id=_owner,
    pattern_id=_id,
    is_enabled=bindparam("is_enabled", type_=switches.c.is_enabled.type),
    updated_by=_author,
)
_SWITCH = Statement(
    _switch.on_conflict_do_update(
        index_elements=["account_id", "pattern_id"],
        set_={
            "is_enabled": _switch.excluded.is_enabled,
            "updated_by": _switch.excluded.updated_by,
            "updated_at": func.now(),
        },
    )
)


async def switch_pattern(database: Database, caller: Caller, id: str, *, is_enabled: bool) -> None:
    """Have the caller's account use a pattern of the platform, or not."""
    await database.execute(
        _SWITCH, row_id=id, is_enabled=is_enabled, author=caller.id, **tenant_values(caller)
    )

"""Times a guard fired, as they are reported."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, bindparam, func, insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, tenant_values
from datasources.guardrails.rows import EventRow
from datasources.guardrails.tables import events

__all__ = ["insert_event"]

_GIVEN = [name for name in EventRow._fields if name not in {"id", "account_id", "occurred_at"}]
_INSERT = Statement(
    insert(events)
    .values(
        account_id=bindparam(TENANT, type_=Text()),
        occurred_at=func.coalesce(
            bindparam("occurred_at", type_=events.c.occurred_at.type), func.now()
        ),
        **{name: bindparam(name, type_=events.c[name].type) for name in _GIVEN},
    )
    .returning(*[events.c[name] for name in EventRow._fields])
)


async def insert_event(database: Database, caller: Caller, values: dict[str, Any]) -> EventRow:
    """Keep that a guard fired; what is not given is null, and the time now."""
    given = {name: values.get(name) for name in (*_GIVEN, "occurred_at")}
    row = await database.fetchrow(_INSERT, **given, **tenant_values(caller))
    if row is None:
        raise LookupError("An insert answers with its row.")
    return EventRow(*row)

"""Audit events as lines of a file: JSON objects, or rows of a table.

An event says what it says in the graph, by the same names, to the people of its account.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any, TypeAlias

import orjson

from datasources.actors import ActorRow, by_author
from datasources.observability.events import EventRow, operations_by_id
from resolvers.base import RequestContext
from resolvers.observability.changes import details, field_changes
from resolvers.times import write_datetime

__all__ = ["EventObject", "csv_header", "csv_lines", "event_objects", "json_lines"]

EventObject: TypeAlias = Mapping[str, Any]

_ACTOR = ("kind", "id", "name", "email")
_COLUMNS = (
    *("id", "occurredAt", "accountId", "source", "module", "type", "action", "severity"),
    *("resourceType", "resourceId", "resourceName"),
    *("actorKind", "actorId", "actorName", "actorEmail"),
    *("message", "changes", "details", "operationId", "requestId", "ipAddress", "userAgent"),
    "hash",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that spreadsheets calculate instead of showing it."""


async def event_objects(context: RequestContext, rows: Sequence[EventRow]) -> list[EventObject]:
    """Events as the graph shows them, with two reads for all."""
    authors = [row.changed_by for row in rows]
    keys = {(row.account_id or "", row.changed_by) for row in rows if row.changed_by is not None}
    actors = dict(zip(keys, await context.load_all(by_author, [*keys]), strict=True))
    ids = [*{str(row.operation_id) for row in rows if row.operation_id is not None}]
    shown = await context.load_all(operations_by_id, ids)
    operations = {id for id, operation in zip(ids, shown, strict=True) if operation is not None}
    return [
        _object(context, row, actors.get((row.account_id or "", author or "")), operations)
        for row, author in zip(rows, authors, strict=True)
    ]


def _object(
    context: RequestContext, row: EventRow, actor: ActorRow | None, operations: set[str]
) -> EventObject:
    operation_id = None if row.operation_id is None else str(row.operation_id)
    return {
        "id": str(row.id),
        "occurredAt": write_datetime(row.occurred_at),
        "accountId": row.account_id,
        "source": row.source,
        "module": row.module,
        "type": row.type,
        "action": row.action,
        "severity": row.severity,
        "resourceType": row.resource_type,
        "resourceId": row.resource_id,
        "resourceName": row.resource_name,
        "actor": None if actor is None else {name: getattr(actor, name) for name in _ACTOR},
        "message": row.message,
        "changes": [change._asdict() for change in field_changes(context, row)],
        "details": details(context, row),
        "operationId": operation_id if operation_id in operations else None,
        "requestId": row.request_id,
        "ipAddress": row.ip_address,
        "userAgent": row.user_agent,
        "hash": row.hash,
    }


def json_lines(events: Iterable[EventObject]) -> bytes:
    """One JSON object a line."""
    return b"".join(orjson.dumps(event) + b"\n" for event in events)


def csv_header() -> bytes:
    """The line of names that a table begins with."""
    return _table([_COLUMNS])


def csv_lines(events: Iterable[EventObject]) -> bytes:
    """One row an event (RFC 4180), without names; what is null is empty."""
    return _table([_cells(event) for event in events])


def _table(rows: Iterable[Sequence[str]]) -> bytes:
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _cells(event: EventObject) -> list[str]:
    actor = event["actor"] or {}
    flat = {**event, **{f"actor{name.title()}": actor.get(name) for name in _ACTOR}}
    return [_cell(flat[name]) for name in _COLUMNS]


def _cell(value: Any) -> str:
    """A value as text that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return f"'{text}" if text.startswith(_FORMULA) else text

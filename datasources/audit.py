"""The audit trail: one event a change, written in the change's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import bindparam, insert

from auth.caller import Caller
from datasources.audit_chain import Cause, Link
from datasources.audit_events import EVENTS
from datasources.base import Database, Statement
from datasources.recordsets import rows_of
from datasources.tables import audit_log

__all__ = ["AuditEvent", "Recorded", "record", "record_all"]


class AuditEvent(NamedTuple):
    """One change, in the vocabulary of `copilot.audit_log`."""

    event_type: str
    """Kind of event, such as `copilot_directory`."""
    action: str
    resource_type: str
    resource_id: str | None
    message: str
    """One English sentence."""
    details: dict[str, Any]
    """Values before and after, without secrets; long lists are cut by whoever writes them."""
    severity: str = "info"
    account_id: str | None = None
    """The account concerned when it is not the one the caller is bound to."""
    operation_id: str | None = None
    """The bulk operation it belongs to."""


_COLUMNS = (
    "id",
    "account_id",
    "event_type",
    "severity",
    "resource_type",
    "resource_id",
    "action",
    "actor_id",
    "actor_email",
    "message",
    "details",
)
_INSERT = Statement(
    insert(audit_log).values(
        {name: bindparam(name, type_=audit_log.c[name].type) for name in _COLUMNS}
    )
)
_INSERT_ALL = Statement(insert(audit_log).from_select(list(_COLUMNS), rows_of(audit_log, _COLUMNS)))


class Recorded(NamedTuple):
    """An event, who is its author, and what caused it."""

    caller: Caller
    cause: Cause
    event: AuditEvent


async def record(
    database: Database, caller: Caller, event: AuditEvent, cause: Cause | None = None
) -> Link:
    """Write an event; its author comes from the caller's credentials.

    Answers what `chain_events` takes before the transaction commits. Raises `LookupError` for an
    event nobody has described in `audit_events`.
    """
    row = _row(caller, event)
    await database.execute(_INSERT, **row)
    return _link(row["id"], event, cause or Cause())


async def record_all(database: Database, events: Sequence[Recorded]) -> list[Link]:
    """Write several events in one statement, as `record` would each."""
    if not events:
        return []
    rows = [_row(one.caller, one.event) for one in events]
    await database.execute(_INSERT_ALL, rows=rows)
    pairs = zip(events, rows, strict=True)
    return [_link(row["id"], one.event, one.cause) for one, row in pairs]


def _link(id: str, event: AuditEvent, cause: Cause) -> Link:
    return Link("COCKPIT", id, cause, event.operation_id)


def _row(caller: Caller, event: AuditEvent) -> dict[str, Any]:
    known = EVENTS.get(event.event_type, {}).get(event.resource_type, ())
    if event.action not in known:
        raise LookupError(f"{event.event_type} {event.resource_type} {event.action} is no event.")
    return {
        "id": str(uuid4()),
        "account_id": event.account_id or caller.account_id,
        "event_type": event.event_type,
        "severity": event.severity,
        "resource_type": event.resource_type,
        "resource_id": event.resource_id,
        "action": event.action,
        "actor_id": caller.id,
        "actor_email": caller.email,
        "message": event.message,
        "details": event.details,
    }

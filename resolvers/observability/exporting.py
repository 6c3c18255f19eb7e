"""Files of audit events: begun by a mutation and written in steps, a part each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from datasources.audit import AuditEvent
from datasources.bulk_steps import NewOperation, begin_operation
from datasources.observability import exports
from datasources.observability.exports import KIND, Export, Part, UnfinishedFile
from datasources.observability.lists import account_events
from datasources.paging import PageRequest, Sorting
from resolvers.base import Services
from resolvers.errors import refuse
from resolvers.filters import conditions_of, filters_of
from resolvers.observability.changes import camel
from resolvers.observability.export_lines import (
    EventObject,
    csv_header,
    csv_lines,
    event_objects,
    json_lines,
)
from resolvers.stepping import Begun, Doing, Work, begun_by, go_on_with_what_is_left
from resolvers.times import write_datetime
from resolvers.writing import WriteContext

__all__ = ["export_audit_events", "go_on_exporting"]

_MOST_AT_ONCE = 2
_EVENTS_A_PART = 1_000
_AS_IT_HAPPENED = Sorting("OCCURRED_AT")


# --- beginning ------------------------------------------------------------------------------------


async def export_audit_events(
    context: WriteContext, *, format: str, filter: Mapping[str, Any] | None = None
) -> Begun:
    """Begin a file of the account's events that there are now and that meet the conditions."""
    database, caller = context.database, context.caller
    await exports.take_turn(database, caller)
    if await exports.running_count(database, caller) >= _MOST_AT_ONCE:
        sentence = f"{_MOST_AT_ONCE} exports of the account are running. Wait until one has ended."
        raise refuse("LIMIT_REACHED", sentence)
    export = await _export_of(context, format, filter)
    filters = filters_of(export.filters)
    (count,) = await account_events.count(database, caller, filters, [context.account_id])
    selection, values = {"filter": _shown(filter or {})}, {"format": format}
    beginning = NewOperation(
        KIND,
        is_dry_run=False,
        selection=selection,
        values=values,
        account_id=context.account_id,
        matched_count=count,
    )
    operation = await begin_operation(database, caller, beginning)
    await exports.begin_file(database, caller, operation.id, export)
    await context.audit(_event(operation.id, {**selection, **values, "matched_count": count}))
    context.go_on_with(partial(begun_by, context, operation.id, _WRITING))
    return Begun(operation)


async def _export_of(
    context: WriteContext, format: str, filter: Mapping[str, Any] | None
) -> Export:
    conditions = conditions_of(filter)
    occurred_from = conditions.pop("occurred_at_from", None)
    present = await exports.present(context.database, context.caller)
    occurred_to = min(conditions.pop("occurred_at_to", present.at), present.at)
    return Export(format, conditions, occurred_from, occurred_to, present.chain_position)


def _event(operation_id: str, said: dict[str, Any]) -> AuditEvent:
    return AuditEvent(
        "copilot_audit",
        "export",
        "bulk_operation",
        operation_id,
        "Audit events were exported to a file.",
        said,
        operation_id=operation_id,
    )


def _shown(given: Any) -> Any:
    """A filter as an operation shows it: as it was given."""
    if isinstance(given, datetime):
        return write_datetime(given)
    if isinstance(given, Mapping):
        return {
            camel(name.rstrip("_")): _shown(value)
            for name, value in given.items()
            if value is not None
        }
    return given


# --- writing --------------------------------------------------------------------------------------


async def _write_part(doing: Doing) -> bool:
    """Write the next events of a file; whether more follow."""
    operation = doing.operation
    if operation.account_id is None:
        raise LookupError("An export is of one account.")
    # As narrow as the account, whoever asked: all who may fetch the file see the same events.
    caller = doing.caller.bound_to(operation.account_id)
    async with doing.services.databases.as_caller(caller).transaction() as database:
        file = await exports.take_file(database, caller, operation.id)
        if file is None:
            return False
        context = doing.context_in(operation.account_id, database)
        part = await _next_part(context, file)
        kept = doing.services.exports_kept
        await exports.append_part(database, caller, operation.id, part, kept)
    return not part.is_last


async def _next_part(context: WriteContext, file: UnfinishedFile) -> Part:
    filters = filters_of(file.export.filters)
    after = file.goes_on_after
    request = PageRequest(_EVENTS_A_PART, after, sorting=_AS_IT_HAPPENED, filters=filters)
    (page,) = await account_events.read(
        context.database, context.caller, request, [context.account_id]
    )
    content = _lines(file, await event_objects(context, page.rows))
    goes_on_after = page.cursors[-1] if page.cursors else after
    return Part(file.part_count, content, len(page.rows), goes_on_after, not page.has_next)


def _lines(file: UnfinishedFile, events: list[EventObject]) -> bytes:
    if file.export.format == "NDJSON":
        return json_lines(events)
    return (b"" if file.part_count else csv_header()) + csv_lines(events)


_WRITING = Work(
    KIND, _write_part, "A fault stopped it, and there is no file. Ask again.", seconds=10.0
)


async def go_on_exporting(services: Services) -> list[str]:
    """Go on with what was interrupted, or took too long for its request; the operations' ids."""
    return await go_on_with_what_is_left(services, _WRITING)

"""Exports of audit events: many events at once, asking for a file, and reading it."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from auth.caller import Caller
from datasources.base import Database
from resolvers.base import RequestContext
from resolvers.observability.export_files import content_of_file, file_of
from tests.harness.graph import Graph
from tests.harness.sql import look, run

__all__ = ["EXPORT", "OPERATION", "add_events", "export", "file_text", "rows_of", "stored_ids"]

OPERATION = """id kind status isDryRun accountId matchedCount changedCount skippedCount accountCount
  progressPercent selection values problem resultUrl requestedBy { name }"""
EXPORT = f"""mutation ($input: ExportAuditEventsInput!) {{ exportAuditEvents(input: $input) {{
  operation {{ {OPERATION} }} userErrors {{ code path message }} clientMutationId }} }}"""


async def add_events(database: Database, account_id: str, count: int) -> None:
    """Events of another service, in the past, three at each moment."""
    await run(
        database,
        "INSERT INTO copilot.audit_log (account_id, event_type, action, message, created_at)"
        " SELECT $1, 'copilot_agent', 'use', 'Event ' || n,"
        " now() - interval '1 day' + n / 3 * interval '1 second' FROM generate_series(1, $2) AS n",
        account_id,
        count,
    )


async def stored_ids(database: Database, account_id: str) -> list[str]:
    """The ids of an account's events in the cockpit's log, as they happened."""
    query = "SELECT id::text FROM copilot.audit_log WHERE account_id = $1 ORDER BY created_at, id"
    return [id for (id,) in await look(database, query, account_id)]


async def export(graph: Graph, caller: Caller, **input: Any) -> Any:
    """The payload of an export; its short file is whole then."""
    answer = await graph.ask(caller, EXPORT, input=input)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["exportAuditEvents"]


async def file_text(graph: Graph, caller: Caller, operation_id: str) -> str | None:
    """What the file says; None where there is none for the caller."""
    file = await file_of(RequestContext(caller, graph.services, "test"), operation_id)
    if file is None:
        return None
    content = [part async for part in content_of_file(graph.services, caller, file)]
    assert len(content) == file.part_count
    assert sum(map(len, content)) == file.byte_count
    return b"".join(content).decode()


def rows_of(text: str, format: str = "NDJSON") -> list[Any]:
    """The events of a file."""
    if format == "CSV":
        return [*csv.DictReader(io.StringIO(text, newline=""))]
    return [json.loads(line) for line in text.split("\n")[:-1]]

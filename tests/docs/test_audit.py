"""The documented audit events are those the gateway writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from datasources.audit import AuditEvent, record
from datasources.audit_chain import Cause, chain_events
from datasources.audit_events import EVENTS
from datasources.database import Pool
from tests.harness.callers import person
from tests.harness.sql import look, run

DOCUMENT = Path(__file__).parents[2] / "docs" / "audit.md"
_ROW = re.compile(r"^\| `(copilot_\w+)` \| `(\w+)` \| (.+) \|$", re.MULTILINE)


def test_every_event_is_documented_and_nothing_else() -> None:
    rows = _ROW.findall(DOCUMENT.read_text(encoding="utf-8"))
    documented = {
        (event_type, resource, action)
        for event_type, resource, actions in rows
        for action in re.findall(r"`(\w+)`", actions)
    }
    assert documented == {
        (event_type, resource, action)
        for event_type, resources in EVENTS.items()
        for resource, actions in resources.items()
        for action in actions
    }


async def test_an_event_nobody_described_is_not_written(pool: Pool) -> None:
    event = AuditEvent("copilot_directory", "vanish", "user", None, "Vanished.", {})
    with pytest.raises(LookupError, match="copilot_directory user vanish is no event"):
        await record(pool, person("a"), event)


async def test_the_documented_query_finds_what_was_tampered_with(pool: Pool) -> None:
    (query,) = re.findall(r"```sql\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    async with pool.as_caller(person("a")).transaction() as database:
        links = []
        for number in range(3):
            said = AuditEvent("copilot_directory", "update", "user", "u", f"{number}", {"n": 1.5})
            links.append(await record(database, person("a"), said, Cause("request", "::1", "é")))
        await chain_events(database, links)
    assert await look(pool, query, "a") == []
    await run(pool, "UPDATE copilot.audit_log SET message = 'x' WHERE id = $1", links[1].event_id)
    assert await look(pool, query, "a") == [(2, links[1].event_id)]
    await run(pool, "DELETE FROM gateway.audit_links WHERE position = 1")
    assert (2, links[1].event_id) in await look(pool, query, "a")

"""The documented audit events are those the gateway writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from datasources.audit import AuditEvent, record
from datasources.audit_events import EVENTS
from datasources.database import Pool
from tests.harness.callers import person

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

"""What deserves attention: one list, newest first, and nothing in it by a side effect."""

from __future__ import annotations

from typing import Any

import pytest

from datasources.database import Pool
from datasources.guardrails.tables import configs
from tests.harness.access import place
from tests.harness.directory import ACME, BETA
from tests.harness.guardrails import SERVICE, Guardrails
from tests.harness.rows import add
from tests.harness.sql import run

ASK = """guardrailAlerts(filter: $of, first: 50) { totalCount nodes { kind severity guard message
  raisedAt change { action } event { severity } } }"""


async def ask(guardrails: Guardrails, **filter: Any) -> list[Any]:
    found = (await guardrails.read(ASK, of=("GuardrailAlertFilter", filter)))["guardrailAlerts"]
    assert found["totalCount"] == len(found["nodes"])
    nodes: list[Any] = found["nodes"]
    assert [one["raisedAt"] for one in nodes] == sorted(
        (one["raisedAt"] for one in nodes), reverse=True
    )
    return nodes


async def kinds(guardrails: Guardrails, **filter: Any) -> list[str]:
    return sorted(one["kind"] for one in await ask(guardrails, **filter))


async def test_neither_a_guard_never_configured_nor_a_policy_raises_anything(
    guardrails: Guardrails,
) -> None:
    await guardrails.write("setGuardrailPolicy", scope=place(ACME), requiredGuards=["PII"])
    assert await ask(guardrails) == []


async def test_a_configured_guard_that_is_off_stands_until_it_is_on(
    guardrails: Guardrails, pool: Pool
) -> None:
    await add(pool, configs, account_id=ACME, guard_type="pii", enabled=False)
    await run(pool, "UPDATE copilot.guardrails_config SET updated_at = now() - interval '1 year'")
    (alert,) = await ask(guardrails)
    assert (alert["kind"], alert["severity"], alert["guard"]) == (
        "GUARD_DISABLED",
        "WARNING",
        "PII",
    )
    await guardrails.write("setGuardrailPolicy", scope=place("Red"), requiredGuards=["PII"])
    (alert,) = await ask(guardrails)
    assert alert["severity"] == "CRITICAL"
    assert "though a policy requires it" in alert["message"]
    await guardrails.write("setGuardrail", guard="PII", isEnabled=True)
    assert await ask(guardrails) == []


async def test_protection_that_was_removed_shows_with_the_change_behind_it(
    guardrails: Guardrails,
) -> None:
    for is_enabled in (True, False, True):
        await guardrails.write("setGuardrail", guard="PII", isEnabled=is_enabled)
    made = await guardrails.write("createGuardrailPattern", guard="PII", name="Case", regex="C-1")
    await guardrails.write("deleteGuardrailPattern", id=made["pattern"]["id"])
    await guardrails.write("setGuardrailPolicy", scope=place("Red"), requiredGuards=["TOXIC"])
    await guardrails.write("deleteGuardrailPolicy", scope=place("Red"))
    found = await ask(guardrails)
    assert {one["kind"] for one in found} == {"PROTECTION_REMOVED"}
    assert [(one["guard"], one["change"]["action"]) for one in found] == [
        ("TOXIC", "delete"),
        ("PII", "delete"),
        ("PII", "disable"),
    ]
    assert found[1]["message"] == "Pattern Case was deleted."


@pytest.mark.parametrize(
    ("severity", "shown"), [("LOW", []), ("MEDIUM", []), ("HIGH", ["WARNING"]),
                            ("CRITICAL", ["CRITICAL"])]
)  # fmt: skip
async def test_a_guard_that_fired_shows_when_it_was_serious(
    guardrails: Guardrails, severity: str, shown: list[str]
) -> None:
    await guardrails.write(
        "recordGuardrailEvent",
        SERVICE,
        guard="TOXIC",
        severity=severity,
        action="FLAG",
        category="an insult",
        idempotencyKey="k",
    )
    found = await ask(guardrails)
    assert [one["severity"] for one in found] == shown
    for one in found:
        assert one["message"] == "Guard TOXIC found an insult; the request was marked."
        assert one["event"] == {"severity": severity}


async def test_what_is_old_shows_when_its_span_is_asked_for(
    guardrails: Guardrails, pool: Pool
) -> None:
    await guardrails.write("setGuardrail", guard="PII", isEnabled=True)
    await guardrails.write("setGuardrail", guard="PII", isEnabled=False)
    await run(pool, "UPDATE copilot.guardrails_audit_log SET changed_at = '2020-05-05T00:00:00Z'")
    assert await kinds(guardrails) == ["GUARD_DISABLED"]
    span = {"from": "2020-05-01T00:00:00Z", "to": "2020-06-01T00:00:00Z"}
    assert await kinds(guardrails, raisedAt=span) == ["PROTECTION_REMOVED"]
    assert await kinds(guardrails, kinds=["VIOLATION"]) == []
    assert await kinds(guardrails, guards=["PII"]) == ["GUARD_DISABLED"]


async def test_another_account_s_alerts_are_its_own(guardrails: Guardrails, pool: Pool) -> None:
    await add(pool, configs, account_id=BETA, guard_type="pii", enabled=False)
    assert await ask(guardrails) == []

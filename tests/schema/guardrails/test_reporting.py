"""Reports that a guard fired: by machines, once a key, never with the text."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from datasources.database import Pool
from tests.harness.access import ADMIN
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, id_of
from tests.harness.guardrails import SERVICE, Guardrails
from tests.harness.sql import look

FIRED: dict[str, Any] = {
    "guard": "PII",
    "severity": "HIGH",
    "action": "BLOCK",
    "idempotencyKey": "one",
}
COUNT = "guardrailEvents { totalCount }"


async def test_a_report_is_kept_once_a_key(guardrails: Guardrails, pool: Pool) -> None:
    asked = FIRED | {"userId": id_of("Ann"), "category": "IBAN", "modelName": "gpt"}
    answers = await asyncio.gather(
        *[guardrails.write("recordGuardrailEvent", SERVICE, **asked) for _ in range(6)]
    )
    assert len({answer["event"]["id"] for answer in answers}) == 1
    assert await look(
        pool, "SELECT user_id, category, model_name FROM gateway.guardrail_events"
    ) == [(id_of("Ann"), "IBAN", "gpt")]
    refused = await guardrails.refusal(
        "recordGuardrailEvent", SERVICE, **FIRED | {"severity": "LOW"}
    )
    assert refused == ("KEY_REUSED", "idempotencyKey")


async def test_the_account_reads_it_and_the_trail_tells_of_it(
    guardrails: Guardrails, pool: Pool
) -> None:
    await guardrails.write("recordGuardrailEvent", SERVICE, **FIRED)
    assert (await guardrails.read(COUNT))["guardrailEvents"]["totalCount"] == 1
    assert await look(
        pool, "SELECT account_id, event_type, action, severity, actor_id FROM copilot.audit_log"
    ) == [(ACME, "copilot_guardrail", "record", "warning", SERVICE.id)]


async def test_only_machines_report(guardrails: Guardrails) -> None:
    assert await guardrails.codes("recordGuardrailEvent", ADMIN, **FIRED) == {"FORBIDDEN"}
    by_operator = await guardrails.write(
        "recordGuardrailEvent", super_admin(), accountId=ACME, **FIRED
    )
    assert by_operator["userErrors"] == []


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({"userId": id_of("Zoe")}, ("NOT_FOUND", "userId")),
        ({"patternId": id_of("none")}, ("NOT_FOUND", "patternId")),
        ({"patternId": "none"}, ("NOT_FOUND", "patternId")),
        ({"agentId": id_of("none")}, ("NOT_FOUND", "agentId")),
        ({"occurredAt": "2100-01-01T00:00:00Z"}, ("INVALID", "occurredAt")),
        ({"category": "x" * 300}, ("INVALID", "category")),
        ({"requestId": "two\nlines"}, ("INVALID", "requestId")),
    ],
)
async def test_what_the_account_does_not_have_or_cannot_be_is_refused(
    guardrails: Guardrails, said: dict[str, Any], refused: tuple[str, str]
) -> None:
    assert await guardrails.refusal("recordGuardrailEvent", SERVICE, **FIRED | said) == refused

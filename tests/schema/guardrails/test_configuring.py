"""Configuring guards: said, not flipped; counted; logged with what differs and by whom."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from datasources.database import Pool
from datasources.guardrails.tables import configs
from resolvers.base import Origin
from tests.harness.access import ADMIN, fill_access
from tests.harness.callers import super_admin
from tests.harness.directory import ACME
from tests.harness.graph import Graph
from tests.harness.guardrails import SERVICE, Guardrails, logged
from tests.harness.rows import add
from tests.harness.sql import as_json, look, run

PLACES = "guardrails { guard executionOrder isConfigured isEnabled action settings version }"
POLICIES = {"account:acme": {"scope_type": "account", "scope_id": ACME}}


async def test_a_guard_configured_for_the_first_time_refuses_and_is_off_unless_said(
    guardrails: Guardrails,
) -> None:
    found = (await guardrails.write("setGuardrail", guard="TOXIC"))["guardrail"]
    assert (found["isConfigured"], found["isEnabled"], found["action"]) == (True, False, "BLOCK")
    assert (found["version"], found["settings"]) == (1, {})


async def test_fields_not_sent_keep_their_value_and_null_empties_settings(
    guardrails: Guardrails,
) -> None:
    await guardrails.write(
        "setGuardrail", guard="PII", isEnabled=True, action="FLAG", settings={"threshold": 0.5}
    )
    found = (await guardrails.write("setGuardrail", guard="PII", executionOrder=4))["guardrail"]
    assert (found["isEnabled"], found["action"]) == (True, "FLAG")
    assert found["settings"] == {"threshold": 0.5}
    assert (found["executionOrder"], found["version"]) == (4, 2)
    found = (await guardrails.write("setGuardrail", guard="PII", settings=None, isEnabled=None))[
        "guardrail"
    ]
    assert (found["settings"], found["isEnabled"]) == ({}, True)


async def test_saying_the_same_again_changes_nothing(guardrails: Guardrails, pool: Pool) -> None:
    for _ in range(3):  # a retry, or a second click, does not undo the first
        found = await guardrails.write("setGuardrail", guard="PII", isEnabled=True)
        assert found["guardrail"]["isEnabled"] is True
        assert found["guardrail"]["version"] == 1
    assert len(await logged(pool)) == 1


@pytest.mark.parametrize("layers", [0, 1, 2])
async def test_settings_never_erase_what_older_writers_keep_beside_them(
    guardrails: Guardrails, pool: Pool, layers: int
) -> None:
    """Which some stored as text, once or twice over."""
    config: Any = {"threshold": 0.8, "scope_policies": POLICIES}
    for _ in range(layers):
        config = as_json(config)
    await add(pool, configs, account_id=ACME, guard_type="pii", config=config)
    found = (await guardrails.write("setGuardrail", guard="PII", settings={"threshold": 0.2}))[
        "guardrail"
    ]
    assert found["settings"] == {"threshold": 0.2}
    ((stored,),) = await look(pool, "SELECT config FROM copilot.guardrails_config")
    assert stored == {"threshold": 0.2, "scope_policies": POLICIES}
    await guardrails.write("setGuardrail", guard="PII", isEnabled=False)
    ((stored,),) = await look(pool, "SELECT config FROM copilot.guardrails_config")
    assert stored == {"threshold": 0.2, "scope_policies": POLICIES}


async def test_a_version_that_is_not_the_current_one_is_a_conflict(guardrails: Guardrails) -> None:
    asked: dict[str, Any] = {"guard": "PII", "isEnabled": True}
    assert (await guardrails.write("setGuardrail", **asked, expectedVersion=0))["userErrors"] == []
    assert await guardrails.refusal("setGuardrail", **asked, expectedVersion=0) == (
        "CONFLICT",
        "expectedVersion",
    )


async def test_of_two_who_read_the_same_version_one_wins(guardrails: Guardrails) -> None:
    await guardrails.write("setGuardrail", guard="PII")
    asked = [
        guardrails.write("setGuardrail", guard="PII", expectedVersion=1, settings={"n": n})
        for n in range(8)
    ]
    answers = await asyncio.gather(*asked)
    assert sum(answer["userErrors"] == [] for answer in answers) == 1


@pytest.mark.parametrize("order", [0, 11, -1])
async def test_a_place_out_of_range_is_refused(guardrails: Guardrails, order: int) -> None:
    refused = await guardrails.refusal("setGuardrail", guard="PII", executionOrder=order)
    assert refused == ("INVALID", "executionOrder")


async def test_no_two_guards_share_a_place(guardrails: Guardrails) -> None:
    await guardrails.write("setGuardrail", guard="PII", executionOrder=10)
    taken = await guardrails.refusal("setGuardrail", guard="TOXIC", executionOrder=10)
    assert taken == ("TAKEN", "executionOrder")
    await guardrails.write("setGuardrail", guard="TOXIC", executionOrder=9)
    found = (await guardrails.read(PLACES))["guardrails"]
    assert {one["guard"]: one["executionOrder"] for one in found} == {
        "PII": 10,
        "TOXIC": 9,
        "JAILBREAK": 1,
    }


async def test_guards_that_share_a_place_are_shown_apart_and_stay_where_they_are_shown(
    guardrails: Guardrails, pool: Pool
) -> None:
    for guard in ("pii", "toxic", "jailbreak"):
        await add(pool, configs, account_id=ACME, guard_type=guard)
    await guardrails.write("setGuardrail", guard="TOXIC", executionOrder=7)
    found = (await guardrails.read(PLACES))["guardrails"]
    assert [(one["guard"], one["executionOrder"]) for one in found] == [
        ("PII", 1),
        ("JAILBREAK", 3),
        ("TOXIC", 7),
    ]
    assert [one["version"] for one in found] == [1, 1, 2]


@pytest.mark.parametrize(
    "settings",
    [
        {"api_key": "k"},
        {"provider": {"clientSecret": "k"}},
        {"hosts": [{"accessToken": "k"}]},
        {"scope_policies": {}},
        ["threshold"],
        "threshold",
        {"words": ["x" * 30_000]},
    ],
)
async def test_settings_are_one_object_without_secrets(
    guardrails: Guardrails, settings: object
) -> None:
    refused = await guardrails.refusal("setGuardrail", guard="PII", settings=settings)
    assert refused == ("INVALID", "settings")


async def test_secrets_of_the_past_are_neither_shown_nor_logged(
    guardrails: Guardrails, pool: Pool
) -> None:
    config = {"api_key": "hidden-value", "max_tokens": 7}
    await add(pool, configs, account_id=ACME, guard_type="pii", config=config)
    found = (await guardrails.read(PLACES))["guardrails"][0]
    assert found["settings"] == {"api_key": "***", "max_tokens": 7}
    await guardrails.write("setGuardrail", guard="PII", settings={})
    written = await look(pool, "SELECT details FROM copilot.audit_log")
    assert "hidden-value" not in str((await logged(pool), written))


async def test_the_log_holds_what_differs_before_and_after_and_who_did_it(
    guardrails: Guardrails, pool: Pool
) -> None:
    await guardrails.write("setGuardrail", guard="PII", isEnabled=True)
    await guardrails.write("setGuardrail", SERVICE, guard="PII", action="FLAG")
    await guardrails.write("setGuardrail", super_admin(), accountId=ACME, guard="PII",
                           isEnabled=False)  # fmt: skip
    created, updated, disabled = await logged(pool)
    assert created[:2] == ("pii", "create")
    assert created[2] is None
    assert updated == (
        "pii",
        "update",
        {"action": "BLOCK"},
        {"action": "FLAG"},
        ["action"],
        SERVICE.id,
    )
    assert disabled[1:5] == ("disable", {"is_enabled": True}, {"is_enabled": False}, ["is_enabled"])
    assert (created[5], disabled[5]) == (ADMIN.id, super_admin().id)
    events = await look(
        pool,
        "SELECT event_type, resource_type, resource_id, action, severity FROM copilot.audit_log"
        " ORDER BY created_at",
    )
    assert events[2] == ("copilot_guardrail", "guardrail", "PII", "disable", "warning")
    assert len(events) == 3


async def test_what_fails_leaves_neither_change_nor_log(guardrails: Guardrails, pool: Pool) -> None:
    await guardrails.refusal("setGuardrail", guard="PII", isEnabled=True, expectedVersion=9)
    assert await look(pool, "SELECT 1 FROM copilot.guardrails_config") == []
    assert await look(pool, "SELECT 1 FROM copilot.audit_log") == []


async def test_a_change_that_cannot_be_logged_is_none(cloned_database_url: str) -> None:
    pool = await Pool.open(cloned_database_url)
    try:
        await fill_access(pool)
        await run(pool, "ALTER TABLE copilot.guardrails_audit_log ADD CHECK (false) NOT VALID")
        written = Guardrails(Graph(pool), pool)
        assert await written.codes("setGuardrail", guard="PII", isEnabled=True) == {"INTERNAL"}
        scope = {"type": "ACCOUNT", "id": ACME}
        policy: dict[str, Any] = {"scope": scope, "requiredGuards": ["PII"], "mode": "ENFORCE"}
        assert await written.codes("setGuardrailPolicy", **policy) == {"INTERNAL"}
        for table in ("copilot.guardrails_config", "gateway.guardrail_policies"):
            assert await look(pool, f"SELECT FROM {table}") == []
    finally:
        await pool.close()


async def test_the_log_says_where_a_change_came_from(pool: Pool) -> None:
    await fill_access(pool)
    graph = Graph(pool, Origin("192.0.2.7", "browser/1.0"))
    await Guardrails(graph, pool).write("setGuardrail", guard="PII", isEnabled=True)
    found = "SELECT host(ip_address::inet), user_agent FROM copilot.guardrails_audit_log"
    assert await look(pool, found) == [("192.0.2.7", "browser/1.0")]

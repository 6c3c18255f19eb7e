"""The guardrails' change log: authors, fields before and after, whoever wrote the line."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from datasources.database import Pool
from datasources.guardrail_changes import guardrail_changes
from tests.harness.access import ADMIN, fill_access, place
from tests.harness.directory import ACME, BETA
from tests.harness.graph import Graph
from tests.harness.guardrails import SERVICE, Guardrails
from tests.harness.rows import add

ASK = """guardrailChanges(guards: $guards, filter: $of) { totalCount nodes { action severity message
  resourceType resourceId resourceName details actor { kind id name } source module type
  changes { field before after } occurredAt } }"""


@pytest.fixture
async def guardrails(pool: Pool) -> Guardrails:
    await fill_access(pool)
    return Guardrails(Graph(pool), pool)


async def ask(guardrails: Guardrails, guards: list[str] | None = None, **filter: Any) -> list[Any]:
    found = await guardrails.read(
        ASK, guards=("[GuardType!]", guards), of=("AuditEventFilter", filter)
    )
    nodes: list[Any] = found["guardrailChanges"]["nodes"]
    assert found["guardrailChanges"]["totalCount"] == len(nodes)
    return nodes


async def test_changes_say_who_what_and_the_values_before_and_after(
    guardrails: Guardrails,
) -> None:
    await guardrails.write("setGuardrail", guard="PII", isEnabled=True)
    await guardrails.write("setGuardrail", SERVICE, guard="PII", settings={"threshold": 0.4})
    settings, created = await ask(guardrails)
    assert settings["changes"] == [{"field": "settings", "before": {}, "after": {"threshold": 0.4}}]
    assert (settings["message"], settings["resourceId"]) == ("Guard PII was changed.", "PII")
    assert settings["actor"]["id"] == SERVICE.id
    assert created["actor"] == {"kind": "USER", "id": ADMIN.id, "name": created["actor"]["name"]}
    assert (created["source"], created["module"], created["type"]) == (
        "GUARDRAILS",
        "GUARDRAILS",
        "copilot_guardrail",
    )


async def test_patterns_and_policies_are_told_apart_and_named(guardrails: Guardrails) -> None:
    made = await guardrails.write("createGuardrailPattern", guard="PII", name="Case", regex="C-1")
    id = made["pattern"]["id"]
    await guardrails.write("updateGuardrailPattern", id=id, regex="C-2")
    await guardrails.write("setGuardrailPolicy", scope=place("Red"), requiredGuards=["PII"])
    policy, changed, _ = await ask(guardrails)
    assert (changed["resourceType"], changed["resourceId"]) == ("guardrail_pattern", id)
    assert (changed["resourceName"], changed["severity"]) == ("Case", "INFO")
    assert changed["changes"] == [{"field": "regex", "before": "C-1", "after": "C-2"}]
    assert policy["resourceType"] == "guardrail_policy"
    assert policy["details"]["scopeId"] == place("Red")["id"]
    assert {change["field"] for change in policy["changes"]} == {
        "requiredGuards",
        "mode",
        "isEnabled",
    }


async def test_lines_of_the_past_are_read_and_their_secrets_masked(
    guardrails: Guardrails, pool: Pool
) -> None:
    config = {"api_key": "hidden-value", "threshold": 0.8, "scope_policies": {"team:t": {}}}
    await add(
        pool,
        guardrail_changes,
        account_id=ACME,
        guard_type="pii",
        action="update",
        old_config={
            "id": "x",
            "enabled": True,
            "action_on_fail": "block",
            "config": orjson.dumps(config).decode(),
        },
        new_config={"action_on_fail": "flag", "config": {"threshold": 0.5}},
        changed_by=None,
    )
    await add(
        pool,
        guardrail_changes,
        account_id=ACME,
        guard_type="jailbreak",
        action="delete",
        old_config={"pattern_name": "Old"},
        changed_by="super_admin",
    )
    deleted, updated = sorted(await ask(guardrails), key=lambda one: str(one["action"]))
    assert updated["changes"] == [
        {
            "field": "settings",
            "before": {"api_key": "***", "threshold": 0.8},
            "after": {"threshold": 0.5},
        },
        {"field": "action", "before": "block", "after": "flag"},
    ]
    assert updated["actor"] is None
    assert (deleted["message"], deleted["severity"]) == ("Pattern Old was deleted.", "WARNING")
    assert (deleted["resourceId"], deleted["changes"]) == (None, [])
    assert deleted["actor"]["kind"] == "SUPER_ADMIN"


async def test_it_is_filtered_by_guard_kind_author_and_real_times(guardrails: Guardrails) -> None:
    await guardrails.write("setGuardrail", guard="PII", isEnabled=True)
    await guardrails.write("setGuardrail", SERVICE, guard="TOXIC")
    await guardrails.write("setGuardrailPolicy", scope=place("Red"), requiredGuards=["PII"])
    assert [one["resourceName"] for one in await ask(guardrails, ["TOXIC"])] == ["TOXIC"]
    assert len(await ask(guardrails, actorId=SERVICE.id)) == 1
    assert len(await ask(guardrails, resourceType="guardrail_policy")) == 1
    assert len(await ask(guardrails, search="guard pii")) == 1
    assert len(await ask(guardrails, actions=["create"])) == 3
    assert await ask(guardrails, sources=["COCKPIT"]) == []
    assert await ask(guardrails, occurredAt={"to": "2020-01-01T00:00:00Z"}) == []
    assert len(await ask(guardrails, occurredAt={"from": "2020-01-01T02:00:00+02:00"})) == 3


async def test_pages_follow_one_another(guardrails: Guardrails) -> None:
    for order in (1, 2, 3):
        await guardrails.write("setGuardrail", guard="PII", executionOrder=order)
    seen: list[Any] = []
    after = None
    for _ in range(3):
        found = await guardrails.read(
            "guardrailChanges(first: 1, after: $after) { nodes { id } pageInfo { endCursor } }",
            after=("String", after),
        )
        seen += found["guardrailChanges"]["nodes"]
        after = found["guardrailChanges"]["pageInfo"]["endCursor"]
    assert len({one["id"] for one in seen}) == 3


async def test_another_account_s_lines_are_its_own(guardrails: Guardrails, pool: Pool) -> None:
    await add(pool, guardrail_changes, account_id=BETA, guard_type="pii", action="enable")
    assert await ask(guardrails) == []

"""Policies of scopes: one row each, whole or not at all, and nothing else is touched."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from datasources.database import Pool
from federation.errors import OperationError
from tests.harness.access import place
from tests.harness.directory import ACME
from tests.harness.guardrails import Guardrails, logged
from tests.harness.sql import look

KEPT = "guardrailPolicies { nodes { scope { type id } requiredGuards mode isEnabled } }"


async def test_a_policy_is_stored_replaced_and_logged(guardrails: Guardrails, pool: Pool) -> None:
    asked: dict[str, Any] = {"scope": place("Red"), "requiredGuards": ["TOXIC", "PII", "TOXIC"]}
    found = (await guardrails.write("setGuardrailPolicy", **asked, notes="Why"))["policy"]
    assert found["requiredGuards"] == ["PII", "TOXIC"]
    assert (found["mode"], found["isEnabled"], found["notes"]) == ("ENFORCE", True, "Why")
    again = await guardrails.write("setGuardrailPolicy", **asked, mode="ADVISORY")
    assert again["policy"]["id"] == found["id"]
    assert (again["policy"]["mode"], again["policy"]["notes"]) == ("ADVISORY", None)
    created, updated = await logged(pool)
    assert created[:2] == ("policy", "create")
    assert (updated[2]["mode"], updated[3]["mode"]) == ("ENFORCE", "ADVISORY")
    assert updated[3]["scope_id"] == place("Red")["id"]
    assert sorted(updated[4]) == ["mode", "notes"]


async def test_a_policy_creates_no_guard_and_touches_none(
    guardrails: Guardrails, pool: Pool
) -> None:
    await guardrails.write("setGuardrail", guard="PII", settings={"threshold": 0.5})
    await guardrails.write("setGuardrailPolicy", scope=place("Red"), requiredGuards=["TOXIC"])
    await guardrails.write("setGuardrailPolicy", scope=place("Ann"), requiredGuards=["PII"])
    rows = await look(pool, "SELECT guard_type, config, version FROM copilot.guardrails_config")
    assert rows == [("pii", {"threshold": 0.5}, 1)]
    await guardrails.write("setGuardrail", guard="PII", settings={"threshold": 0.1})
    nodes = (await guardrails.read(KEPT))["guardrailPolicies"]["nodes"]
    assert sorted(node["scope"]["type"] for node in nodes) == ["TEAM", "USER"]


async def test_a_disabled_policy_is_kept_and_one_without_guards_refused(
    guardrails: Guardrails, pool: Pool
) -> None:
    asked: dict[str, Any] = {"scope": place(ACME), "requiredGuards": ["PII"]}
    await guardrails.write("setGuardrailPolicy", **asked)
    off = await guardrails.write("setGuardrailPolicy", **asked, isEnabled=False)
    assert off["policy"]["isEnabled"] is False
    refused = await guardrails.refusal("setGuardrailPolicy", **asked | {"requiredGuards": []})
    assert refused == ("REQUIRED", "requiredGuards")
    assert [line[1] for line in await logged(pool)] == ["create", "disable"]


@pytest.mark.parametrize("name", ["Zoe", "Nobody"])
async def test_a_scope_of_another_account_is_like_one_that_does_not_exist(
    guardrails: Guardrails, name: str
) -> None:
    refused = await guardrails.refusal(
        "setGuardrailPolicy", scope=place(name), requiredGuards=["PII"]
    )
    assert refused == ("NOT_FOUND", "scope.id")


async def test_deleting_answers_what_was_removed(guardrails: Guardrails, pool: Pool) -> None:
    asked: dict[str, Any] = {"scope": place("Red"), "requiredGuards": ["PII"]}
    id = (await guardrails.write("setGuardrailPolicy", **asked))["policy"]["id"]
    scope: dict[str, Any] = {"scope": place("Red")}
    assert (await guardrails.write("deleteGuardrailPolicy", **scope))["deletedId"] == id
    assert (await guardrails.write("deleteGuardrailPolicy", **scope))["deletedId"] is None
    assert [line[1] for line in await logged(pool)] == ["create", "delete"]


async def test_writers_at_the_same_time_lose_nothing(guardrails: Guardrails, pool: Pool) -> None:
    names = ["Red", "Blue", "North", "South", "Ann", "Ada"] * 3
    await asyncio.gather(
        *[
            guardrails.write(
                "setGuardrailPolicy",
                scope=place(name),
                requiredGuards=["PII"],
                notes=f"{number}",
            )
            for number, name in enumerate(names)
        ]
    )
    assert len(await look(pool, "SELECT 1 FROM gateway.guardrail_policies")) == 6
    assert len(await logged(pool)) == len(names)


async def test_an_enforcement_level_that_nobody_knows_is_refused(guardrails: Guardrails) -> None:
    with pytest.raises(OperationError, match="strict"):
        await guardrails.write(
            "setGuardrailPolicy", scope=place("Red"), requiredGuards=["PII"], mode="strict"
        )

"""Patterns: checked before they are stored; the platform's can only be switched."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from datasources.database import Pool
from datasources.guardrails.tables import patterns
from tests.harness.access import ADMIN
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, BETA, id_of
from tests.harness.guardrails import SERVICE, Guardrails, logged
from tests.harness.rows import add
from tests.harness.sql import look

CASE: dict[str, Any] = {"guard": "PII", "name": "Case", "regex": r"\bC-\d{6}\b"}
USED = "guardrailPatterns { nodes { name isEnabled } }"


@pytest.fixture
async def platforms(pool: Pool) -> str:
    """Id of a pattern of the platform."""
    id = id_of("platform's")
    await add(
        pool, patterns, id=id, guard_type="pii", pattern_name="Platform's", pattern_regex="p+q"
    )
    return id


async def test_a_pattern_is_stored_shown_and_logged(guardrails: Guardrails, pool: Pool) -> None:
    found = (await guardrails.write("createGuardrailPattern", **CASE))["pattern"]
    assert (found["accountId"], found["regex"], found["isEnabled"]) == (ACME, CASE["regex"], True)
    ((guard, action, before, after, fields, author),) = await logged(pool)
    assert (guard, action, before, author) == ("pii", "create", None, ADMIN.id)
    assert (after["pattern_id"], after["pattern_name"]) == (found["id"], "Case")
    assert "regex" in fields


@pytest.mark.parametrize(
    ("regex", "says"),
    [
        ("(a+)+$", "repetition"),
        ("([a-z]*)*@", "repetition"),
        ("(a?){40}a{40}", "repetition"),
        ("(?=a)b", "RE2"),
        (r"(a)\1", "RE2"),
        ("[", "RE2"),
        ("(", "RE2"),
        (r"\pL{1,1000}\pN{1,1000}", "RE2"),
        ("(?:[a-z]?){0,1000}x", "repetition"),
        (".*a.{0,900}b", "too long"),
        ("a*", "nothing"),
        ("", "needed"),
        ("   ", "needed"),
        ("x" * 2001, "2,000"),
    ],
)
async def test_what_does_not_compile_or_could_run_away_is_not_stored(
    guardrails: Guardrails, pool: Pool, regex: str, says: str
) -> None:
    asked = CASE | {"regex": regex}
    (error,) = (await guardrails.write("createGuardrailPattern", **asked))["userErrors"]
    assert (error["code"], error["path"]) == ("UNSAFE_PATTERN", ["input", "regex"])
    assert says in error["message"]
    assert await look(pool, "SELECT 1 FROM copilot.guardrails_custom_patterns") == []


async def test_a_stored_pattern_is_checked_when_it_changes(guardrails: Guardrails) -> None:
    id = (await guardrails.write("createGuardrailPattern", **CASE))["pattern"]["id"]
    refused = await guardrails.refusal("updateGuardrailPattern", id=id, regex="(x+)*y")
    assert refused == ("UNSAFE_PATTERN", "regex")


async def test_guards_without_patterns_and_names_in_use_are_refused(
    guardrails: Guardrails,
) -> None:
    toxic = CASE | {"guard": "TOXIC"}
    assert await guardrails.refusal("createGuardrailPattern", **toxic) == ("INVALID", "guard")
    id = (await guardrails.write("createGuardrailPattern", **CASE))["pattern"]["id"]
    assert await guardrails.refusal("createGuardrailPattern", **CASE) == ("TAKEN", "name")
    other = (await guardrails.write("createGuardrailPattern", **CASE | {"name": "Other"}))[
        "pattern"
    ]
    taken = await guardrails.refusal("updateGuardrailPattern", id=other["id"], name="Case")
    assert taken == ("TAKEN", "name")
    same = await guardrails.write("createGuardrailPattern", **CASE | {"guard": "JAILBREAK"})
    assert same["pattern"]["id"] != id


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": " "}, ("REQUIRED", "name")),
        ({"name": "x" * 256}, ("INVALID", "name")),
        ({"category": "x" * 101}, ("INVALID", "category")),
        ({"category": "two\nlines"}, ("INVALID", "category")),
    ],
)
async def test_what_a_pattern_cannot_be_called(
    guardrails: Guardrails, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert await guardrails.refusal("createGuardrailPattern", **CASE | given) == expected


async def test_of_patterns_created_at_once_under_one_name_one_is(guardrails: Guardrails) -> None:
    made = [guardrails.write("createGuardrailPattern", **CASE) for _ in range(5)]
    codes = [
        error["code"] for answer in await asyncio.gather(*made) for error in answer["userErrors"]
    ]
    assert codes == ["TAKEN"] * 4


async def test_fields_not_sent_keep_their_value_and_null_clears_what_can_be_cleared(
    guardrails: Guardrails, pool: Pool
) -> None:
    made = await guardrails.write("createGuardrailPattern", **CASE, category="Cases")
    id = made["pattern"]["id"]
    found = (await guardrails.write("updateGuardrailPattern", id=id, name="File"))["pattern"]
    assert (found["name"], found["category"], found["regex"]) == ("File", "Cases", CASE["regex"])
    found = await guardrails.write("updateGuardrailPattern", id=id, category=None, name=None)
    assert (found["pattern"]["name"], found["pattern"]["category"]) == ("File", None)
    _, renamed, cleared = await logged(pool)
    assert (renamed[2]["name"], renamed[3]["name"], renamed[4]) == ("Case", "File", ["name"])
    assert cleared[4] == ["category"]


async def test_a_pattern_of_the_platform_is_switched_for_one_account(
    guardrails: Guardrails, pool: Pool, platforms: str
) -> None:
    off = await guardrails.write("updateGuardrailPattern", id=platforms, isEnabled=False)
    assert (off["pattern"]["accountId"], off["pattern"]["isEnabled"]) == (None, False)
    assert (await guardrails.read(USED))["guardrailPatterns"]["nodes"][0]["isEnabled"] is False
    elsewhere = replace(ADMIN, account_id=BETA)
    assert (await guardrails.read(USED, elsewhere))["guardrailPatterns"]["nodes"] == [
        {"name": "Platform's", "isEnabled": True}
    ]
    assert [line[:2] for line in await logged(pool)] == [("pii", "disable")]


@pytest.mark.parametrize("change", [{"name": "N"}, {"regex": "n+m"}, {"severity": "LOW"}])
async def test_an_account_changes_nothing_else_of_the_platform_s_patterns(
    guardrails: Guardrails, platforms: str, change: dict[str, Any]
) -> None:
    refused = await guardrails.refusal("updateGuardrailPattern", id=platforms, **change)
    assert refused == ("PROTECTED", "id")
    assert await guardrails.refusal("deleteGuardrailPattern", id=platforms) == ("PROTECTED", "id")


async def test_super_admins_write_the_platform_s_patterns_and_no_account_logs_it(
    guardrails: Guardrails, pool: Pool
) -> None:
    made = await guardrails.write("createGuardrailPattern", super_admin(), **CASE, isPlatform=True)
    id = made["pattern"]["id"]
    assert made["pattern"]["accountId"] is None
    assert await guardrails.refusal(
        "createGuardrailPattern", super_admin(), **CASE, isPlatform=True
    ) == ("TAKEN", "name")
    changed = await guardrails.write("updateGuardrailPattern", super_admin(), id=id, name="New")
    assert changed["pattern"]["name"] == "New"
    deleted = await guardrails.write("deleteGuardrailPattern", super_admin(), id=id)
    assert deleted["deletedId"] == id
    assert await logged(pool) == []
    events = await look(
        pool, "SELECT account_id, action FROM copilot.audit_log ORDER BY created_at"
    )
    assert events == [(None, "create"), (None, "update"), (None, "delete")]


async def test_nobody_else_writes_them(guardrails: Guardrails, platforms: str) -> None:
    everywhere = replace(SERVICE, account_id=None, spans_accounts=True)
    for caller in (ADMIN, SERVICE, everywhere):
        assert await guardrails.codes(
            "createGuardrailPattern", caller, **CASE, isPlatform=True
        ) == {"FORBIDDEN"}
    for mutation in ("updateGuardrailPattern", "deleteGuardrailPattern"):
        assert await guardrails.codes(mutation, everywhere, id=platforms) == {"FORBIDDEN"}


async def test_super_admins_name_the_account_of_what_is_an_account_s(
    guardrails: Guardrails,
) -> None:
    assert await guardrails.codes("createGuardrailPattern", super_admin(), **CASE) == {
        "BAD_USER_INPUT"
    }
    refused = await guardrails.refusal(
        "createGuardrailPattern", super_admin(), **CASE, accountId=ACME, isPlatform=True
    )
    assert refused == ("INVALID", "accountId")
    id = (await guardrails.write("createGuardrailPattern", **CASE))["pattern"]["id"]
    refused = await guardrails.refusal("updateGuardrailPattern", super_admin(), id=id, name="N")
    assert refused == ("NOT_FOUND", "id")


async def test_deleting_twice_removes_once(guardrails: Guardrails, pool: Pool) -> None:
    id = (await guardrails.write("createGuardrailPattern", **CASE))["pattern"]["id"]
    assert (await guardrails.write("deleteGuardrailPattern", id=id))["deletedId"] == id
    assert (await guardrails.write("deleteGuardrailPattern", id=id))["deletedId"] is None
    assert [line[1] for line in await logged(pool)] == ["create", "delete"]

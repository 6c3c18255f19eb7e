"""What happens to a text: by the kind of each pattern, its treatment, the guard and its mode."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from datasources.database import Pool
from datasources.guardrails.tables import patterns
from tests.harness.access import place
from tests.harness.directory import ACME, BETA, id_of
from tests.harness.guardrails import Guardrails
from tests.harness.rows import add

ASK = """previewGuardrails(text: $text, scope: $scope) {
  isBlocked output checks { guard mode action isTriggered findings { pattern { name } } } }"""
SAID = "case C-1 of Ann"


@pytest.fixture
async def marking(guardrails: Guardrails) -> Guardrails:
    """The guard against personal data marks what it finds."""
    await guardrails.write("setGuardrail", guard="PII", isEnabled=True, action="FLAG")
    return guardrails


async def look_for(guardrails: Guardrails, regex: str = "C-1", **given: Any) -> None:
    asked = {"guard": "PII", "name": regex, "regex": regex} | given
    assert (await guardrails.write("createGuardrailPattern", **asked))["userErrors"] == []


async def preview(guardrails: Guardrails, text: str = SAID, name: str = ACME) -> Any:
    given: dict[str, Any] = {"text": ("String!", text), "scope": ("ScopeInput", place(name))}
    return (await guardrails.read(ASK, **given))["previewGuardrails"]


@pytest.mark.parametrize(
    ("treatment", "output"),
    [
        ("MASK", "case *** of Ann"),
        ("REDACT", "case  of Ann"),
        ("HASH", f"case {sha256(b'C-1').hexdigest()[:16]} of Ann"),
        ("BLOCK", None),
    ],
)
async def test_a_match_is_treated_as_its_pattern_says(
    marking: Guardrails, treatment: str, output: str | None
) -> None:
    await look_for(marking, action=treatment)
    found = await preview(marking)
    assert (found["isBlocked"], found["output"]) == (output is None, output)


async def test_a_pattern_that_blocks_refuses_whatever_its_guard_does(marking: Guardrails) -> None:
    await look_for(marking, type="BLOCK")
    found = await preview(marking)
    assert (found["isBlocked"], found["output"]) == (True, None)
    assert found["checks"][0]["action"] == "BLOCK"


async def test_what_is_allowed_is_left_as_it_is(marking: Guardrails) -> None:
    await look_for(marking, r"C-\d")
    await look_for(marking, "C-1", type="ALLOW")
    assert (await preview(marking, "C-1 and C-2"))["output"] == "C-1 and ***"


@pytest.mark.parametrize(
    ("action", "is_blocked", "output"),
    [("BLOCK", True, None), ("FLAG", False, "case *** of Ann"), ("LOG_ONLY", False, SAID)],
)
async def test_a_guard_refuses_marks_or_only_tells(
    guardrails: Guardrails, action: str, is_blocked: bool, output: str | None
) -> None:
    await guardrails.write("setGuardrail", guard="PII", isEnabled=True, action=action)
    await look_for(guardrails)
    found = await preview(guardrails)
    assert (found["isBlocked"], found["output"]) == (is_blocked, output)
    assert found["checks"][0]["isTriggered"] is True


async def test_a_guard_that_only_advises_changes_nothing(guardrails: Guardrails) -> None:
    await guardrails.write("setGuardrail", guard="PII", action="BLOCK")
    asked: dict[str, Any] = {"scope": place("Red"), "requiredGuards": ["PII"]}
    await guardrails.write("setGuardrailPolicy", **asked, mode="ADVISORY")
    await look_for(guardrails)
    advised = await preview(guardrails, name="Red")
    assert (advised["isBlocked"], advised["output"]) == (False, SAID)
    assert [check["isTriggered"] for check in advised["checks"]] == [True]
    await guardrails.write("setGuardrailPolicy", **asked, mode="ENFORCE")
    assert (await preview(guardrails, name="Red"))["isBlocked"] is True
    assert (await preview(guardrails))["checks"] == []


async def test_patterns_that_are_off_find_nothing_and_the_platform_s_do(
    marking: Guardrails, pool: Pool
) -> None:
    await look_for(marking, isEnabled=False)
    id = id_of("platform's")
    row = {"guard_type": "pii", "pattern_name": "Names", "pattern_regex": "Ann"}
    await add(pool, patterns, id=id, **row)
    await add(pool, patterns, account_id=BETA, **row | {"pattern_regex": "case"})
    found = await preview(marking)
    assert found["output"] == "case C-1 of ***"
    assert found["checks"][0]["findings"] == [{"pattern": {"name": "Names"}}]
    await marking.write("updateGuardrailPattern", id=id, isEnabled=False)
    assert (await preview(marking))["output"] == SAID


async def test_guards_run_in_their_order(guardrails: Guardrails) -> None:
    for guard, order in (("PII", 7), ("TOXIC", 2), ("JAILBREAK", 5)):
        await guardrails.write("setGuardrail", guard=guard, isEnabled=True, executionOrder=order)
    checks = (await preview(guardrails))["checks"]
    assert [check["guard"] for check in checks] == ["TOXIC", "JAILBREAK", "PII"]

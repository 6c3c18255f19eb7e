"""Guardrails through their module, on a real database."""

from __future__ import annotations

import pytest

from auth.caller import Role
from datasources.database import Pool
from schema.guardrails import GUARDRAILS
from tests.harness.module import ModuleGraph
from tests.isolation.tenants import ALPHA, fill

_PREVIEW = """
query($text: String!, $scope: ScopeInput, $pattern: GuardrailPatternInput) { account {
  previewGuardrails(text: $text, scope: $scope, pattern: $pattern) {
    isBlocked output patternProblem
    checks { guard mode action isTriggered findings { category pattern { name } } }
  } } }
"""


@pytest.fixture
async def graph(pool: Pool) -> ModuleGraph:
    """The guardrails module over two accounts."""
    await fill(pool)
    return ModuleGraph(GUARDRAILS, pool)


async def test_every_guard_is_listed_and_one_never_configured_is_disabled(
    graph: ModuleGraph,
) -> None:
    answer = await graph.ask(
        ALPHA.caller(Role.ACCOUNT_ADMIN),
        "{ account { guardrails { guard isConfigured isEnabled executionOrder version } } }",
    )
    guards = answer.field["guardrails"]
    assert [one["guard"] for one in guards] == ["PII", "TOXIC", "JAILBREAK"]
    assert [one["executionOrder"] for one in guards] == [1, 2, 3]
    assert [one["isEnabled"] for one in guards] == [True, False, False]
    assert [one["version"] for one in guards] == [1, 0, 0]


async def test_a_preview_masks_what_a_marking_guard_finds(graph: ModuleGraph) -> None:
    answer = await graph.ask(
        ALPHA.caller(Role.ACCOUNT_ADMIN),
        _PREVIEW,
        text="write to x@example.org",
        scope={"type": "USER", "id": ALPHA.id("user")},
    )
    preview = answer.field["previewGuardrails"]
    assert preview["isBlocked"] is False
    assert preview["output"] == "write to *************"
    (check,) = preview["checks"]
    assert (check["guard"], check["mode"], check["isTriggered"]) == ("PII", "ENFORCE", True)


async def test_a_pattern_to_try_runs_or_says_why_not(graph: ModuleGraph) -> None:
    caller = ALPHA.caller(Role.ACCOUNT_ADMIN)
    tried = {"guard": "JAILBREAK", "regex": "(a+)+$"}
    answer = await graph.ask(caller, _PREVIEW, text="aaa", pattern=tried)
    assert "repetition" in answer.field["previewGuardrails"]["patternProblem"]
    tried = {"guard": "JAILBREAK", "regex": "sesame", "action": "BLOCK"}
    answer = await graph.ask(caller, _PREVIEW, text="open sesame", pattern=tried)
    assert answer.field["previewGuardrails"]["isBlocked"] is True
    assert answer.field["previewGuardrails"]["output"] is None


async def test_a_scope_of_another_account_is_not_found(graph: ModuleGraph) -> None:
    scope = {"type": "USER", "id": "99999999-9999-4999-8999-999999999999"}
    answer = await graph.ask(ALPHA.caller(Role.ACCOUNT_ADMIN), _PREVIEW, text="a", scope=scope)
    assert [error.message for error in answer.errors] == ["There is no such scope in this account."]

"""Which guards apply, and which expressions are safe."""

from __future__ import annotations

from time import perf_counter

import pytest

from datasources.guardrails.chains import Required
from datasources.guardrails.configuration import settings_in
from datasources.guardrails.rows import GuardrailRow
from datasources.scopes import ScopeRow
from resolvers.guardrails.effective import requirements_of
from resolvers.guardrails.expressions import compiled, problem_of
from resolvers.guardrails.recognition import recognise


def guard(name: str, order: int, *, is_enabled: bool = False) -> GuardrailRow:
    return GuardrailRow(
        "a", name, is_enabled, is_enabled, order, "BLOCK", {}, 1, None, None
    )  # fmt: skip


def policy(level: str, mode: str, *guards: str) -> Required:
    return Required("p", ScopeRow(level, level.lower(), "a"), [*guards], mode)


def test_a_guard_required_anywhere_applies_and_the_stricter_mode_counts() -> None:
    guards = [guard("PII", 1), guard("TOXIC", 2), guard("JAILBREAK", 3)]
    chain = [
        policy("ACCOUNT", "ENFORCE", "PII"),
        policy("GROUP", "ADVISORY", "TOXIC"),
        policy("USER", "ADVISORY", "JAILBREAK", "PII"),
    ]
    found = requirements_of(guards, chain)
    assert [(one.guard, one.mode) for one in found] == [
        ("PII", "ENFORCE"),
        ("TOXIC", "ADVISORY"),
        ("JAILBREAK", "ADVISORY"),
    ]
    assert [scope.type for scope in found[0].required_by] == ["ACCOUNT", "USER"]


def test_an_enabled_guard_applies_without_a_policy_and_a_disabled_one_does_not() -> None:
    found = requirements_of([guard("PII", 1, is_enabled=True), guard("TOXIC", 2)], [])
    assert [(one.guard, one.mode, one.required_by) for one in found] == [("PII", "ENFORCE", [])]


@pytest.mark.parametrize("regex", [r"(a+)+$", r"(?:a|b*){2,}c", r"((x+)y)*", "a(", "a*", "(?=a)b"])
def test_an_expression_that_could_run_away_or_does_not_compile_is_refused(regex: str) -> None:
    assert problem_of(regex) is not None


@pytest.mark.parametrize("regex", [r"\bMBL-\d{7}\b", r"[\w.+-]+@[\w-]+\.[\w.]+", r"[(]+x", r"\(+x"])
def test_an_ordinary_expression_is_accepted(regex: str) -> None:
    assert problem_of(regex) is None


def test_an_expression_stored_by_others_takes_linear_time() -> None:
    started = perf_counter()
    assert compiled(r"(a+)+$").search("a" * 20_000 + "b") is None
    assert perf_counter() - started < 5


def test_settings_stored_as_text_are_read_and_policies_among_them_are_not_shown() -> None:
    stored = '"{\\"threshold\\": 0.5, \\"scope_policies\\": {}}"'
    assert settings_in(stored) == {"threshold": 0.5}


def test_personal_data_is_recognised_by_its_check_digits() -> None:
    text = "card 4111 1111 1111 1111, not 4111 1111 1111 1112; +41 44 668 18 00; a@example.org"
    found = {one.category: text[one.start : one.end] for one in recognise("PII", text, {})}
    assert found == {
        "Card number": "4111 1111 1111 1111",
        "Telephone number": "+41 44 668 18 00",
        "E-mail address": "a@example.org",
    }

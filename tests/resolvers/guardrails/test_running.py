"""Guards over a text: what is allowed is left alone, and nothing takes long."""

from __future__ import annotations

from time import perf_counter

import pytest

from resolvers.errors import BadUserInput
from resolvers.guardrails.effective import RequirementRow
from resolvers.guardrails.expressions import compiled, problem_of
from resolvers.guardrails.running import Search, run_guards

PII = RequirementRow("PII", "ENFORCE", "BLOCK", is_enabled=True, required_by=[])


def search(regex: str, type_: str = "DETECT") -> Search:
    return Search("PII", regex, type_, "MASK", "Found", None)


def test_what_a_pattern_allows_is_not_found() -> None:
    searches = [search(r"\d+"), search("[0-3]{4,9}", "ALLOW")]
    (check,) = run_guards([PII], searches, {}, "1234 0123 12345 99")
    found = ["1234 0123 12345 99"[one.start : one.end] for one in check.findings]
    assert found == ["1234", "12345", "99"]


def test_a_run_that_takes_too_long_is_ended_with_a_sentence() -> None:
    slow = [search(f".*a.{{0,800}}b{number}") for number in range(500)]
    started = perf_counter()
    with pytest.raises(BadUserInput, match=r"within 0\.2 seconds"):
        run_guards([PII], slow, {}, "a" * 20_000, seconds=0.2)
    assert perf_counter() - started < 3


def test_hundreds_of_accepted_patterns_over_the_longest_sample_are_done_in_time() -> None:
    searches = [search(rf"\bX{number}-\d{{6}}\b") for number in range(500)]
    run_guards([PII], searches, {}, "X7-123456 " * 2_000)


@pytest.mark.parametrize(
    "regex", [r"(?i)[^.]{0,300}secret", r"[\w.+-]+@[\w-]+\.[\w.]+", r".*a.{0,40}b"]
)
def test_an_accepted_expression_takes_little_for_the_longest_sample(regex: str) -> None:
    assert problem_of(regex) is None
    started = perf_counter()
    for sample in ("a" * 20_000, "a1 @" * 5_000):
        compiled(regex).search(sample)
    assert perf_counter() - started < 2

"""What the guards would do to a sample. The sample is neither stored nor logged."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

import re2

from datasources.guardrails.configuration import guardrails_of_accounts
from datasources.guardrails.patterns import patterns_used
from datasources.guardrails.policies import policies_of_chain
from datasources.guardrails.rows import GuardrailRow, PatternRow, PolicyRow
from datasources.places import scopes_considered
from datasources.references import AccountRef
from resolvers.base import RequestContext
from resolvers.errors import BadUserInput, NotFound
from resolvers.guardrails.effective import RequirementRow, requirements_of
from resolvers.guardrails.expressions import compiled, problem_of
from resolvers.guardrails.recognition import recognise

__all__ = ["CheckRow", "FindingRow", "PreviewRow", "preview_guardrails"]

_LONGEST_SAMPLE = 20_000
_MOST_FINDINGS = 200
_MOST_PATTERNS = 500


class FindingRow(NamedTuple):
    """One passage a guard found."""

    start: int
    end: int
    category: str | None
    pattern: PatternRow | None
    score_percent: float
    treatment: str = "MASK"
    """What happens to the text."""


class CheckRow(NamedTuple):
    """What one guard would do."""

    guard: str
    mode: str
    action: str
    is_triggered: bool
    reason: str
    findings: list[FindingRow]


class PreviewRow(NamedTuple):
    """What the guards would do to a sample."""

    is_blocked: bool
    output: str | None
    checks: list[CheckRow]
    pattern_problem: str | None


class _Search(NamedTuple):
    """An expression to look for, stored or to be tried."""

    guard: str
    regex: str
    type: str
    action: str
    category: str | None
    stored: PatternRow | None


async def preview_guardrails(
    context: RequestContext,
    row: AccountRef,
    *,
    text: str,
    scope: dict[str, str] | None = None,
    guards: list[str] | None = None,
    pattern: dict[str, str] | None = None,
) -> PreviewRow:
    """Run the guards that apply to a scope, or every enabled one, over a sample.

    Raises `BadUserInput` and `NotFound`.
    """
    if len(text) > _LONGEST_SAMPLE:
        raise BadUserInput(f"A sample may be {_LONGEST_SAMPLE:,} characters long.")
    problem = None if pattern is None else problem_of(pattern["regex"])
    configured = await context.load(guardrails_of_accounts, row.id)
    policies = [] if scope is None else await _policies(context, row.id, scope)
    applying = requirements_of(configured, policies)
    stored = await context.load(patterns_used, row.id)
    searches = [_search(one) for one in stored[:_MOST_PATTERNS]]
    if pattern is not None and problem is None:
        searches.append(_Search(**pattern, category="Pattern to try", stored=None))
        applying = _with_tried(applying, configured, pattern["guard"])
    if guards is not None:
        applying = [one for one in applying if one.guard in guards]
    settings = {one.guard: one.settings for one in configured}
    checks = await asyncio.to_thread(_checks, applying, searches, settings, text)
    is_blocked = any(_refuses(check) for check in checks)
    return PreviewRow(is_blocked, None if is_blocked else _masked(text, checks), checks, problem)


async def _policies(
    context: RequestContext, account_id: str, scope: dict[str, str]
) -> list[PolicyRow]:
    caller = context.caller.bound_to(account_id)
    (chain,) = await scopes_considered(context.database, caller, [(scope["type"], scope["id"])])
    if not chain:
        raise NotFound("There is no such scope in this account.")
    return await policies_of_chain(context.database, caller, chain[::-1])


def _with_tried(
    applying: list[RequirementRow], configured: Sequence[GuardrailRow], guard: str
) -> list[RequirementRow]:
    """The guard of a pattern to try runs, whether or not it would without."""
    if any(one.guard == guard for one in applying):
        return applying
    config = next(one for one in configured if one.guard == guard)
    tried = RequirementRow(guard, "ENFORCE", config.action, config.is_enabled, [])
    places = {one.guard: one.execution_order for one in configured}
    return sorted([*applying, tried], key=lambda one: places[one.guard])


def _search(row: PatternRow) -> _Search:
    return _Search(row.guard, row.regex, row.type, row.action, row.category or row.name, row)


def _checks(
    applying: Sequence[RequirementRow],
    searches: Sequence[_Search],
    settings: dict[str, dict[str, Any]],
    text: str,
) -> list[CheckRow]:
    return [
        _check(one, [search for search in searches if search.guard == one.guard], settings, text)
        for one in applying
    ]


def _check(
    applying: RequirementRow,
    searches: Sequence[_Search],
    settings: dict[str, dict[str, Any]],
    text: str,
) -> CheckRow:
    own = settings.get(applying.guard, {})
    allowed = [
        (one.start, one.end)
        for search in searches
        if search.type == "ALLOW"
        for one in _matches(search, text)
    ]
    found = [one for search in searches if search.type != "ALLOW" for one in _matches(search, text)]
    taken = {(one.start, one.end) for one in found}
    found += [
        FindingRow(one.start, one.end, one.category, None, one.score)
        for one in recognise(applying.guard, text, own)
        if (one.start, one.end) not in taken
    ]
    least = _threshold(own)
    kept = [
        one
        for one in found
        if one.score_percent >= least
        and not any(start <= one.start and one.end <= end for start, end in allowed)
    ]
    kept = sorted(kept, key=lambda one: (one.start, -one.end))[:_MOST_FINDINGS]
    is_refused = any(one.treatment == "BLOCK" for one in kept)
    action = "BLOCK" if is_refused else applying.action
    reason = _reason(applying, action, kept)
    return CheckRow(applying.guard, applying.mode, action, bool(kept), reason, kept)


def _matches(search: _Search, text: str) -> Iterator[FindingRow]:
    """Where an expression matches; one that RE2 cannot run, stored by others, matches nowhere."""
    treatment = "BLOCK" if search.type == "BLOCK" else search.action
    try:
        matches = compiled(search.regex).finditer(text)
    except re2.error:
        return
    for one in islice(matches, _MOST_FINDINGS):
        if one.end() > one.start():
            yield FindingRow(
                one.start(), one.end(), search.category, search.stored, 100.0, treatment
            )


def _threshold(settings: dict[str, Any]) -> float:
    """How sure a guard must be: `threshold`, given as a share of one or as a percentage."""
    value = settings.get("threshold")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value * 100 if value <= 1 else value)


def _reason(applying: RequirementRow, action: str, found: Sequence[FindingRow]) -> str:
    if applying.required_by:
        levels = dict.fromkeys(scope.type.lower() for scope in applying.required_by)
        why = f"Required by the {' and the '.join(levels)}"
        if not applying.is_enabled:
            why += ", though the account has switched it off"
    else:
        why = "Enabled for the account" if applying.is_enabled else "Run to try the pattern"
    if not found:
        return f"{why}; it found nothing."
    kinds = ", ".join(dict.fromkeys(one.category or "a match" for one in found))
    if applying.mode == "ADVISORY":
        return f"{why}, as advice only; it found {len(found)}: {kinds}."
    does = {"BLOCK": "refuses", "FLAG": "marks", "LOG_ONLY": "lets pass"}[action]
    return f"{why}; it found {len(found)} and {does} the request: {kinds}."


def _refuses(check: CheckRow) -> bool:
    return check.is_triggered and check.mode == "ENFORCE" and check.action == "BLOCK"


def _masked(text: str, checks: Sequence[CheckRow]) -> str:
    """The sample with what binding guards found replaced; what is only logged stays."""
    found = sorted(
        (one.start, -one.end, one.treatment)
        for check in checks
        if check.mode == "ENFORCE" and check.action == "FLAG"
        for one in check.findings
    )
    parts: list[str] = []
    at = 0
    for start, negative_end, treatment in found:
        begin, end = max(start, at), -negative_end
        if end > begin:
            parts += [text[at:begin], _treated(text[begin:end], treatment)]
            at = end
    return "".join([*parts, text[at:]])


def _treated(passage: str, treatment: str) -> str:
    if treatment == "REDACT":
        return ""
    if treatment == "HASH":
        return sha256(passage.encode()).hexdigest()[:16]
    return "*" * len(passage)

"""What the guards would do to a sample. The sample is neither stored nor logged."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from datasources.guardrails.chains import Required
from datasources.guardrails.configuration import guardrails_of_accounts
from datasources.guardrails.patterns import patterns_used
from datasources.guardrails.rows import GuardrailRow, PatternRow
from datasources.references import AccountRef
from datasources.scopes import ScopeRow
from resolvers.base import RequestContext
from resolvers.errors import BadUserInput
from resolvers.guardrails.effective import (
    RequirementRow,
    facts_of_guards,
    guards_of_agent,
    requirements_of,
)
from resolvers.guardrails.expressions import problem_of
from resolvers.guardrails.running import CheckRow, Search, run_guards

__all__ = ["PreviewRow", "preview_guardrails"]

_LONGEST_SAMPLE = 20_000
_MOST_PATTERNS = 500


class PreviewRow(NamedTuple):
    """What the guards would do to a sample."""

    is_blocked: bool
    output: str | None
    checks: list[CheckRow]
    pattern_problem: str | None


async def preview_guardrails(
    context: RequestContext,
    row: AccountRef,
    *,
    text: str,
    scope: dict[str, str] | None = None,
    agent_id: str | None = None,
    guards: list[str] | None = None,
    pattern: dict[str, str] | None = None,
) -> PreviewRow:
    """Run the guards that apply to a scope, or every enabled one, over a sample.

    Raises `BadUserInput` and `NotFound`.
    """
    if len(text) > _LONGEST_SAMPLE:
        raise BadUserInput(f"A sample may be {_LONGEST_SAMPLE:,} characters long.")
    problem = None if pattern is None else await asyncio.to_thread(problem_of, pattern["regex"])
    configured = await context.load(guardrails_of_accounts, row.id)
    policies = () if scope is None else await _policies(context, row.id, scope)
    applying = requirements_of(
        configured, policies, await guards_of_agent(context, row.id, agent_id)
    )
    stored = await context.load(patterns_used, row.id)
    searches = [_search(one) for one in stored[:_MOST_PATTERNS]]
    if pattern is not None and problem is None:
        searches.append(Search(**pattern, category="Pattern to try", stored=None))
        applying = _with_tried(applying, configured, pattern["guard"])
    if guards is not None:
        applying = [one for one in applying if one.guard in guards]
    settings = {one.guard: one.settings for one in configured}
    checks = await asyncio.to_thread(run_guards, applying, searches, settings, text)
    is_blocked = any(_refuses(check) for check in checks)
    return PreviewRow(is_blocked, None if is_blocked else _masked(text, checks), checks, problem)


async def _policies(
    context: RequestContext, account_id: str, scope: dict[str, str]
) -> Sequence[Required]:
    named = ScopeRow(scope["type"], scope["id"], account_id)
    return (await facts_of_guards(context, named)).policies


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


def _search(row: PatternRow) -> Search:
    return Search(row.guard, row.regex, row.type, row.action, row.category or row.name, row)


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

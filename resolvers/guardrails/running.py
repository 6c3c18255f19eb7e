"""Running guards over a text: what each finds and would do, within a limit of time."""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, islice
from typing import Any, NamedTuple

import re2

from datasources.guardrails.rows import PatternRow
from resolvers.errors import BadUserInput
from resolvers.guardrails.effective import RequirementRow
from resolvers.guardrails.expressions import compiled
from resolvers.guardrails.recognition import recognise

__all__ = ["CheckRow", "FindingRow", "Search", "run_guards"]

LONGEST_RUN = 2.0
"""Seconds for all guards together. A search takes time linear in the text and its program is
bounded, so it is over soon; searching for hundreds of patterns from every match on need not be."""
_MOST_FINDINGS = 200


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


class Search(NamedTuple):
    """An expression to look for, stored or to be tried."""

    guard: str
    regex: str
    type: str
    action: str
    category: str | None
    stored: PatternRow | None


def run_guards(
    applying: Sequence[RequirementRow],
    searches: Sequence[Search],
    settings: dict[str, dict[str, Any]],
    text: str,
    *,
    seconds: float = LONGEST_RUN,
) -> list[CheckRow]:
    """What each guard would do about a text. Raises `BadUserInput` when it takes too long."""
    ends = time.monotonic() + seconds

    def timely(found: Iterable[Any]) -> Iterator[Any]:
        for one in found:
            if time.monotonic() > ends:
                raise BadUserInput(
                    f"The guards did not get through within {seconds:g} seconds: "
                    "shorten the sample, or name fewer guards."
                )
            yield one

    return [
        _check(
            one,
            [search for search in searches if search.guard == one.guard],
            settings.get(one.guard, {}),
            text,
            timely,
        )
        for one in applying
    ]


def _check(
    applying: RequirementRow,
    searches: Sequence[Search],
    settings: dict[str, Any],
    text: str,
    timely: Callable[[Iterable[Any]], Iterator[Any]],
) -> CheckRow:
    matches = {True: list[FindingRow](), False: list[FindingRow]()}
    for search in timely(searches):
        matches[search.type == "ALLOW"] += timely(_matches(search, text))
    is_allowed, found = _within(matches[True]), matches[False]
    taken = {(one.start, one.end) for one in found}
    found += [
        FindingRow(one.start, one.end, one.category, None, one.score)
        for one in timely(recognise(applying.guard, text, settings))
        if (one.start, one.end) not in taken
    ]
    least = _threshold(settings)
    kept = [one for one in found if one.score_percent >= least and not is_allowed(one)]
    kept = sorted(kept, key=lambda one: (one.start, -one.end))[:_MOST_FINDINGS]
    is_refused = any(one.treatment == "BLOCK" for one in kept)
    action = "BLOCK" if is_refused else applying.action
    reason = _reason(applying, action, kept)
    return CheckRow(applying.guard, applying.mode, action, bool(kept), reason, kept)


def _within(passages: Sequence[FindingRow]) -> Callable[[FindingRow], bool]:
    """Whether a passage lies inside one of these."""
    spans = sorted((one.start, one.end) for one in passages)
    starts = [start for start, _ in spans]
    furthest = list(accumulate((end for _, end in spans), max))

    def is_within(one: FindingRow) -> bool:
        before = bisect_right(starts, one.start)
        return before > 0 and furthest[before - 1] >= one.end

    return is_within


def _matches(search: Search, text: str) -> Iterator[FindingRow]:
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
    elif applying.is_required_by_agent:
        why = "Required by the agent"
    else:
        why = "Enabled for the account" if applying.is_enabled else "Run to try the pattern"
    if not found:
        return f"{why}; it found nothing."
    kinds = ", ".join(dict.fromkeys(one.category or "a match" for one in found))
    if applying.mode == "ADVISORY":
        return f"{why}, as advice only; it found {len(found)}: {kinds}."
    does = {"BLOCK": "refuses", "FLAG": "marks", "LOG_ONLY": "lets pass"}[action]
    return f"{why}; it found {len(found)} and {does} the request: {kinds}."

"""Expressions of patterns: which are safe to store, and how they are run.

They run on RE2, whose time is linear in the text by construction; what it takes for a character
grows with the expression and is bounded twice, by the size of the compiled program and by the time
that trying it takes. The same rows are read by services whose engines track back, so a repetition
inside a repetition, or of what may be empty, is refused as well.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

__all__ = ["LONGEST_EXPRESSION", "compiled", "problem_of"]

LONGEST_EXPRESSION = 2_000
_MEMORY = 1 << 22
_LARGEST_PROGRAM = 10_000
"""Instructions; RE2 looks at each of them once a character at worst."""
_SAMPLE_LENGTH = 1_000
_LONGEST_TRIAL = 0.005
"""Seconds of processor time for a sample: a hundred milliseconds for the longest preview."""


@lru_cache(maxsize=4096)
def compiled(expression: str) -> Any:
    """The expression, ready to search with. Raises `re2.error`."""
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    pattern = re2.compile(expression, options)
    if pattern.programsize > _LARGEST_PROGRAM:
        raise re2.error("program too large")
    return pattern


def problem_of(expression: str) -> str | None:
    """Why an expression cannot be used, in one sentence; None when it can.

    Takes some milliseconds at most, so the event loop leaves it to a thread.
    """
    return _problem_of_text(expression) or _problem_of_program(expression)


def _problem_of_text(expression: str) -> str | None:
    if not expression.strip():
        return "An expression is needed."
    if len(expression) > LONGEST_EXPRESSION:
        return f"An expression may be {LONGEST_EXPRESSION:,} characters long."
    return None


def _problem_of_program(expression: str) -> str | None:
    try:
        pattern = compiled(expression)
    except re2.error:
        return "This is no expression in RE2 syntax, or it needs too much memory."
    if pattern.search("") is not None:
        return "The expression matches nothing at all, and so everywhere."
    if _repeats_a_repetition(expression):
        return "A repetition inside a repetition, or of what may be empty, can run away."
    if any(_takes_long(pattern, sample) for sample in _samples(expression)):
        return "The expression takes too long on a sample text: repeat less, or fewer times."
    return None


def _samples(expression: str) -> Iterator[str]:
    """Texts that keep an expression busy: much of the same, and much of what it names itself."""
    named = "".join(letter for letter in expression if letter.isalnum() or letter in " -.@") or "-"
    for text in ("a", "0", "a1 ", "Ab-", named, named[:1]):
        yield (text * _SAMPLE_LENGTH)[:_SAMPLE_LENGTH]


def _takes_long(pattern: Any, sample: str) -> bool:
    """Whether the best of three searches takes too long: the first one builds what they share."""
    return min(_time(pattern, sample) for _ in range(3)) > _LONGEST_TRIAL


def _time(pattern: Any, sample: str) -> float:
    before = time.thread_time()
    pattern.search(sample)
    return time.thread_time() - before


def _repeats_a_repetition(expression: str) -> bool:
    """Whether a group is repeated that holds an unbounded repetition, or that may be empty."""
    groups = [(0, False)]
    closed: tuple[str, bool] | None = None
    at = 0
    while at < len(expression):
        letter = expression[at]
        repeats = _is_unbounded(expression, at)
        if closed is not None and _runs_away(closed[0], letter, holds=closed[1], repeats=repeats):
            return True
        closed = None
        if letter == "\\":
            at = _end_of_escape(expression, at)
        elif letter == "[":
            at = _end_of_class(expression, at)
        elif letter == "(":
            groups.append((at, False))
        elif letter == ")" and len(groups) > 1:
            start, holds = groups.pop()
            closed = (expression[start : at + 1], holds)
            groups[-1] = (groups[-1][0], groups[-1][1] or holds)
        elif repeats:
            groups[-1] = (groups[-1][0], True)
        at += 1
    return False


def _runs_away(group: str, follower: str, *, holds: bool, repeats: bool) -> bool:
    if repeats and holds:
        return True
    return follower in "*+{" and compiled(group).fullmatch("") is not None


def _end_of_escape(expression: str, at: int) -> int:
    """Where an escape ends: with the next character, or for quoted text where the quote does."""
    if not expression.startswith("\\Q", at):
        return at + 1
    end = expression.find("\\E", at)
    return len(expression) if end < 0 else end + 1


def _is_unbounded(expression: str, at: int) -> bool:
    if expression[at] in "*+":
        return True
    bounds, closing, _ = expression[at + 1 :].partition("}")
    least, comma, most = bounds.partition(",")
    if expression[at] != "{" or not closing or not least.isdigit():
        return False
    return bool(comma) and (not most or int(most) > int(least))


def _end_of_class(expression: str, at: int) -> int:
    """Where the character class that begins at `at` ends."""
    at += 1
    if expression[at : at + 1] == "^":
        at += 1
    at += 1  # a bracket that comes first stands for itself
    while at < len(expression) and expression[at] != "]":
        if expression[at] == "\\":
            at += 1
        elif expression.startswith("[:", at):
            at = max(at, expression.find(":]", at) + 1)
        at += 1
    return at

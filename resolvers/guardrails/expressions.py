"""Expressions of patterns: which are safe to store, and how they are run.

They run on RE2, whose time is linear in the text by construction. The same rows are read by
services whose engines track back, so a repetition inside a repetition is refused as well.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

__all__ = ["LONGEST_EXPRESSION", "compiled", "problem_of"]

LONGEST_EXPRESSION = 2_000
_MEMORY = 1 << 22


@lru_cache(maxsize=4096)
def compiled(expression: str) -> Any:
    """The expression, ready to search with. Raises `re2.error`."""
    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    return re2.compile(expression, options)


def problem_of(expression: str) -> str | None:
    """Why an expression cannot be used, in one sentence; None when it can."""
    if not expression.strip():
        return "An expression is needed."
    if len(expression) > LONGEST_EXPRESSION:
        return f"An expression may be {LONGEST_EXPRESSION:,} characters long."
    try:
        pattern = compiled(expression)
    except re2.error:
        return "This is no expression in RE2 syntax, or it needs too much memory."
    if pattern.search("") is not None:
        return "The expression matches nothing at all, and so everywhere."
    if _repeats_a_repetition(expression):
        return "A repetition inside a repetition can run away: name what separates them once."
    return None


def _repeats_a_repetition(expression: str) -> bool:
    """Whether a group that holds an unbounded repetition is itself repeated without bound."""
    groups = [False]
    closed = False
    at = 0
    while at < len(expression):
        letter = expression[at]
        repeats = _is_unbounded(expression, at)
        if repeats and closed:
            return True
        closed = False
        if letter == "\\":
            at += 1
        elif letter == "[":
            at = _end_of_class(expression, at)
        elif letter == "(":
            groups.append(False)
        elif letter == ")" and len(groups) > 1:
            closed = groups.pop()
            groups[-1] |= closed
        elif repeats:
            groups[-1] = True
        at += 1
    return False


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

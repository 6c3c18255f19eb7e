"""JSON as clients send it: what PostgreSQL and our own writer have a form for, and nothing else."""

from __future__ import annotations

import math
from typing import Any

from resolvers.errors import BadUserInput

__all__ = ["NUL", "check_json"]

NUL = "Text may not contain the character U+0000."
_DEEPEST = 100
_LEAST, _MOST = -(2**63), 2**64 - 1


def check_json(value: Any) -> None:
    """Refuse a document that could not be stored or sent again. Raises `BadUserInput`."""
    level: list[Any] = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return
    raise BadUserInput(f"JSON may be {_DEEPEST} levels deep.")


def _inside(value: Any) -> list[Any]:
    """The values inside a value, which is one itself."""
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, list):
        return value
    if isinstance(value, str) and "\0" in value:
        raise BadUserInput(NUL)
    if isinstance(value, int) and not _LEAST <= value <= _MOST:
        raise BadUserInput("A whole number of JSON has at most 64 bits.")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadUserInput("A number of JSON is finite.")
    return []

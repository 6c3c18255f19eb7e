"""Secrets in documents of free form: what says it is one is refused, or masked where it stands."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["MASK", "masked", "secret_in"]

MASK = "***"
"""What a secret is shown as."""

_SECRET = re.compile(
    r"secret|passw|credential|bearer|token$|(?:api|access|private)[_-]?key", re.IGNORECASE
).search


def secret_in(value: Any) -> str | None:
    """Name of the first entry, however deep, that says it is a secret; None without one."""
    if isinstance(value, list):
        return next((name for name in map(secret_in, value) if name is not None), None)
    if not isinstance(value, dict):
        return None
    for name, item in value.items():
        found = name if _SECRET(name) and isinstance(item, str) else secret_in(item)
        if found is not None:
            return str(found)
    return None


def masked(value: Any) -> Any:
    """The value with every secret in it replaced."""
    if isinstance(value, list):
        return [masked(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: MASK if isinstance(item, str) and _SECRET(name) else masked(item)
        for name, item in value.items()
    }

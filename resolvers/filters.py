"""Filters as clients give them, for what reads a list without being one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["conditions_of", "filters_of"]


def conditions_of(filter: Mapping[str, Any] | None) -> dict[str, Any]:
    """The conditions given, a span split into its ends; null means no condition."""
    found: dict[str, Any] = {}
    for name, value in (filter or {}).items():
        if isinstance(value, Mapping):
            ends = {end.rstrip("_"): at for end, at in value.items() if at is not None}
            found |= {f"{name}_{end}": at for end, at in ends.items()}
        elif value is not None:
            found[name] = value
    return found


def filters_of(conditions: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Conditions as a list takes them."""
    return tuple(
        (name, tuple(value) if isinstance(value, list) else value)
        for name, value in sorted(conditions.items())
    )

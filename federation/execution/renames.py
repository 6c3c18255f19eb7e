"""Putting the client's response keys back where a fetch had to use internal aliases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from federation.execution.places import objects_at
from federation.execution.types import type_name
from federation.plan import Rename

__all__ = ["apply_renames"]


def apply_renames(data: dict[str, Any], renames: Iterable[Rename]) -> None:
    """Rename in place, at every object each rename's path leads to.

    `data` is what the fetch's own document starts from: the root, or one entity.
    """
    for rename in renames:
        for item in objects_at(data, rename.path):
            if rename.alias in item and _concerns(item, rename.types):
                item[rename.key] = item.pop(rename.alias)


def _concerns(item: dict[str, Any], types: frozenset[str] | None) -> bool:
    name = type_name(item)
    return types is None or name is None or name in types

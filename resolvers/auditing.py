"""How a change appears in the audit trail: what differs, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["changes"]


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What differs, before and after; empty when nothing does."""
    changed = [name for name in after if before.get(name) != after[name]]
    return {
        "before": {name: before.get(name) for name in changed},
        "after": {name: after[name] for name in changed},
    }

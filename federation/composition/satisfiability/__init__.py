"""Whether every field that clients can ask for can be fetched, by whatever path they came."""

from __future__ import annotations

from federation.composition.satisfiability.walk import everything_is_reachable

__all__ = ["everything_is_reachable"]

"""`nested` at four sizes, for the account that has as much."""

from __future__ import annotations

from bench.queries.nested import nested

__all__ = ["GROWING"]

GROWING = {
    rows: nested(f"nested-{rows}", groups=groups, teams=1, members=members)
    for rows, groups, members in ((10, 1, 10), (100, 1, 100), (1_000, 10, 100), (10_000, 100, 100))
}
"""By the number of memberships in the answer."""

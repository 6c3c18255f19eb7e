"""What more rows cost: `nested` with 10 to 10,000 memberships, one request at a time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.data import grown
from bench.lines import exponent, slope
from bench.processes import SERVERS
from bench.queries import GROWING
from bench.report import table
from bench.rounds import Plan, Summary, measure

__all__ = ["growth", "growth_tables"]


def growth(
    servers: Sequence[str], url: str, home: Path, *, number: int, seconds: float
) -> list[Summary]:
    """Measure every server at every size."""
    plan = Plan(servers, list(GROWING.values()), [grown()], number, seconds, connections=1)
    return measure(plan, url, home)


def growth_tables(summaries: Sequence[Summary]) -> str:
    """Every size, and the line through them."""
    rows_of = {query.name: rows for rows, query in GROWING.items()}
    points: dict[str, list[tuple[float, float]]] = {}
    for one in summaries:
        points.setdefault(one.server, []).append((rows_of[one.query], one.p50))
    sizes = table(
        ("rows", "server", "of the floor", "p50 ms", "server CPU ms", "database CPU ms", "MB"),
        [
            (
                f"{rows_of[one.query]:,}",
                SERVERS[one.server],
                f"{one.ratio:.2f}",
                f"{one.p50:.1f}",
                f"{one.cpu:.2f}",
                f"{one.database_cpu:.2f}",
                f"{one.memory:.0f}",
            )
            for one in summaries
        ],
    )
    slopes = table(
        ("server", "µs a further row", "p50 grows with rows to the power of"),
        [
            (SERVERS[server], f"{1000 * slope(found):.1f}", f"{exponent(found):.2f}")
            for server, found in points.items()
        ],
    )
    return f"{sizes}\n\n{slopes}"

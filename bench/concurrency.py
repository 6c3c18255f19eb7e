"""What more requests at once cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.lines import exponent
from bench.processes import SERVERS
from bench.report import table
from bench.rounds import Plan, Summary, measure

__all__ = ["concurrency", "concurrency_tables"]


def concurrency(
    plan: Plan, numbers: Sequence[int], url: str, home: Path
) -> dict[int, list[Summary]]:
    """The plan's rounds with each number of connections."""
    return {
        connections: measure(plan._replace(connections=connections), url, home)
        for connections in numbers
    }


def concurrency_tables(summaries: Mapping[int, Sequence[Summary]]) -> str:
    """Every number of connections, and the lines through them."""
    rates: dict[tuple[str, str], list[tuple[float, float]]] = {}
    waits: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for connections, found in summaries.items():
        for one in found:
            key = (one.query, one.server)
            rates.setdefault(key, []).append((connections, one.rate))
            waits.setdefault(key, []).append((connections, one.p99))
    measured = table(
        ("query", "connections", "server", "of the floor", "requests/s", "p50 ms", "p99 ms"),
        [
            (
                one.query,
                str(connections),
                SERVERS[one.server],
                f"{one.ratio:.2f}",
                f"{one.rate:,.0f}",
                f"{one.p50:.1f}",
                f"{one.p99:.1f}",
            )
            for connections, found in summaries.items()
            for one in found
        ],
    )
    if len(summaries) == 1:
        return measured
    head = ("query", "server", "requests/s grow to the power of", "p99 grows to the power of")
    slopes = table(
        head,
        [
            (query, SERVERS[server], f"{exponent(rates[key]):.2f}", f"{exponent(waits[key]):.2f}")
            for key in rates
            for query, server in [key]
        ],
    )
    return f"{measured}\n\n{slopes}"

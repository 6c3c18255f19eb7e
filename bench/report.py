"""What was measured, as tables that read in a terminal and in the documentation."""

from __future__ import annotations

from collections.abc import Sequence

from bench.costs import Cost
from bench.processes import SERVERS
from bench.rounds import Summary
from bench.shares import Profile

__all__ = ["costs_table", "duration", "servers_table", "shares_table", "table"]

_SERVERS_HEAD = (
    "query",
    "server",
    "of the floor",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "server CPU ms",
    "database CPU ms",
    "MB",
    "statements",
)


def servers_table(summaries: Sequence[Summary], statements: dict[str, int]) -> str:
    """Servers by query; `statements` are a request's, by query."""
    return table(
        _SERVERS_HEAD,
        [
            (
                one.query,
                SERVERS[one.server],
                f"{one.ratio:.3f}",
                f"{one.rate:,.0f}",
                f"{one.p50:.1f}",
                f"{one.p99:.1f}",
                f"{one.cpu:.2f}",
                f"{one.database_cpu:.2f}",
                f"{one.memory:.0f}",
                str(statements[one.query]),
            )
            for one in summaries
        ],
    )


def costs_table(costs: Sequence[Cost]) -> str:
    """Single steps, the median of their repetitions."""
    return table(
        ("step", "median", "repetitions"),
        [(one.what, duration(one.seconds), str(one.repetitions)) for one in costs],
    )


def shares_table(profiles: Sequence[Profile]) -> str:
    """Where the CPU time of an operation goes, in percent, a column an operation."""
    owners = sorted(
        {owner for profile in profiles for owner in profile.shares},
        key=lambda owner: -max(profile.shares.get(owner, 0.0) for profile in profiles),
    )
    return table(
        ("code", *[profile.query for profile in profiles]),
        [
            (owner, *[f"{100 * profile.shares.get(owner, 0.0):.0f} %" for profile in profiles])
            for owner in owners
            if any(profile.shares.get(owner, 0.0) >= 0.01 for profile in profiles)
        ],
    )


def duration(seconds: float) -> str:
    if seconds >= 0.001:
        return f"{seconds * 1000:,.1f} ms"
    return f"{seconds * 1_000_000:,.1f} µs"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    rule = ["-" * width for width in widths]
    lines = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in (head, rule, *rows)
    ]
    return "\n".join(f"| {line} |" for line in lines)

"""Whether memory stays flat under a mixed load that goes on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from bench.data import Account
from bench.lines import slope
from bench.load import Job, Tally, run
from bench.processes import SERVERS, ServerProcess, serving
from bench.queries import Query
from bench.report import table

__all__ = ["Soak", "soak", "soak_tables"]

_FLAT = 0.01
"""How much of its memory a server may gain over the second half of the load and be called flat."""


class Soak(NamedTuple):
    """One server under load; memory in MB by seconds since the load began."""

    server: str
    tally: Tally
    memory: Sequence[tuple[float, float]]

    @property
    def growth(self) -> float:
        """What memory gained over the second half, by a line through it, as a share of all.

        The first half fills caches: plans, prepared statements, known sessions.
        """
        later = self.memory[len(self.memory) // 2 :]
        return slope(later) * (later[-1][0] - later[0][0]) / later[-1][1]

    @property
    def is_flat(self) -> bool:
        """Whether it gained next to nothing."""
        return self.growth < _FLAT


def soak(
    servers: Sequence[str],
    queries: Sequence[Query],
    tenants: Sequence[Account],
    url: str,
    *,
    connections: int,
    seconds: float,
) -> Iterator[Soak]:
    """One server after the other."""
    for name in servers:
        with serving(name, url) as server:
            job = Job(
                server.port,
                [(server.path_of(one.name), one.text) for one in filter(server.answers, queries)],
                [tenant.token for tenant in tenants],
                connections,
                seconds,
                seed=1,
            )
            with ThreadPoolExecutor(1) as other:
                load = other.submit(run, job)
                memory = list(_samples(server, load, every=min(60.0, seconds / 10)))
            yield Soak(name, load.result(), memory)


def _samples(
    server: ServerProcess, load: Future[Tally], *, every: float
) -> Iterator[tuple[float, float]]:
    begin = time.perf_counter()
    due = 0.0
    while not load.done():
        if (passed := time.perf_counter() - begin) >= due:
            due += every
            yield passed, server.memory / 2**20
        time.sleep(0.05)
    yield time.perf_counter() - begin, server.memory / 2**20


def soak_tables(soaked: Sequence[Soak]) -> str:
    """Memory over time, and whether it is flat."""
    head = ("server", "requests/s", "p50 ms", "p99 ms", "MB at the start", "after", "at the end")
    return table(
        (*head, "gained in the second half", "flat"),
        [
            (
                SERVERS[one.server],
                f"{one.tally.requests / one.tally.seconds:,.0f}",
                f"{one.tally.p50:.1f}",
                f"{one.tally.p99:.1f}",
                f"{one.memory[0][1]:.0f}",
                " ".join(f"{megabytes:.0f}" for _, megabytes in one.memory[1:-1]),
                f"{one.memory[-1][1]:.0f}",
                f"{100 * one.growth:+.1f} %",
                "yes" if one.is_flat else "no",
            )
            for one in soaked
        ],
    )

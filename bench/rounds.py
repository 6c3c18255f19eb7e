"""The rounds: every server in turn, again and again, so that all meet the same machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil

from bench.data import Account
from bench.load import Job, Tally, run
from bench.processes import ServerProcess, serving
from bench.queries import Query

__all__ = [
    "Plan",
    "Round",
    "Summary",
    "cpu_seconds_below",
    "measure",
    "postmaster",
    "rounds",
    "summarise",
]

_WARM_UP_SECONDS = 2.0


class Plan(NamedTuple):
    """What is compared, and for how long."""

    servers: Sequence[str]
    """Names of `processes.SERVERS`; the first that answers is what others are measured against."""
    queries: Sequence[Query]
    accounts: Sequence[Account]
    number: int
    seconds: float
    """Length of one round of one server."""
    connections: int


class Round(NamedTuple):
    """One server under load once."""

    query: str
    server: str
    tally: Tally
    cpu_seconds: float
    """Of the server's process."""
    database_cpu_seconds: float
    memory: int
    """Of the server's process when the round ends, in bytes."""


class Summary(NamedTuple):
    """A server over all rounds of a query: medians, times in milliseconds."""

    query: str
    server: str
    rate: float
    """Requests a second."""
    ratio: float
    """Rate relative to the first server's in the same round."""
    p50: float
    p99: float
    cpu: float
    database_cpu: float
    memory: float
    """Resident, in MB."""
    requests: int


def measure(plan: Plan, database_url: str, home: Path) -> list[Summary]:
    """Run the plan and summarise it; each round is told on standard error as it ends."""
    done = []
    for one in rounds(plan, database_url, home):
        rate = one.tally.requests / one.tally.seconds
        print(f"{one.query:10} {one.server:10} {rate:10,.1f} requests/s", file=sys.stderr)
        done.append(one)
    return summarise(done)


def rounds(plan: Plan, database_url: str, home: Path) -> Iterator[Round]:
    """Run the plan against an embedded database in `home`, telling each round as it ends."""
    database = postmaster(home)
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(name, database_url)) for name in plan.servers]
        for query in plan.queries:
            answering = [server for server in servers if server.answers(query)]
            for server in answering:
                run(_job(plan, query, server, seed=0, seconds=_WARM_UP_SECONDS))
            for seed in range(1, plan.number + 1):
                for server in answering:
                    job = _job(plan, query, server, seed=seed, seconds=plan.seconds)
                    yield _round(job, query, server, database)


def summarise(all_rounds: Sequence[Round]) -> list[Summary]:
    """The rounds by query and server, in the order in which they first ran."""
    pairs = dict.fromkeys((one.query, one.server) for one in all_rounds)
    baselines = dict(reversed(pairs))
    return [
        _summary(
            [one for one in all_rounds if (one.query, one.server) == (query, server)],
            [one for one in all_rounds if (one.query, one.server) == (query, baselines[query])],
        )
        for query, server in pairs
    ]


def _summary(own: Sequence[Round], baseline: Sequence[Round]) -> Summary:
    ratios = [_rate(one) / _rate(base) for one, base in zip(own, baseline, strict=True)]
    return Summary(
        own[0].query,
        own[0].server,
        median(map(_rate, own)),
        median(ratios),
        median(one.tally.p50 for one in own),
        median(one.tally.p99 for one in own),
        median(1000 * one.cpu_seconds / one.tally.requests for one in own),
        median(1000 * one.database_cpu_seconds / one.tally.requests for one in own),
        median(one.memory / 2**20 for one in own),
        sum(one.tally.requests for one in own),
    )


def _rate(one: Round) -> float:
    return one.tally.requests / one.tally.seconds


def _round(job: Job, query: Query, server: ServerProcess, database: psutil.Process) -> Round:
    before, database_before = server.cpu_seconds, cpu_seconds_below(database)
    tally = run(job)
    return Round(
        query.name,
        server.name,
        tally,
        server.cpu_seconds - before,
        cpu_seconds_below(database) - database_before,
        server.memory,
    )


def postmaster(home: Path) -> psutil.Process:
    """The process below which an embedded database's others are."""
    return psutil.Process(int((home / "postgres" / "postmaster.pid").read_text().split()[0]))


def cpu_seconds_below(database: psutil.Process) -> float:
    """CPU time of the database's processes that are alive; connections outlive a round."""
    times = [process.cpu_times() for process in database.children()]
    return float(sum(time.user + time.system for time in times))


def _job(plan: Plan, query: Query, server: ServerProcess, *, seed: int, seconds: float) -> Job:
    return Job(
        server.port,
        [(server.path_of(query.name), query.text)],
        [account.token for account in plan.accounts],
        plan.connections,
        seconds,
        seed,
    )

"""`make bench`: every server on one machine, one database and one data set, side by side."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import psutil
import uvloop

from bench.answers import check_answers
from bench.costs import Cost, costs
from bench.data import EVERYTHING, Account, accounts, fill
from bench.local import open_local
from bench.processes import SERVERS
from bench.queries import QUERIES, Query
from bench.report import costs_table, servers_table, shares_table
from bench.rounds import Plan, Round, rounds, summarise
from bench.shares import Profile, profile
from datasources import migrations
from datasources.embedded import EmbeddedServer

__all__ = ["database", "machine", "main"]

_PROFILED_SECONDS = 5.0


class Inside(NamedTuple):
    """What was measured in this process."""

    statements: dict[str, int]
    costs: list[Cost]
    profiles: list[Profile]


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    asked = _arguments(arguments)
    queries = [query for query in QUERIES if query.name in asked.queries]
    tenants = accounts(asked.accounts)
    print(machine(), file=sys.stderr)
    with database(asked.accounts) as (url, home):
        inside = uvloop.run(_inside(url, tenants[0], queries))
        check_answers(asked.servers, queries, url, tenants[0])
        plan = Plan(asked.servers, queries, tenants, asked.rounds, asked.seconds, asked.connections)
        done = []
        for one in rounds(plan, url, home):
            _tell(one)
            done.append(one)
    print(f"\n{machine()}\n{asked.connections} connections, {asked.accounts} accounts, ", end="")
    print(f"{asked.rounds} rounds of {asked.seconds:g} s; medians\n")
    print(servers_table(summarise(done), inside.statements))
    print("\nSingle steps, in one process\n")
    print(costs_table(inside.costs))
    print("\nWhere an operation's CPU time goes, without HTTP\n")
    print(shares_table(inside.profiles))


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Compare the gateway with a hand-written handler on the same data.",
        epilog="Example: python -m bench --servers floor gateway --queries list --rounds 3",
    )
    names = [query.name for query in QUERIES]
    parser.add_argument("--servers", nargs="+", choices=list(SERVERS), default=list(SERVERS))
    parser.add_argument("--queries", nargs="+", choices=names, default=names)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a round")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--accounts", type=int, default=200)
    return parser.parse_args(arguments)


@contextmanager
def database(number: int, parts: Sequence[str] = EVERYTHING) -> Iterator[tuple[str, Path]]:
    """A new database with the data, or parts of it, removed when the block ends."""
    home = Path(tempfile.mkdtemp(prefix="cockpit-bench-"))
    server = EmbeddedServer()
    try:
        url = server.start(home)
        migrations.upgrade(url)
        asyncio.run(fill(url, number, parts))
        yield url, home
    finally:
        server.stop()
        shutil.rmtree(home)


async def _inside(url: str, tenant: Account, queries: Sequence[Query]) -> Inside:
    async with open_local(url) as local:
        statements = {}
        for query in queries:
            await local.data(tenant.token, query.text)
            before = local.pool.statements
            await local.data(tenant.token, query.text)
            statements[query.name] = local.pool.statements - before
        profiles = [
            await profile(
                query.name,
                partial(local.data, tenant.token, query.text),
                _PROFILED_SECONDS,
            )
            for query in queries
        ]
        return Inside(statements, await costs(local, tenant.token), profiles)


def _tell(one: Round) -> None:
    rate = one.tally.requests / one.tally.seconds
    print(f"{one.query:10} {one.server:10} {rate:10,.1f} requests/s", file=sys.stderr)


def machine() -> str:
    load = os.getloadavg()[0]
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB, "
        f"Python {platform.python_version()}, load average {load:.1f}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])

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
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import psutil
import uvloop

from bench.answers import check_answers
from bench.concurrency import concurrency, concurrency_tables
from bench.costs import Cost, costs
from bench.data import EVERYTHING, Account, accounts, fill, grown
from bench.growth import growth, growth_tables
from bench.local import open_local
from bench.processes import SERVERS
from bench.queries import GROWING, QUERIES, Query
from bench.report import costs_table, servers_table, shares_table
from bench.rounds import Plan, measure
from bench.shares import Profile, profile
from bench.soak import soak, soak_tables
from datasources import migrations
from datasources.embedded import EmbeddedServer

__all__ = ["database", "machine", "main"]

_PROFILED_SECONDS = 5.0
_CONNECTIONS = [1, 16, 128]
_DESCRIPTION = """\
Compare the gateway with hand-written handlers and with plain Strawberry, on the same data and with
the same answers, which are compared before anything is timed.

Without --growth, --concurrency or --soak: throughput, latency, CPU, memory and statements a
request of every server and query, the cost of single steps, and where CPU time goes."""
_EXAMPLES = """\
examples:
  python -m bench                                          everything but the three below, 5 minutes
  python -m bench --servers floor gateway --queries list   a part of it
  python -m bench --growth                                 10 to 10,000 rows, slopes
  python -m bench --concurrency 1 16 128 --queries list    more at once, slopes
  python -m bench --soak 600 --servers gateway             memory over ten minutes of mixed load

Tables are Markdown, on standard output; progress is on standard error. The first server named is
what the others are measured against."""


class Inside(NamedTuple):
    """What was measured in this process."""

    statements: dict[str, int]
    costs: list[Cost]
    profiles: list[Profile]


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    asked = _arguments(arguments)
    print(machine(), file=sys.stderr)
    with database(asked.accounts) as (url, home):
        if asked.growth:
            _growth(asked, url, home)
        elif asked.concurrency is not None:
            _concurrency(asked, url, home)
        elif asked.soak is not None:
            _soak(asked, url)
        else:
            _side_by_side(asked, url, home)


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [query.name for query in QUERIES]
    parser.add_argument("--servers", nargs="+", choices=list(SERVERS), default=list(SERVERS))
    parser.add_argument("--queries", nargs="+", choices=names, default=names)
    parser.add_argument("--rounds", type=int, default=3, help="turns of every server")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a round")
    parser.add_argument("--connections", type=int, default=16, help="requests at once")
    parser.add_argument("--accounts", type=int, default=200, help="tenants in the database")
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument(
        "--growth", action="store_true", help="how nested grows with rows, a request at a time"
    )
    modes.add_argument(
        "--concurrency",
        nargs="*",
        type=int,
        metavar="N",
        help="how the queries fare with N requests at once; 1 16 128 when no N is given",
    )
    modes.add_argument(
        "--soak", type=float, metavar="SECONDS", help="whether memory stays flat for so long"
    )
    return parser.parse_args(arguments)


def _plan(asked: argparse.Namespace) -> Plan:
    queries = [query for query in QUERIES if query.name in asked.queries]
    tenants = accounts(asked.accounts)
    return Plan(asked.servers, queries, tenants, asked.rounds, asked.seconds, asked.connections)


def _growth(asked: argparse.Namespace, url: str, home: Path) -> None:
    check_answers(asked.servers, list(GROWING.values()), url, grown())
    found = growth(asked.servers, url, home, number=asked.rounds, seconds=asked.seconds)
    _title(f"1 connection, {asked.rounds} rounds of {asked.seconds:g} s; medians")
    print(growth_tables(found))


def _concurrency(asked: argparse.Namespace, url: str, home: Path) -> None:
    plan = _plan(asked)
    check_answers(plan.servers, plan.queries, url, plan.accounts[0])
    found = concurrency(plan, asked.concurrency or _CONNECTIONS, url, home)
    _title(f"{asked.accounts} accounts, {asked.rounds} rounds of {asked.seconds:g} s; medians")
    print(concurrency_tables(found))


def _soak(asked: argparse.Namespace, url: str) -> None:
    plan = _plan(asked)
    found = soak(
        plan.servers,
        plan.queries,
        plan.accounts,
        url,
        connections=plan.connections,
        seconds=asked.soak,
    )
    soaked = list(found)
    _title(f"{plan.connections} connections, {asked.soak:g} s, all queries mixed")
    print(soak_tables(soaked))


def _side_by_side(asked: argparse.Namespace, url: str, home: Path) -> None:
    plan = _plan(asked)
    inside = uvloop.run(_inside(url, plan.accounts[0], plan.queries))
    check_answers(plan.servers, plan.queries, url, plan.accounts[0])
    summaries = measure(plan, url, home)
    _title(
        f"{plan.connections} connections, {asked.accounts} accounts, "
        f"{plan.number} rounds of {plan.seconds:g} s; medians"
    )
    print(servers_table(summaries, inside.statements))
    print("\nSingle steps, in one process\n")
    print(costs_table(inside.costs))
    print("\nWhere an operation's CPU time goes, without HTTP\n")
    print(shares_table(inside.profiles))


def _title(text: str) -> None:
    now = datetime.now(UTC)
    print(f"\n`python -m bench {' '.join(sys.argv[1:])}`".replace(" `", "`"))
    print(f"{now:%d %B %Y}, {machine()}\n{text}\n")


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


def machine() -> str:
    load = os.getloadavg()[0]
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GB, "
        f"Python {platform.python_version()}, load average {load:.1f}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])

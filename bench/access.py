"""`python -m bench.access`: effective access of one person, remembered and worked out anew.

One user of each of 200 accounts, a random account a request, against the same answer by hand.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import uvloop

from bench.__main__ import database, machine
from bench.answers import check_answers
from bench.data import DIRECTORY, Account, accounts
from bench.local import open_local
from bench.queries.access import ACCESS
from bench.report import table
from bench.rounds import Plan, Summary, rounds, summarise

__all__ = ["main"]

_SERVERS = ("floor", "gateway", "forgetful")
_NAMES = ("by hand, four statements", "gateway, remembered", "gateway, anew")
_HEAD = (
    "server",
    "times the time",
    "times the CPU",
    "requests/s",
    "p50 ms",
    "p99 ms",
    "server CPU ms",
    "database CPU ms",
)
_PARTS = (*DIRECTORY, "budgets", "access")


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.access", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a round")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--accounts", type=int, default=200)
    asked = parser.parse_args(arguments)
    tenants = accounts(asked.accounts)
    with database(asked.accounts, _PARTS) as (url, home):
        check_answers(_SERVERS, [ACCESS], url, tenants[0])
        plan = Plan(_SERVERS, [ACCESS], tenants, asked.rounds, asked.seconds, asked.connections)
        summaries = summarise(list(rounds(plan, url, home)))
        first, later = uvloop.run(_statements(url, tenants[0]))
    print(f"{machine()}\n\n{first} statements anew, {later} when it is remembered\n")
    print(
        table(
            _HEAD,
            [_line(name, one, summaries[0]) for name, one in zip(_NAMES, summaries, strict=True)],
        )
    )


def _line(name: str, one: Summary, floor: Summary) -> tuple[str, ...]:
    cost = (one.cpu + one.database_cpu) / (floor.cpu + floor.database_cpu)
    return (
        name,
        f"{1 / one.ratio:.2f}",
        f"{cost:.2f}",
        f"{one.rate:,.0f}",
        f"{one.p50:.1f}",
        f"{one.p99:.1f}",
        f"{one.cpu:.2f}",
        f"{one.database_cpu:.2f}",
    )


async def _statements(url: str, tenant: Account) -> tuple[int, int]:
    """How many statements the first call runs, and how many the next."""
    async with open_local(url) as local:
        await local.data(tenant.token, "{ viewer { id } }")
        counts = []
        for _ in range(2):
            before = local.pool.statements
            await local.data(tenant.token, ACCESS.text)
            counts.append(local.pool.statements - before)
        return counts[0], counts[1]


if __name__ == "__main__":
    main(sys.argv[1:])

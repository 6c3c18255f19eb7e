"""`python -m bench.access`: what effective access costs, remembered and decided anew.

One person of each of 200 accounts, a random account a request. In process: the engine with all
phases but HTTP's, against the statements alone that the same answer takes by hand. Over HTTP:
against a raw ASGI handler that runs these and keeps nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import uvloop

from bench.__main__ import database, machine
from bench.answers import check_answers
from bench.bare import Bare, bare
from bench.data import DIRECTORY, accounts
from bench.queries.access import ACCESS
from bench.report import table
from bench.rounds import Plan, Summary, postmaster, rounds, summarise

__all__ = ["main"]

_SERVERS = ("floor", "gateway", "forgetful")
_NAMES = ("by hand, four statements", "gateway, remembered", "gateway, anew")
_PARTS = (*DIRECTORY, "budgets", "access")


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.access", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a round over HTTP")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--accounts", type=int, default=200)
    asked = parser.parse_args(arguments)
    tenants = accounts(asked.accounts)
    with database(asked.accounts, _PARTS) as (url, home):
        check_answers(_SERVERS, [ACCESS], url, tenants[0])
        inside = uvloop.run(bare(url, tenants, postmaster(home), number=3 * asked.rounds))
        plan = Plan(_SERVERS, [ACCESS], tenants, asked.rounds, asked.seconds, asked.connections)
        summaries = summarise(list(rounds(plan, url, home)))
    print(f"{machine()}\n\nIn process\n\n{_inside_table(inside)}")
    print(f"\nOver HTTP\n\n{_servers_table(summaries)}")


def _inside_table(found: Sequence[Bare]) -> str:
    head = ("what", "statements", "process CPU µs", "database CPU µs", "times the statements")
    return table(
        head,
        [
            (
                one.what,
                f"{one.statements:g}",
                f"{one.cpu:.0f}",
                f"{one.database_cpu:.0f}",
                f"{one.ratio:.2f}",
            )
            for one in found
        ],
    )


def _servers_table(summaries: Sequence[Summary]) -> str:
    head = ("server", "of the rate", "times the CPU", "requests/s", "p50 ms", "p99 ms")
    return table(
        (*head, "server CPU ms", "database CPU ms"),
        [_line(name, one, summaries[0]) for name, one in zip(_NAMES, summaries, strict=True)],
    )


def _line(name: str, one: Summary, floor: Summary) -> tuple[str, ...]:
    cost = (one.cpu + one.database_cpu) / (floor.cpu + floor.database_cpu)
    return (
        name,
        f"{one.ratio:.2f}",
        f"{cost:.2f}",
        f"{one.rate:,.0f}",
        f"{one.p50:.1f}",
        f"{one.p99:.1f}",
        f"{one.cpu:.2f}",
        f"{one.database_cpu:.2f}",
    )


if __name__ == "__main__":
    main(sys.argv[1:])

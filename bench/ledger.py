"""`python -m bench.ledger`: a year of one account's usage, and what PostgreSQL takes to answer.

Times are the server's own for planning and running a statement, the median of twenty after one to
warm up.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import uvloop

from auth.caller import ActorKind, Caller
from bench.__main__ import database, machine
from bench.data import DIRECTORY, accounts
from datasources.base import Statement, tenant_values
from datasources.budgets.breakdown import Breakdown, BreakdownKey
from datasources.budgets.ledger import account_usage
from datasources.budgets.writes import booking
from datasources.codecs import set_codecs
from datasources.database import Pool, PoolOptions
from datasources.migrations.statements import statements_in
from datasources.paging import PageRequest

__all__ = ["Question", "fill_ledger", "main", "questions", "server_milliseconds"]

_ACCOUNT = accounts(1)[0].id
_CALLER = Caller(kind=ActorKind.USER, id="bench", name="Bench", account_id=_ACCOUNT)
_MONTH = BreakdownKey(
    _ACCOUNT, "", datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC)
)
_REPEATED = 20


class Question(NamedTuple):
    """What is asked of the ledger, as its reads ask."""

    name: str
    statement: Statement
    arguments: Sequence[Any]


async def fill_ledger(url: str, rows: int) -> None:
    """Write a year of the account's usage with its sums, telling how far it is."""
    text = Path(__file__).with_name("data").joinpath("ledger.sql").read_text("utf-8")
    statements = statements_in(text.replace("{rows}", str(int(rows))))
    connection = await asyncpg.connect(url)
    try:
        for number, statement in enumerate(statements, 1):
            begin = time.perf_counter()
            await connection.execute(statement, timeout=3600)
            took = time.perf_counter() - begin
            print(f"{number}/{len(statements)} {took:.1f} s", file=sys.stderr, flush=True)
    finally:
        await connection.close()


async def questions(url: str) -> list[Question]:
    """The statements that the reads run, taken down as they run them."""
    ran: list[tuple[Statement, Mapping[str, Any]]] = []
    pool = await Pool.open(url, PoolOptions(min_size=1))
    asked: list[tuple[str, Any]] = [
        ("a month by model", Breakdown(("MODEL",), 25)),
        ("a month by person", Breakdown(("USER",), 25)),
        ("a month by day and model", Breakdown(("DAY", "MODEL"), 25)),
        ("a month by model and agent", Breakdown(("MODEL", "AGENT"), 25)),
    ]
    watched = _Watched(pool, ran)
    try:
        for _, breakdown in asked:
            await breakdown(watched, _CALLER, [_MONTH])
        await account_usage.read(watched, _CALLER, PageRequest(size=25), [_ACCOUNT])
        await booking.lines_by_key(watched, _CALLER, [f"line-{n}" for n in range(500)])
    finally:
        await pool.close()
    names = [*(name for name, _ in asked), "the newest 25 lines", "500 lines by their keys"]
    return [
        Question(name, statement, statement.arguments(values))
        for name, (statement, values) in zip(names, ran, strict=True)
    ]


class _Watched:
    """A database that keeps what it is asked."""

    def __init__(self, pool: Pool, ran: list[tuple[Statement, Mapping[str, Any]]]) -> None:
        self._pool = pool
        self._ran = ran

    async def fetch(self, statement: Statement, **values: Any) -> list[asyncpg.Record]:
        """All rows of a statement."""
        self._ran.append((statement, {**tenant_values(_CALLER), **values}))
        return await self._pool.fetch(statement, **values)

    async def fetchrow(self, statement: Statement, **values: Any) -> asyncpg.Record | None:
        """The first row, or None."""
        rows = await self.fetch(statement, **values)
        return rows[0] if rows else None

    async def execute(self, statement: Statement, **values: Any) -> int:
        """Run a statement and answer how many rows it touched."""
        return await self._pool.execute(statement, **values)


async def server_milliseconds(connection: asyncpg.Connection, question: Question) -> float:
    """What the server says planning and running took, the median of several times."""
    text = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {question.statement.text}"
    times: list[float] = []
    for _ in range(1 + _REPEATED):
        (told,) = await connection.fetchval(text, *question.arguments, timeout=600)
        times.append(told["Planning Time"] + told["Execution Time"])
    return statistics.median(times[1:])


async def _run(url: str, rows: int) -> None:
    await fill_ledger(url, rows)
    connection = await asyncpg.connect(url)
    try:
        asked = await questions(url)
        await set_codecs(connection)
        size = await connection.fetchval(
            "SELECT pg_total_relation_size('gateway.usage_ledger')::text"
        )
        print(f"{rows:,} lines, {int(size) / 2**30:.1f} GiB with their indexes\n")
        print("| what | ms |")
        print("| --- | ---: |")
        for question in asked:
            print(f"| {question.name} | {await server_milliseconds(connection, question):.1f} |")
    finally:
        await connection.close()


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.ledger",
        description=__doc__,
        epilog="Example: python -m bench.ledger --rows 10000000",
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    asked = parser.parse_args(arguments)
    print(f"{machine()}\n")
    with database(1, DIRECTORY) as (url, _):
        uvloop.run(_run(url, asked.rows))


if __name__ == "__main__":
    main(sys.argv[1:])

"""`python -m bench.usage`: usage recorded on one hot account, beside the bare UPDATE it stands on.

All phases but HTTP's, in this process, and `recordUsage` once more from this process to a server
of its own over HTTP; PostgreSQL runs on the same machine. Every call books one
event of its own, with its key, its ledger line, its roll-ups and its audit event.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

import aiohttp
import asyncpg
import uvloop

from bench.__main__ import database, machine
from bench.data import DIRECTORY, Account, accounts
from bench.local import Local, open_local
from bench.processes import serving

__all__ = ["main"]

_BUDGETS = """
    INSERT INTO copilot.credit_budget (account_id, scope_type, scope_id, allocated, limit_amount,
        overflow_cap, cycle_start, cycle_end, parent_budget_id)
    VALUES ($1, $2, $3, 2000000000, 2000000000, 0, now() - interval '1 day',
        now() + interval '20 days', $4) RETURNING id
"""
_SCOPED = "INSERT INTO gateway.budget_details (budget_id, account_id, scope_id) VALUES ($1, $2, $2)"
_ONE = """
    mutation($input: RecordUsageInput!) { recordUsage(input: $input) {
        isReplay
        entry { id outcome credits overflowCredits }
        effectiveBudget { available availableOverflow }
        userErrors { code }
    } }
"""
_MANY = """
    mutation($input: RecordUsagesInput!) { recordUsages(input: $input) {
        entries { id outcome } userErrors { code }
    } }
"""


class _Rate(NamedTuple):
    """How often something was done, and how long the slowest took."""

    per_second: float
    p50: float
    p99: float


async def _measure(call: Callable[[], Awaitable[int]], callers: int, seconds: float) -> _Rate:
    """Let so many callers call again and again; `call` answers how many events it booked."""
    times: list[float] = []
    events = 0
    end = time.perf_counter() + seconds

    async def work() -> None:
        nonlocal events
        while time.perf_counter() < end:
            begin = time.perf_counter()
            booked = await call()
            events += booked
            times.append(time.perf_counter() - begin)

    begin = time.perf_counter()
    await asyncio.gather(*[work() for _ in range(callers)])
    elapsed = time.perf_counter() - begin
    times.sort()
    return _Rate(
        events / elapsed, times[len(times) // 2] * 1000, times[len(times) * 99 // 100] * 1000
    )


async def _tree(url: str, tenant: Account) -> tuple[str, str]:
    """Budgets of the account, a group, a team of it and a person of that; budget and person."""
    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow(
            "SELECT m.user_id, t.id, t.group_id FROM copilot.account_memberships m"
            " JOIN copilot.teams t ON t.id = m.team_id WHERE m.account_id = $1 LIMIT 1",
            tenant.id,
        )
        if row is None:
            raise LookupError("The data has nobody in a team.")
        parent = await connection.fetchval(_BUDGETS, tenant.id, "account", uuid4(), None)
        await connection.execute(_SCOPED, parent, tenant.id)
        for level, scope in (("group", row[2]), ("team", row[1]), ("user", row[0])):
            parent = await connection.fetchval(_BUDGETS, tenant.id, level, scope, parent)
        return str(parent), str(row[0])
    finally:
        await connection.close()


class _Client:
    """Reports usage as one of the account's own."""

    def __init__(self, local: Local, tenant: Account, person: str) -> None:
        self._local = local
        self._tenant = tenant
        self._person = person
        self._numbers = itertools.count()

    def usage(self) -> dict[str, Any]:
        number = next(self._numbers)
        return {
            "idempotencyKey": f"event-{number}",
            "scope": {"type": "USER", "id": self._person},
            "credits": 1,
            "modelName": f"model-{number % 5}",
            "agentId": f"agent-{number % 20}",
            "requestId": f"request-{number}",
            "promptTokens": 100,
            "completionTokens": 200,
        }

    async def _ask(self, text: str, given: dict[str, Any]) -> Any:
        response = await self._local.ask(self._tenant.token, text, {"input": given})
        if response.errors or response.data is None:
            raise RuntimeError(f"Usage was not recorded: {response.errors}")
        (payload,) = response.data.values()
        if payload["userErrors"]:
            raise RuntimeError(f"Usage was refused: {payload['userErrors'][:1]}")
        return payload

    async def one(self) -> int:
        """Book one event."""
        await self._ask(_ONE, {"usage": self.usage()})
        return 1

    async def many(self) -> int:
        """Book five hundred."""
        await self._ask(_MANY, {"usages": [self.usage() for _ in range(500)]})
        return 500


async def _over_http(
    port: int, tenant: Account, client: _Client, callers: int, seconds: float
) -> _Rate:
    """`recordUsage` from so many connections to a server of its own."""
    connector = aiohttp.TCPConnector(limit=callers)
    headers = {"authorization": f"Bearer {tenant.token}"}
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

        async def call() -> int:
            body = {"query": _ONE, "variables": {"input": {"usage": client.usage()}}}
            url = f"http://127.0.0.1:{port}/graphql"
            async with session.post(url, json=body) as response:
                answer = await response.json()
            if answer["data"]["recordUsage"]["userErrors"]:
                raise RuntimeError("Usage was refused.")
            return 1

        await call()
        return await _measure(call, callers, seconds)


async def _bare(url: str, budget: str, callers: int, seconds: float) -> _Rate:
    """The UPDATE without anything around it, on as many connections."""
    pool = await asyncpg.create_pool(url, min_size=callers, max_size=callers)

    async def call() -> int:
        await pool.execute(
            "UPDATE copilot.credit_budget SET used = used + 1 WHERE id = $1::text::uuid"
            " AND used < limit_amount",
            budget,
        )
        return 1

    try:
        return await _measure(call, callers, seconds)
    finally:
        await pool.close()


async def _run(url: str, callers: int, seconds: float) -> None:
    tenant = accounts(1)[0]
    budget, person = await _tree(url, tenant)
    bare = await _bare(url, budget, callers, seconds)
    async with open_local(url) as local:
        client = _Client(local, tenant, person)
        await client.one()
        one = await _measure(client.one, callers, seconds)
        many = await _measure(client.many, 2, seconds)
    with serving("gateway", url) as server:
        http = await _over_http(server.port, tenant, client, callers, seconds)
    print("| what | events/s | p50 ms | p99 ms | of the bare UPDATE |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, rate in (
        ("UPDATE", bare),
        ("recordUsage", one),
        ("recordUsages of 500", many),
        ("recordUsage over HTTP", http),
    ):
        share = rate.per_second / bare.per_second
        print(
            f"| {name} | {rate.per_second:,.0f} | {rate.p50:.1f} | {rate.p99:.1f} | {share:.2f} |"
        )


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.usage", description=__doc__)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=8.0)
    asked = parser.parse_args(arguments)
    print(f"{machine()}, {asked.connections} callers, {asked.seconds:g} s each\n")
    with database(1, DIRECTORY) as (url, _):
        uvloop.run(_run(url, asked.connections, asked.seconds))


if __name__ == "__main__":
    main(sys.argv[1:])

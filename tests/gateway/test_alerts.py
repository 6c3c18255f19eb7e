"""What is booked in one process is told to who listens to another, over every way events take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.gateway.harness import Client
from tests.gateway.streaming import connected, sse
from tests.gateway.test_app import OPERATOR, account, bearer, gateway

ALERTS = "subscription { budgetAlerts { level usagePercent budget { scope { id } used } } }"
ADA = bearer("ada@meridian.example")


async def write(client: Client, mutation: str, **input: Any) -> None:
    type_ = f"{mutation[0].upper()}{mutation[1:]}Input"
    query = (
        f"mutation($input: {type_}!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}"
    )
    answer = await client.post(
        query, parameters={"variables": {"input": input}}, headers=bearer(OPERATOR)
    )
    assert answer.body == {"data": {mutation: {"userErrors": []}}}


@asynccontextmanager
async def happening(client: Client, id: str) -> AsyncIterator[None]:
    """Alerts of an account again and again: the limit of what was used goes down and up."""
    await write(client, "setAccountAllocation", accountId=id, allocated=100)
    scope = {"type": "ACCOUNT", "id": id}
    usage = {"idempotencyKey": "k", "scope": scope, "credits": 40}
    await write(client, "recordUsage", accountId=id, usage=usage)

    async def again() -> None:
        while True:
            await write(client, "setAccountAllocation", accountId=id, limit=50)
            await write(client, "setAccountAllocation", accountId=id, limit=100)

    task = asyncio.create_task(again())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_an_alert_reaches_who_listens_to_another_process(database_url: str) -> None:
    async with gateway(database_url) as here, gateway(database_url) as there:
        id = await account(here)
        async with sse(there, ALERTS, headers=ADA) as stream, happening(here, id):
            name, body = await stream.next()
        told = {"level": "WARNING", "usagePercent": 80.0}
        told["budget"] = {"scope": {"id": id}, "used": 40}
        assert (name, body) == ("next", {"data": {"budgetAlerts": told}})
        async with connected(there, headers=ADA) as socket:
            await socket.subscribe("a", ALERTS)
            async with happening(here, id):
                assert (await socket.next())["payload"] == {"data": {"budgetAlerts": told}}


async def test_behind_a_pooler_without_a_direct_address_there_are_no_events(
    database_url: str,
) -> None:
    async with gateway(database_url, pgbouncer=True) as client:
        await account(client)
        async with sse(client, ALERTS, headers=ADA) as stream:
            name, body = await stream.next()
            assert (name, body["errors"][0]["extensions"]["code"]) == ("next", "INTERNAL")
            assert await stream.next() == ("complete", None)

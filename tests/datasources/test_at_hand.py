"""Connections between two statements, on a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import asyncpg
import pytest
from sqlalchemy import text

from datasources.at_hand import AtHand
from datasources.base import Statement
from datasources.connection import Connection
from datasources.database import Pool, PoolOptions
from datasources.errors import DatabaseUnavailable

_BACKEND = Statement(text("SELECT pg_backend_pid() AS pid"))
_SLEEP = Statement(text("SELECT pg_sleep(30)"))
_NAP = Statement(text("SELECT pg_backend_pid() AS pid, pg_sleep(0.05)"))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def connections(database_url: str) -> AsyncIterator[list[Connection]]:
    pool = asyncpg.create_pool(database_url, min_size=2, max_size=2, connection_class=Connection)
    async with pool:
        taken = [await pool.acquire() for _ in range(2)]
        yield [cast("Connection", each) for each in taken]
        for each in taken:
            await pool.release(each)


async def backend(pool: Pool, statement: Statement = _BACKEND) -> int:
    row = await pool.fetchrow(statement)
    assert row is not None
    return int(row["pid"])


async def test_the_one_used_last_is_taken_first(connections: list[Connection]) -> None:
    at_hand = AtHand()
    for each in connections:
        at_hand.put(each)
    assert at_hand.take() == (connections[1], [])
    assert at_hand.take() == (connections[0], [])
    assert at_hand.take() == (None, [])


async def test_what_nobody_used_for_long_is_ended(connections: list[Connection]) -> None:
    clock = Clock()
    at_hand = AtHand(clock)
    at_hand.put(connections[0])
    clock.now = 200
    at_hand.put(connections[1])
    clock.now = 300
    assert at_hand.take() == (connections[1], [])
    assert at_hand.take() == (None, [connections[0]])
    assert not await usable(connections[0])


async def usable(connection: Connection) -> bool:
    try:
        return bool(await connection.fetchval("SELECT true"))
    except asyncpg.InterfaceError:
        return False


async def test_statements_that_follow_each_other_share_a_connection(pool: Pool) -> None:
    assert len({await backend(pool) for _ in range(5)}) == 1


async def test_a_cancelled_statement_leaves_no_connection_behind(database_url: str) -> None:
    pool = await Pool.open(database_url, PoolOptions(max_size=1))
    before = await backend(pool)
    sleeping = asyncio.ensure_future(pool.fetch(_SLEEP))
    _, waiting = await asyncio.wait({sleeping}, timeout=0.1)
    assert waiting
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    assert await asyncio.wait_for(backend(pool), 5) == before
    await pool.close()


async def test_whoever_waits_gets_the_next_connection(database_url: str) -> None:
    pool = await Pool.open(database_url, PoolOptions(max_size=2))
    backends = await asyncio.gather(*[backend(pool, _NAP) for _ in range(10)])
    assert len(set(backends)) == 2
    await pool.close()


async def test_a_pool_that_closes_waits_for_what_is_in_use(database_url: str) -> None:
    pool = await Pool.open(database_url, PoolOptions(max_size=2))
    await backend(pool)
    used = asyncio.ensure_future(backend(pool, _NAP))
    await asyncio.wait({used}, timeout=0.01)
    await asyncio.wait_for(pool.close(), 5)
    assert await used
    with pytest.raises(DatabaseUnavailable):
        await backend(pool)

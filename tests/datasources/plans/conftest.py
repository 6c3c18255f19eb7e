"""The crowd: one database a run, which its processes share and only read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from datasources.codecs import set_codecs
from datasources.database import PLANNING, Pool
from datasources.demo import load
from datasources.demo.tenants import TENANTS
from tests.conftest import DatabaseServer
from tests.datasources.plans.crowd import crowd

LARGE = max(TENANTS, key=lambda tenant: tenant.size).id


@pytest.fixture(scope="session")
def crowded_url(database_server: DatabaseServer, database_template: str) -> str:
    """URL of the demo tenants among many others."""
    name = f"cockpit_{database_server.run}_crowd"
    with database_server.making(name) as is_missing:
        if is_missing:
            url = database_server.clone(database_template)
            asyncio.run(_fill(url))
            database_server.rename(url, name)
    return database_server.url_of(name)


async def _fill(url: str) -> None:
    pool = await Pool.open(url)
    try:
        await load(pool, datetime.now(UTC))
    finally:
        await pool.close()
    connection = await asyncpg.connect(url)
    try:
        await crowd(connection)
    finally:
        await connection.close()


@pytest.fixture
async def crowded(crowded_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(crowded_url, server_settings=PLANNING)
    await set_codecs(connection)
    yield connection
    await connection.close()


@pytest.fixture
def large() -> str:
    """Id of the largest demo tenant."""
    return LARGE

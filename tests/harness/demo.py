"""The demo tenants in a database of their own, for tests that only read them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from datasources.database import Pool
from datasources.demo import DemoAccount, DemoSummary, load
from tests.conftest import DatabaseServer

__all__ = ["NOW", "Demo", "demo", "load_demo", "loaded"]

NOW = datetime(2026, 3, 17, 10, 30, tzinfo=UTC)


class Demo(NamedTuple):
    """The demo data in a database that its tests only read."""

    pool: Pool
    summary: DemoSummary

    @property
    def ids(self) -> list[str]:
        return [account.id for account in self.summary.accounts]

    @property
    def first(self) -> DemoAccount:
        return self.summary.accounts[0]


@pytest.fixture(scope="session")
def loaded(
    database_server: DatabaseServer, database_template: str
) -> Iterator[tuple[str, DemoSummary]]:
    url = database_server.clone(database_template)
    yield url, asyncio.run(load_demo(url))
    database_server.drop(url)


async def load_demo(url: str) -> DemoSummary:
    """Load the demo tenants, as of `NOW`."""
    pool = await Pool.open(url)
    try:
        return await load(pool, NOW)
    finally:
        await pool.close()


@pytest.fixture
async def demo(loaded: tuple[str, DemoSummary]) -> AsyncIterator[Demo]:
    url, summary = loaded
    pool = await Pool.open(url)
    yield Demo(pool, summary)
    await pool.close()

"""The benchmarks' data, in a small edition."""

from __future__ import annotations

import pytest

from bench.data import Account, accounts, fill


@pytest.fixture
async def filled_database_url(database_url: str) -> str:
    await fill(database_url, 2)
    return database_url


@pytest.fixture
def tenants() -> list[Account]:
    return accounts(2)

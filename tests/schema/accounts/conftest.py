from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from datasources.database import Pool
from datasources.tables import accounts
from schema.accounts import ACCOUNTS
from tests.harness.module import ModuleGraph
from tests.harness.rows import add


@pytest.fixture
async def graph(pool: Pool) -> ModuleGraph:
    """The accounts module on a database with two accounts, acme and beta."""
    await add(pool, accounts, account_id="acme", account_name="Acme", domain="acme.test")
    await add(pool, accounts, account_id="beta", account_name="Beta", domain="beta.test")
    return ModuleGraph(ACCOUNTS, pool)


@pytest.fixture
async def own_pool(cloned_database_url: str) -> AsyncIterator[Pool]:
    """A pool on a database whose tables a test may change."""
    opened = await Pool.open(cloned_database_url)
    yield opened
    await opened.close()

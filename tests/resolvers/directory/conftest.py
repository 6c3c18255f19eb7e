from __future__ import annotations

import pytest

from datasources.database import Pool
from schema.directory import DIRECTORY
from tests.harness.module import ModuleGraph
from tests.harness.sql import run


@pytest.fixture
async def graph(pool: Pool) -> ModuleGraph:
    """The directory module over two accounts that exist and are otherwise empty."""
    for account in ("a", "b"):
        await run(
            pool,
            'INSERT INTO "Alchemi_AccountTable" (account_id, account_name) VALUES ($1, $1)',
            account,
        )
    return ModuleGraph(DIRECTORY, pool)

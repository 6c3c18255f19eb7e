from __future__ import annotations

import pytest

from datasources.database import Pool
from tests.harness.access import fill_access
from tests.harness.graph import Graph
from tests.harness.subscriptions import Office


@pytest.fixture
async def office(pool: Pool) -> Office:
    await fill_access(pool)
    return Office(Graph(pool))

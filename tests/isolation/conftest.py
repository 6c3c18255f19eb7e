"""The whole graph on a database with two accounts, with and without row-level security."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from datasources.database import Pool, PoolOptions
from datasources.migrations.row_level_security import ROLE
from tests.harness.graph import Graph
from tests.isolation.tenants import fill


@pytest.fixture(params=[None, ROLE], ids=["predicates", "row-level security"])
async def graph(
    request: pytest.FixtureRequest, database_url: str, pool: Pool
) -> AsyncIterator[Graph]:
    """Both accounts filled; once asked by the owner of the tables, once by the fenced role."""
    await fill(pool)
    asked = await Pool.open(database_url, PoolOptions(min_size=1, max_size=8, role=request.param))
    graph = Graph(asked)
    yield graph
    await graph.aclose()
    await asked.close()

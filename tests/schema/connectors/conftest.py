from __future__ import annotations

import pytest

from datasources.database import Pool
from tests.harness.access import fill_access
from tests.harness.connectors import Connectors
from tests.harness.graph import Graph


@pytest.fixture
async def connectors(pool: Pool) -> Connectors:
    """Ann is in Red of North and in Blue of South, of an account without policies."""
    await fill_access(pool)
    return Connectors(Graph(pool), pool)

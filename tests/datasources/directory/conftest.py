from __future__ import annotations

import pytest

from datasources.database import Pool
from tests.harness.directory import fill_copilot, fill_identity


@pytest.fixture
async def filled(pool: Pool) -> Pool:
    """Both directories of two accounts; see the harness for who is in them."""
    await fill_copilot(pool)
    await fill_identity(pool)
    return pool

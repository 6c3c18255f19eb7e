from __future__ import annotations

import pytest

from datasources.database import Pool
from schema.directory import DIRECTORY
from tests.harness.directory import fill_copilot, fill_identity
from tests.harness.module import ModuleGraph


@pytest.fixture
async def directory(pool: Pool) -> ModuleGraph:
    """The directory module over two accounts whose directories are filled."""
    await fill_copilot(pool)
    await fill_identity(pool)
    return ModuleGraph(DIRECTORY, pool)

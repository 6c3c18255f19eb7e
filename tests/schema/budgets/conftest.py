from __future__ import annotations

import pytest

from datasources.database import Pool
from schema.budgets import BUDGETS
from tests.harness.budgets import fill_budgets
from tests.harness.module import ModuleGraph


@pytest.fixture
async def budgets(pool: Pool) -> ModuleGraph:
    """The budgets module over an account with a tree of budgets."""
    await fill_budgets(pool)
    return ModuleGraph(BUDGETS, pool)

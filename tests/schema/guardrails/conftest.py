"""The whole graph over an account with people in groups and teams, and another one."""

from __future__ import annotations

import pytest

from datasources.database import Pool
from tests.harness.access import fill_access
from tests.harness.graph import Graph
from tests.harness.guardrails import Guardrails


@pytest.fixture
async def guardrails(pool: Pool) -> Guardrails:
    await fill_access(pool)
    return Guardrails(Graph(pool), pool)

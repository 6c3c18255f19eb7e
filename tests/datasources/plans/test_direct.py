"""How PostgreSQL reads what one statement answers over several modules, among many tenants."""

from __future__ import annotations

import asyncpg
import pytest

from auth.scopes import SCOPES
from datasources.base import Statement
from datasources.database import Pool, PoolOptions
from tests.datasources.plans.explaining import Explaining
from tests.datasources.plans.test_lists import read_whole, tenant_tables
from tests.harness.callers import person
from tests.harness.graph import Graph, supergraph
from tests.schema.test_direct import GROUPS, OWNERS, fields, is_written_at_once

__all__ = ["tenant_tables"]

SMALL = {
    "account_limits": "an account has one row",
    "LiteLLM_ProxyModelTable": "the router has some hundred models",
}
"""Tables that may be read row by row, and why."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def test_no_field_reads_the_whole_table_of_all_tenants(
    crowded_url: str, crowded: asyncpg.Connection, large: str, tenant_tables: frozenset[str]
) -> None:
    seen: list[Statement] = []
    pool = await Pool.open(crowded_url, PoolOptions(max_size=4, on_statement=seen.append))
    graph, explaining = Graph(pool), Explaining(crowded)
    caller, whole, direct = person(large, scopes=SCOPES), {}, 0
    operations = [*fields(supergraph().api_schema, large), ("groups", GROUPS), ("owners", OWNERS)]
    for name, text in operations:
        seen.clear()
        response = await graph.ask(caller, text)
        if response.errors or not is_written_at_once(graph.engine, text):
            continue
        direct += 1
        plans = [await explaining.plan(statement) for statement in seen]
        if found := read_whole(plans, tenant_tables - SMALL.keys()):
            whole[name] = found
    await pool.close()
    assert whole == {}
    assert direct > 250

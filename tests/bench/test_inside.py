from __future__ import annotations

from functools import partial

import pytest

from bench.costs import costs
from bench.data import Account
from bench.local import open_local
from bench.queries import QUERIES, Query
from bench.queries.nested import NESTED
from bench.shares import profile


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
async def test_a_query_costs_so_many_statements(
    filled_database_url: str, tenants: list[Account], query: Query
) -> None:
    async with open_local(filled_database_url) as local:
        await local.data(tenants[0].token, query.text)
        before = local.pool.statements
        await local.data(tenants[0].token, query.text)
        assert local.pool.statements - before == query.statements


async def test_every_step_takes_time(filled_database_url: str, tenants: list[Account]) -> None:
    async with open_local(filled_database_url) as local:
        measured = await costs(local, tenants[0].token, most=1)
    assert len({cost.what for cost in measured}) == len(measured) == 6 + 3 * len(QUERIES)
    assert all(cost.seconds > 0 and cost.repetitions == 1 for cost in measured)


async def test_shares_of_an_operation_name_its_packages_and_sum_to_one(
    filled_database_url: str, tenants: list[Account]
) -> None:
    async with open_local(filled_database_url) as local:
        found = await profile("nested", partial(local.data, tenants[0].token, NESTED.text), 0.5)
    assert sum(found.shares.values()) == pytest.approx(1)
    assert found.shares["graphql"] > 0
    assert found.shares.get("bench", 0) < 0.2, "what measures is hardly seen"

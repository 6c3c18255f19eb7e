"""A breakdown is one statement over the sums, by their index, however long the ledger is."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
import pytest

from auth.caller import ActorKind, Caller
from datasources.budgets.breakdown import Breakdown, BreakdownKey
from datasources.codecs import set_codecs
from datasources.database import Pool
from tests.harness.sql import run

MONTH = BreakdownKey("a", "", datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
CALLER = Caller(kind=ActorKind.USER, id="u", name="U", account_id="a")
_SUMS = "1, 1, 0, 0, 1, 10, 10"
_FILL = (
    "INSERT INTO gateway.usage_by_dimension SELECT a, d, date '2026-01-01' + day, 'v' || n, '',"
    f" {_SUMS} FROM unnest(ARRAY['a', 'b', 'c']) a, unnest(ARRAY['MODEL', 'AGENT', 'USER']) d,"
    " generate_series(0, 120) day, generate_series(1, 20) n",
    "INSERT INTO gateway.usage_by_day SELECT a, date '2026-01-01' + day, 'd' || n, '{}', 'CHARGE',"
    " 'SPLIT', 'u' || n, 't', 'g', 'agent', 'm' || n % 5, NULL, NULL, 'llm', NULL, '',"
    f" {_SUMS} FROM unnest(ARRAY['a', 'b', 'c']) a, generate_series(0, 120) day,"
    " generate_series(1, 60) n",
    "INSERT INTO gateway.usage_ledger (account_id, kind, outcome, budget_id, chain, credits,"
    " overflow_credits, thread_id, occurred_at, recorded_by) SELECT a, 'CHARGE', 'WITHIN_LIMIT',"
    " gen_random_uuid(), '{}', 1, 0, 't' || n, timestamptz '2026-01-01' + day * interval '1 day',"
    " 'test' FROM unnest(ARRAY['a', 'b', 'c']) a, generate_series(0, 120) day,"
    " generate_series(1, 20) n",
)


@pytest.fixture
async def explained(database_url: str, pool: Pool) -> asyncpg.Connection:
    """A connection on which plans are made as in production, with sums to plan for."""
    for statement in _FILL:
        await run(pool, statement)
    await run(
        pool, "ANALYZE gateway.usage_by_dimension, gateway.usage_by_day, gateway.usage_ledger"
    )
    connection = await asyncpg.connect(database_url)
    await set_codecs(connection)
    return connection


@pytest.mark.parametrize(
    ("breakdown", "index"),
    [
        (Breakdown(("MODEL",), 25), "usage_by_dimension_pkey"),
        (Breakdown(("DAY", "AGENT"), 25), "usage_by_dimension_pkey"),
        (Breakdown(("AGENT", "MODEL"), 25), "usage_by_day_pkey"),
        (Breakdown(("MODEL",), 25, (("tools", ("llm",)),)), "usage_by_day_pkey"),
        (Breakdown(("MODEL",), 25, (("thread_id", "t"),)), "usage_ledger_account_id_occurred_at"),
    ],
)
async def test_a_breakdown_goes_by_the_index(
    explained: asyncpg.Connection, breakdown: Breakdown, index: str
) -> None:
    statement = breakdown._statement(CALLER, [MONTH])
    values = breakdown._values([MONTH]) | {"caller_account": "a"}
    try:
        rows = await explained.fetch(f"EXPLAIN {statement.text}", *statement.arguments(values))
    finally:
        await explained.close()
    plan = "\n".join(row[0] for row in rows)
    assert index in plan
    assert ("usage_ledger" in plan) == ("ledger" in index)


async def test_a_breakdown_is_one_statement_however_many_are_asked_for(
    pool: Pool, explained: asyncpg.Connection
) -> None:
    await explained.close()
    before = pool.statements
    keys = [MONTH, MONTH._replace(account_id="b")]
    mine, theirs = await Breakdown(("MODEL",), 3)(pool, CALLER, keys)

    assert pool.statements == before + 1
    assert mine.sums.credits == 31 * 20
    assert [part.sums.credits for part in mine.parts] == [31] * 3
    assert (theirs.sums.credits, theirs.parts) == (0, [])

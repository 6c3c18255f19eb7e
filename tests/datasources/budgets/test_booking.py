"""What is written under a key is found by the key, however long the ledger is."""

from __future__ import annotations

import asyncpg

from auth.caller import ActorKind, Caller
from datasources.budgets.writes import booking
from datasources.codecs import set_codecs
from datasources.database import Pool
from tests.harness.sql import run

CALLER = Caller(kind=ActorKind.USER, id="u", name="U", account_id="a")
_FILL = (
    "INSERT INTO gateway.usage_ledger (account_id, idempotency_key, input_digest, kind, outcome,"
    " budget_id, chain, credits, overflow_credits, occurred_at, recorded_by) SELECT a, 'k' || n,"
    " a || n, 'CHARGE', 'WITHIN_LIMIT', gen_random_uuid(), '{}', 1, 0, now(), 'test'"
    " FROM unnest(ARRAY['a', 'b']) a, generate_series(1, 20000) n"
)
KEYS = [f"k{number}" for number in range(0, 100_000, 199)]


async def test_lines_are_found_by_their_keys_in_their_own_account(pool: Pool) -> None:
    await run(pool, _FILL)

    found = await booking.lines_by_key(pool, CALLER, ["k1", "unknown", "k20000", "k1"])

    assert {key: line.digest for key, line in found.items()} == {"k1": "a1", "k20000": "a20000"}


async def test_no_line_is_read_that_has_none_of_the_keys(database_url: str, pool: Pool) -> None:
    await run(pool, _FILL)
    connection = await asyncpg.connect(database_url)
    statement = booking._BY_KEY
    arguments = statement.arguments({"keys": KEYS, "caller_account": "a"})
    try:
        await set_codecs(connection)
        for analysed in (False, True):
            if analysed:
                await connection.execute("ANALYZE gateway.usage_ledger")
            rows = await connection.fetch(f"EXPLAIN ANALYZE {statement.text}", *arguments)
            plan = "\n".join(row[0] for row in rows)
            assert "usage_ledger_account_id_idempotency_key_key" in plan
            assert "Rows Removed" not in plan
    finally:
        await connection.close()

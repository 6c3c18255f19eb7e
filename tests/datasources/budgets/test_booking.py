"""What is written under a key is found by the key, however long the ledger is."""

from __future__ import annotations

from auth.caller import ActorKind, Caller
from datasources.budgets.writes import booking
from datasources.budgets.writes.locking import lock_account
from datasources.database import Pool
from tests.harness.sql import look, run

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


async def test_no_line_is_read_that_has_none_of_the_keys(pool: Pool) -> None:
    """Not even by a plan that was made before there were any lines, and is kept."""
    for fill in ("", _FILL, "ANALYZE gateway.usage_ledger"):
        if fill:
            await run(pool, fill)
        async with pool.transaction() as database:
            await lock_account(database, CALLER)
            statement = booking._BY_KEY
            arguments = statement.arguments({"keys": KEYS, "caller_account": "a"})
            for how in ("GENERIC_PLAN", "ANALYZE"):
                rows = await look(database, f"EXPLAIN ({how}) {statement.text}", *arguments)
                plan = "\n".join(row[0] for row in rows)
                assert "usage_ledger_account_id_idempotency_key_key" in plan, how
                assert "Rows Removed" not in plan

"""Results that an older release kept are answered to whoever repeats their key after an upgrade."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import orjson

from datasources.database import Pool
from tests.harness.access import fill_access
from tests.harness.directory import ACME
from tests.harness.graph import Graph
from tests.harness.sql import look, run
from tests.harness.subscriptions import Office

_ADDED = 2
"""Columns that quotas have since: their subscription and their end."""


async def test_a_result_without_the_columns_added_since_is_answered(pool: Pool) -> None:
    await fill_access(pool)
    office = Office(Graph(pool))
    given: dict[str, Any] = {
        "accountId": ACME,
        "quota": {"included": "5"},
        "idempotencyKey": "event",
    }
    first = await office.write("createQuota", "quota { id included isActive }", **given)
    secrets = office.graph.services.secrets
    ((stored,),) = await look(pool, "SELECT response FROM gateway.idempotency_keys")
    plain = secrets.open(stored["key_id"], b64decode(stored["ciphertext"]), purpose="idempotency")
    (quota,) = orjson.loads(plain)
    older = orjson.dumps([quota[:-_ADDED]])
    key_id, sealed = secrets.seal(older, purpose="idempotency")
    kept = {"key_id": key_id, "ciphertext": b64encode(sealed).decode()}
    await run(pool, "UPDATE gateway.idempotency_keys SET response = $1", kept)
    assert await office.write("createQuota", "quota { id included isActive }", **given) == first

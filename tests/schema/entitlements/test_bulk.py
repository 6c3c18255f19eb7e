"""Entitlements of many accounts at once: tried, carried out, recorded account by account."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from datasources.database import Pool
from tests.harness.access import fill_access
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, BETA, add_account
from tests.harness.graph import Graph
from tests.harness.sql import look, run

SET = """mutation ($input: BulkSetEntitlementsInput!) { bulkSetEntitlements(input: $input) {
  operation { id kind isDryRun matchedCount changedCount skippedCount accountCount selection values
    accountId items { nodes { targetId outcome reason } } }
  userErrors { code path } } }"""
GAMMA = "gamma"
SEATS = {"featureCode": "agents", "source": "ADDON", "config": {"seats": 5}}
NO_SSO = {"featureCode": "sso", "isEnabled": False}


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill_access(pool)
    await add_account(pool, GAMMA, "gamma.test")
    return Graph(pool)


async def bulk(graph: Graph, *entitlements: Any, **input: Any) -> Any:
    given = {"entitlements": list(entitlements), **input}
    answer = await graph.ask(super_admin(), SET, input=given)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["bulkSetEntitlements"]


def outcomes(answer: Any) -> dict[str, str]:
    return {item["targetId"]: item["outcome"] for item in answer["operation"]["items"]["nodes"]}


async def stored(pool: Pool) -> list[Any]:
    return await look(
        pool,
        "SELECT account_id, feature_code, source, is_enabled, config, updated_by"
        " FROM gateway.entitlements ORDER BY 1, 2",
    )


async def test_it_says_what_it_would_do_and_does_it(graph: Graph, pool: Pool) -> None:
    named = [ACME, BETA, "nobody"]
    trial = await bulk(graph, SEATS, NO_SSO, accountIds=named, dryRun=True)
    assert outcomes(trial) == {ACME: "MATCHED", BETA: "MATCHED", "nobody": "SKIPPED"}
    assert await stored(pool) == []
    assert await look(pool, "SELECT FROM copilot.audit_log") == []
    done = (await bulk(graph, SEATS, NO_SSO, accountIds=named))["operation"]
    assert (done["kind"], done["accountId"]) == ("SET_ENTITLEMENTS", None)
    assert done["selection"] == {"accountIds": named}
    assert done["values"]["entitlements"][0] == {
        "featureCode": "agents",
        "source": "ADDON",
        "isEnabled": True,
        "configured": ["seats"],
    }
    counts = ("matchedCount", "changedCount", "skippedCount", "accountCount")
    assert [done[count] for count in counts] == [3, 2, 1, 2]
    root = super_admin().id
    assert await stored(pool) == [
        row
        for id in (ACME, BETA)
        for row in (
            (id, "agents", "ADDON", True, {"seats": 5}, root),
            (id, "sso", "SUPER_ADMIN", False, {}, root),
        )
    ]
    told = await look(
        pool, "SELECT account_id, action, details ->> 'operation' FROM copilot.audit_log ORDER BY 1"
    )
    assert told == [(ACME, "bulk_set", done["id"]), (BETA, "bulk_set", done["id"])]


async def test_what_is_that_way_already_is_left_alone_and_what_is_not_said_stays(
    graph: Graph, pool: Pool
) -> None:
    await bulk(graph, SEATS, accountIds=[ACME])
    before = await look(pool, "SELECT valid_from, updated_at FROM gateway.entitlements")
    again = await bulk(graph, SEATS, filter={"search": "a"})
    assert outcomes(again) == {ACME: "SKIPPED", BETA: "CHANGED", GAMMA: "CHANGED"}
    kept = await look(
        pool,
        "SELECT valid_from, updated_at FROM gateway.entitlements WHERE account_id = $1",
        ACME,
    )
    assert kept == before
    off = {"featureCode": "agents", "source": "ADDON", "isEnabled": False}
    assert outcomes(await bulk(graph, off, accountIds=[ACME])) == {ACME: "CHANGED"}
    rows = await stored(pool)
    assert [row[3:5] for row in rows if row[0] == ACME] == [(False, {"seats": 5})]


async def test_one_that_has_not_begun_is_set_to_begin_now(graph: Graph, pool: Pool) -> None:
    await bulk(graph, SEATS, accountIds=[ACME])
    await run(pool, "UPDATE gateway.entitlements SET valid_from = now() + interval '1 day'")
    assert outcomes(await bulk(graph, SEATS, accountIds=[ACME])) == {ACME: "CHANGED"}
    assert await look(pool, "SELECT valid_from <= now() FROM gateway.entitlements") == [(True,)]


async def test_many_at_once_store_each_once(graph: Graph, pool: Pool) -> None:
    one = ([SEATS, NO_SSO], [ACME, BETA, GAMMA])
    other = ([NO_SSO, SEATS], [GAMMA, BETA, ACME])
    answers = await asyncio.gather(
        *[bulk(graph, *wishes, accountIds=ids) for wishes, ids in (one, other) * 4]
    )
    assert [answer["userErrors"] for answer in answers] == [[]] * 8
    assert len(await stored(pool)) == 6
    told = await look(pool, "SELECT account_id FROM copilot.audit_log ORDER BY 1")
    assert told == [(ACME,), (BETA,), (GAMMA,)]


_CHANGE = "UPDATE gateway.access_versions SET version = version WHERE account_id = $1"
_WAITING = """SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""


async def test_what_waits_for_another_that_waits_for_it_is_done_again(
    graph: Graph, pool: Pool
) -> None:
    """Versions change when a transaction commits, in the order of what changed."""
    await bulk(graph, NO_SSO, accountIds=[ACME, BETA])
    async with pool.transaction() as other:
        await run(other, _CHANGE, BETA)
        setting = asyncio.ensure_future(bulk(graph, SEATS, accountIds=[ACME, BETA]))
        while not await look(pool, _WAITING):
            assert not setting.done()
        await run(other, _CHANGE, ACME)
    assert outcomes(await setting) == {ACME: "CHANGED", BETA: "CHANGED"}
    assert [row[:2] for row in await stored(pool) if row[1] == "agents"] == [
        (ACME, "agents"),
        (BETA, "agents"),
    ]
    told = await look(pool, "SELECT account_id FROM copilot.audit_log ORDER BY 1")
    assert told == [(ACME,), (ACME,), (BETA,), (BETA,)]


async def test_a_repeated_key_answers_with_the_first_operation(graph: Graph) -> None:
    given = {"accountIds": [ACME], "idempotencyKey": "once"}
    first = await bulk(graph, SEATS, **given)
    again = await bulk(graph, SEATS, **given)
    assert outcomes(again) == {ACME: "CHANGED"}
    assert again["operation"]["id"] == first["operation"]["id"]


@pytest.mark.parametrize(
    ("wishes", "input", "code"),
    [
        ([], {"accountIds": [ACME]}, "INVALID"),
        ([SEATS, SEATS], {"accountIds": [ACME]}, "INVALID"),
        ([SEATS], {}, "EMPTY_SELECTION"),
        ([{"featureCode": "teleport"}], {"accountIds": [ACME]}, "NOT_FOUND"),
        ([{**SEATS, "config": [1]}], {"accountIds": [ACME]}, "INVALID"),
        ([{**SEATS, "validUntilAt": "2020-01-01T00:00:00Z"}], {"accountIds": [ACME]}, "INVALID"),
    ],
)
async def test_what_makes_no_sense_changes_nothing(
    pool: Pool, wishes: Any, input: Any, code: str
) -> None:
    await fill_access(pool)
    answer = await bulk(Graph(pool), *wishes, **input)
    assert [error["code"] for error in answer["userErrors"]] == [code]
    assert await stored(pool) == []

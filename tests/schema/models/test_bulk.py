"""Model access of many accounts at once: tried, carried out, recorded account by account."""

from __future__ import annotations

from typing import Any

import pytest

from datasources.access_tables import model_catalog, model_lists
from datasources.database import Pool
from tests.harness.access import ADMIN, fill_access, set_metadata
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, BETA, add_account, id_of
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.harness.sql import look, run

SET = """mutation ($input: BulkSetAccountModelsInput!) { bulkSetAccountModels(input: $input) {
  operation { id kind isDryRun matchedCount changedCount skippedCount accountCount selection values
    accountId items { nodes { targetId outcome reason account { id } } } }
  userErrors { code path } } }"""
MODES = """query ($id: ID!) { account(id: $id) { modelSelection {
  grantMode grantedCount mode selectedCount defaultModels { name } } } }"""
GAMMA = "gamma"


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    return await filled(pool)


async def filled(pool: Pool) -> Graph:
    """Three accounts and three models."""
    await fill_access(pool)
    await add_account(pool, GAMMA, "gamma.test")
    for name in "abc":
        await add(pool, model_catalog, id=id_of(name), model_name=name)
    return Graph(pool)


async def bulk(graph: Graph, **input: Any) -> Any:
    answer = await graph.ask(super_admin(), SET, input={"mode": "LIST", **input})
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["bulkSetAccountModels"]


async def selection(graph: Graph, account_id: str) -> Any:
    answer = await graph.ask(super_admin(), MODES, id=account_id)
    assert answer.data is not None
    return answer.data["account"]["modelSelection"]


def outcomes(answer: Any) -> dict[str, str]:
    return {item["targetId"]: item["outcome"] for item in answer["operation"]["items"]["nodes"]}


async def test_it_says_what_it_would_do_and_does_it(graph: Graph, pool: Pool) -> None:
    given = {"accountIds": [ACME, BETA, "nobody"], "modelIds": [id_of("a"), id_of("b")]}
    trial = await bulk(graph, **given, dryRun=True)
    assert outcomes(trial) == {ACME: "MATCHED", BETA: "MATCHED", "nobody": "SKIPPED"}
    assert trial["operation"]["changedCount"] == 0
    assert (await selection(graph, ACME))["grantMode"] == "ALL"
    assert await look(pool, "SELECT FROM copilot.audit_log") == []
    done = (await bulk(graph, **given))["operation"]
    assert done["kind"] == "SET_ACCOUNT_MODELS"
    assert done["accountId"] is None
    assert done["selection"] == {"accountIds": given["accountIds"]}
    assert done["values"] == {"layer": "GRANT", "mode": "LIST", "models": ["a", "b"]}
    counts = ("matchedCount", "changedCount", "skippedCount", "accountCount")
    assert [done[count] for count in counts] == [3, 2, 1, 2]
    assert [item["account"] for item in done["items"]["nodes"]] == [
        {"id": ACME},
        {"id": BETA},
        None,
    ]
    assert (await selection(graph, BETA))["grantedCount"] == 2
    assert (await selection(graph, GAMMA))["grantMode"] == "ALL"
    events = await look(
        pool, "SELECT account_id, action, details FROM copilot.audit_log ORDER BY 1"
    )
    # The names stand in the operation, once for all accounts.
    details = {"layer": "GRANT", "mode": "LIST", "model_count": 2, "operation": done["id"]}
    assert events == [(id, "bulk_update", details) for id in (ACME, BETA)]
    again = await bulk(graph, **given)
    assert set(outcomes(again).values()) == {"SKIPPED"}


async def test_a_selection_keeps_to_each_account_s_grant_and_its_defaults(
    graph: Graph, pool: Pool
) -> None:
    await set_metadata(pool, {"entitlements": {"copilot_model_super_allowlist": ["a"]}})
    listed = {"account_id": BETA, "layer": "SELECTION", "mode": "ALL", "names": []}
    await add(pool, model_lists, defaults=["b"], **listed)
    answer = await bulk(
        graph, layer="SELECTION", modelIds=[id_of("a"), id_of("b")], filter={"search": "test"}
    )
    assert outcomes(answer) == {ACME: "SKIPPED", BETA: "CHANGED", GAMMA: "CHANGED"}
    reasons = [item["reason"] for item in answer["operation"]["items"]["nodes"]]
    assert reasons == ["b is not granted to the account.", None, None]
    assert (await selection(graph, BETA))["defaultModels"] == [{"name": "b"}]
    assert (await selection(graph, ACME))["mode"] == "ALL"


async def test_accounts_are_found_by_how_their_grant_is_meant(graph: Graph, pool: Pool) -> None:
    await bulk(graph, accountIds=[BETA], modelIds=[])
    assert (await selection(graph, BETA))["grantedCount"] == 0
    answer = await bulk(graph, mode="ALL", filter={"modelModes": ["LIST"]})
    assert outcomes(answer) == {BETA: "CHANGED"}
    answer = await bulk(
        graph,
        mode="ALL",
        filter={"modelModes": ["LIST"], "createdAt": {"from": "2020-01-01T00:00:00Z"}},
    )
    assert outcomes(answer) == {}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"modelIds": []}, ("EMPTY_SELECTION", "accountIds")),
        ({"accountIds": [], "filter": {}, "modelIds": []}, ("EMPTY_SELECTION", "accountIds")),
        ({"accountIds": [ACME]}, ("REQUIRED", "modelIds")),
        ({"accountIds": [ACME], "mode": "ALL", "modelIds": [id_of("a")]}, ("INVALID", "modelIds")),
        ({"accountIds": [ACME], "modelIds": [id_of("x")]}, ("NOT_FOUND", "modelIds")),
    ],
)
async def test_what_it_cannot_be_asked(
    graph: Graph, pool: Pool, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    (error,) = (await bulk(graph, **given))["userErrors"]
    assert (error["code"], error["path"][-1]) == expected
    assert await look(pool, "SELECT FROM gateway.bulk_operations") == []


async def test_what_fails_for_one_account_changes_none(cloned_database_url: str) -> None:
    pool = await Pool.open(cloned_database_url)
    try:
        graph = await filled(pool)
        refused = f"ALTER TABLE copilot.audit_log ADD CHECK (account_id <> '{BETA}') NOT VALID"
        await run(pool, refused)
        given = {"accountIds": [ACME, BETA], "modelIds": [id_of("a")], "mode": "LIST"}
        answer = await graph.ask(super_admin(), SET, input=given)
        assert [error.extensions["code"] for error in answer.errors] == ["INTERNAL"]
        for account_id in (ACME, BETA):
            assert (await selection(graph, account_id))["grantMode"] == "ALL"
        assert await look(pool, "SELECT FROM gateway.bulk_operations") == []
    finally:
        await pool.close()


async def test_it_is_the_operators_alone(graph: Graph) -> None:
    refused = await graph.ask(ADMIN, SET, input={"accountIds": [ACME], "mode": "ALL"})
    assert {error.extensions["code"] for error in refused.errors} == {"FORBIDDEN"}

"""What the cockpit's older services get wrong about entitlements, and this one does not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from datasources.database import Pool
from tests.harness.access import ADMIN, fill_access, say_features, set_metadata
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, add_identity_team, add_identity_user, id_of
from tests.harness.graph import Graph
from tests.harness.sql import look, run

CHAIN = """
query ($scope: ScopeInput) { account { effectiveAccess(scope: $scope) {
  chain { type id } feature(code: "agents.create") { isEnabled } } } }
"""


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill_access(pool)
    return Graph(pool)


async def write(graph: Graph, name: str, **input: Any) -> list[str]:
    """The codes of the user errors of a super admin's write."""
    type_ = name[0].upper() + name[1:]
    text = (
        f"mutation ($input: {type_}Input!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
    )
    answer = await graph.ask(super_admin(), text, input={"accountId": ACME, **input})
    assert answer.errors == ()
    assert answer.data is not None
    return [error["code"] for error in answer.data[name]["userErrors"]]


async def access(graph: Graph, type_: str, id: str) -> Any:
    answer = await graph.ask(ADMIN, CHAIN, scope={"type": type_, "id": id})
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["account"]["effectiveAccess"]


def ids(found: Any, type_: str) -> set[str]:
    return {scope["id"] for scope in found["chain"] if scope["type"] == type_}


async def test_what_a_super_admin_changes_is_told_with_who_did_it(graph: Graph, pool: Pool) -> None:
    assert await write(graph, "setAccountLimits", maxTeams=9) == []
    off = {"featureCode": "agents", "isEnabled": False}
    assert await write(graph, "setEntitlements", entitlements=[off]) == []
    rows = await look(
        pool,
        "SELECT resource_type, action, account_id, actor_email FROM copilot.audit_log"
        " WHERE event_type = 'copilot_entitlement' ORDER BY 1 DESC",
    )
    root = super_admin().email
    assert rows == [
        ("entitlement", "set", ACME, root),
        ("account_limits", "update", ACME, root),
    ]


async def test_writes_at_once_lose_nothing_and_leave_the_document_alone(
    graph: Graph, pool: Pool
) -> None:
    document = {"smtp_config": {"host": "mail"}, "entitlements": {"features": {"sso_config": True}}}
    await set_metadata(pool, document)
    features = ("agents", "models", "connectors", "budgets", "sso", "guardrails")
    done = await asyncio.gather(
        write(graph, "setAccountLimits", maxTeams=3),
        write(graph, "setAccountLimits", maxKeys=4),
        *[
            write(graph, "setEntitlements", entitlements=[{"featureCode": code}])
            for code in features
        ],
    )
    assert done == [[]] * 8
    limits = await look(pool, "SELECT max_teams, max_keys FROM gateway.account_limits")
    assert limits == [(3, 4)]
    stored = await look(pool, "SELECT feature_code FROM gateway.entitlements ORDER BY 1")
    assert [row[0] for row in stored] == sorted(features)
    kept = await look(
        pool, 'SELECT metadata FROM "Alchemi_AccountTable" WHERE account_id = $1', ACME
    )
    assert kept == [(document,)]


async def test_features_that_do_not_exist_are_refused_and_a_limit_can_be_unset(
    graph: Graph, pool: Pool
) -> None:
    unknown = [{"featureCode": "teleport"}]
    assert await write(graph, "setEntitlements", entitlements=unknown) == ["NOT_FOUND"]
    assert await write(graph, "setAccountLimits", maxTeams=9) == []
    assert await write(graph, "setAccountLimits", maxTeams=None) == []
    assert await look(pool, "SELECT max_teams FROM gateway.account_limits") == [(None,)]


async def test_a_team_of_the_identity_provider_is_found_by_any_id(graph: Graph, pool: Pool) -> None:
    await add_identity_team(pool, ACME, "team 7/core")
    await say_directory_team(pool, "team 7/core")
    found = await access(graph, "TEAM", "team 7/core")
    assert ids(found, "TEAM") == {"team 7/core"}
    assert found["feature"]["isEnabled"] is False


async def test_a_membership_without_a_team_does_not_hide_the_other_directory(
    graph: Graph, pool: Pool
) -> None:
    await add_identity_team(pool, ACME, "t-core")
    await add_identity_user(
        pool, ACME, "ada-elsewhere", user_email="ADA@acme.test", teams=["t-core"]
    )
    await run(pool, "UPDATE copilot.users SET email = 'ada@acme.test' WHERE id = $1", id_of("Ada"))
    await say_directory_team(pool, "t-core")
    found = await access(graph, "USER", id_of("Ada"))  # an administrator in no team
    assert ids(found, "TEAM") == {"t-core"}
    assert found["feature"]["isEnabled"] is False


async def say_directory_team(pool: Pool, team: str) -> None:
    """A policy of a team that only the identity provider knows."""
    await run(
        pool,
        "INSERT INTO copilot.feature_flag_policies (account_id, scope_type, scope_id, flags)"
        " VALUES ($1, 'team', $2, '{\"can_create_agents\": false}')",
        ACME,
        team,
    )


@pytest.mark.parametrize(
    ("table", "left"),
    [("gateway.team_memberships", {id_of("Red")}), ("copilot.account_memberships", set())],
)
async def test_a_team_that_somebody_has_left_counts_no_more(
    graph: Graph, pool: Pool, table: str, left: set[str]
) -> None:
    """Nor do any of theirs when they have left the account."""
    await run(pool, f"UPDATE {table} SET is_active = false WHERE user_id = $1", id_of("Ann"))
    found = await access(graph, "USER", id_of("Ann"))
    assert ids(found, "TEAM") == left


async def test_every_team_counts_whatever_their_order(graph: Graph, pool: Pool) -> None:
    await say_features(pool, "Red", can_create_agents=False)
    assert (await access(graph, "USER", id_of("Ann")))["feature"]["isEnabled"] is True
    await say_features(pool, "Blue", can_create_agents=False)
    found = await access(graph, "USER", id_of("Ann"))
    assert ids(found, "TEAM") == {id_of("Red"), id_of("Blue")}
    assert found["feature"]["isEnabled"] is False

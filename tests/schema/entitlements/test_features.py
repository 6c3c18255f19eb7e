"""Which features a scope has: entitlements are the ceiling, policies decide below it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth.caller import Role
from auth.policy import FEATURE_KEYS
from datasources.access_tables import entitlements
from datasources.database import Pool
from datasources.features import Stored, entitled_features, features_of_accounts
from tests.harness.access import ADMIN, ANN, fill_access, place, say_features, set_metadata
from tests.harness.callers import person, super_admin
from tests.harness.directory import ACME, BETA, id_of
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.harness.sql import look

ASK = """
query ($id: ID, $scope: ScopeInput) { account(id: $id) { effectiveAccess(scope: $scope) {
  id roles scope { type id } chain { type id }
  features { isEnabled config feature { key code }
    resolution { decidedBy { source policyId effect scope { type id } } steps { isDeciding } } }
} } }
"""
SET = """
mutation ($input: SetFeaturePolicyInput!) { setFeaturePolicy(input: $input) {
  policy { id flags { isEnabled feature { code } } notes scope { id } }
  effective { feature(code: "agents.create") { isEnabled } }
  userErrors { code path }
} }
"""
ENTITLE = """
mutation ($input: SetEntitlementsInput!) { setEntitlements(input: $input) {
  entitlements { id source isEnabled isCurrent feature { code } updatedBy { name } }
  userErrors { code path }
} }
"""


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill_access(pool)
    return Graph(pool)


async def access(graph: Graph, name: str, caller: Any = ADMIN) -> Any:
    answer = await graph.ask(caller, ASK, scope=place(name))
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["account"]["effectiveAccess"]


async def states(graph: Graph, name: str) -> dict[str, bool]:
    found = await access(graph, name)
    return {one["feature"]["key"]: one["isEnabled"] for one in found["features"]}


async def test_everything_is_on_by_default_and_says_so(graph: Graph) -> None:
    found = await access(graph, "Ann")
    assert [one["isEnabled"] for one in found["features"]] == [True] * len(FEATURE_KEYS)
    assert {one["resolution"]["decidedBy"]["source"] for one in found["features"]} == {"DEFAULT"}
    assert found["roles"] == ["MEMBER"]


async def test_the_chain_holds_every_team_and_group_of_a_person(graph: Graph) -> None:
    found = await access(graph, "Ann")
    chain = [(scope["type"], scope["id"]) for scope in found["chain"]]
    teams = sorted([id_of("Red"), id_of("Blue")])
    groups = sorted([id_of("North"), id_of("South")])
    assert chain == [
        ("USER", id_of("Ann")),
        *[("TEAM", id) for id in teams],
        *[("GROUP", id) for id in groups],
        ("ACCOUNT", ACME),
    ]


async def test_the_worked_example_of_layers(graph: Graph, pool: Pool) -> None:
    await set_metadata(
        pool,
        {
            "entitlements": {
                "features": {
                    "copilot_connections": "false",
                    "can_access_models": True,
                    "model_management": False,
                }
            }
        },
    )
    await say_features(pool, ACME, can_generate_images=False)
    await say_features(pool, "Red", can_create_connections_mcp=True, can_generate_images="on")
    await say_features(pool, "Ann", can_generate_images=None, can_create_agents=0)
    found = await states(graph, "Ann")
    assert found["CONNECTORS"] is False
    assert found["CREATE_MCP_CONNECTORS"] is False  # a team brings back nothing that is withheld
    assert found["ACCESS_MODELS"] is False  # below MODEL_MANAGEMENT, which is withheld
    assert found["GENERATE_IMAGES"] is True  # the team replaces what the account said
    assert found["CREATE_AGENTS"] is False
    assert found["AGENTS"] is True


async def test_what_any_team_allows_is_allowed(graph: Graph, pool: Pool) -> None:
    await say_features(pool, "Red", can_create_agents=False, can_generate_images=False)
    await say_features(pool, "Blue", can_generate_images=False)
    found = await states(graph, "Ann")
    assert found["CREATE_AGENTS"] is True  # Blue says nothing, so it passes on what it got
    assert found["GENERATE_IMAGES"] is False
    assert (await states(graph, "Red"))["CREATE_AGENTS"] is False


async def test_the_scope_that_decided_is_named(graph: Graph, pool: Pool) -> None:
    await say_features(pool, "North", can_create_agents=False)
    found = await access(graph, "Red")
    (state,) = [one for one in found["features"] if one["feature"]["key"] == "CREATE_AGENTS"]
    decided = state["resolution"]["decidedBy"]
    assert (decided["source"], decided["scope"]) == ("POLICY", place("North"))
    assert sum(step["isDeciding"] for step in state["resolution"]["steps"]) == 1


async def test_members_ask_only_about_themselves_and_see_no_policy_ids(
    graph: Graph, pool: Pool
) -> None:
    await say_features(pool, "Red", can_create_agents=False)
    refused = await graph.ask(ANN, ASK, scope=place("Ada"))
    assert [error.extensions["code"] for error in refused.errors] == ["FORBIDDEN"]
    own = await graph.ask(ANN, "{ viewer { effectiveAccess { scope { id } chain { id } } } }")
    assert own.errors == ()
    assert own.data is not None
    assert own.data["viewer"]["effectiveAccess"]["scope"]["id"] == id_of("Ann")


async def test_a_member_whom_no_directory_knows_may_use_nothing(graph: Graph) -> None:
    text = "{ viewer { effectiveAccess { id models { isEnabled } features { isEnabled } } } }"
    response = await graph.ask(person(ACME, Role.MEMBER), text)
    assert response.errors == ()
    assert response.data == {"viewer": {"effectiveAccess": None}}


async def test_a_scope_of_another_account_reads_as_absent(graph: Graph) -> None:
    for scope in (place("Zoe"), {"type": "ACCOUNT", "id": BETA}, {"type": "TEAM", "id": "x"}):
        answer = await graph.ask(ADMIN, ASK, scope=scope)
        assert answer.errors == ()
        assert answer.data == {"account": {"effectiveAccess": None}}


# --- writing ------------------------------------------------------------------------------------


def flag(code: str, *, on: bool) -> dict[str, Any]:
    return {"featureCode": code, "isEnabled": on}


async def test_a_policy_replaces_the_one_before_and_the_next_call_sees_it(graph: Graph) -> None:
    for flags in ([flag("agents.create", on=False)], [flag("playground.images", on=False)]):
        written = await graph.ask(
            ADMIN, SET, input={"scope": place("Red"), "flags": flags, "notes": "n"}
        )
        assert written.errors == ()
        assert written.data is not None
        assert written.data["setFeaturePolicy"]["userErrors"] == []
    found = await states(graph, "Red")
    assert (found["CREATE_AGENTS"], found["GENERATE_IMAGES"]) == (True, False)
    assert written.data is not None
    policy = written.data["setFeaturePolicy"]["policy"]
    assert policy["flags"] == [{"isEnabled": False, "feature": {"code": "playground.images"}}]


@pytest.mark.parametrize(
    ("scope", "flags", "code"),
    [
        (place("Zoe"), [flag("agents", on=False)], "NOT_FOUND"),
        (place("Red"), [flag("nonsense", on=False)], "NOT_FOUND"),
        (place("Red"), [flag("sso", on=False)] * 2, "INVALID"),
        (place("Red"), [flag("connectors", on=True)], "NOT_ENTITLED"),
    ],
)
async def test_what_a_policy_cannot_say(
    graph: Graph, pool: Pool, scope: Any, flags: Any, code: str
) -> None:
    await set_metadata(pool, {"entitlements": {"features": {"copilot_connections": False}}})
    answer = await graph.ask(ADMIN, SET, input={"scope": scope, "flags": flags})
    assert answer.data is not None
    assert [one["code"] for one in answer.data["setFeaturePolicy"]["userErrors"]] == [code]
    assert await look(pool, "SELECT FROM copilot.feature_flag_policies") == []


async def test_concurrent_first_writes_are_two_answers_and_one_row(
    graph: Graph, pool: Pool
) -> None:
    input = {"scope": place("Red"), "flags": [flag("agents.create", on=False)]}
    answers = await asyncio.gather(*[graph.ask(ADMIN, SET, input=input) for _ in range(6)])
    assert all(answer.errors == () for answer in answers)
    assert len(await look(pool, "SELECT FROM copilot.feature_flag_policies")) == 1


async def test_an_entitlement_withholds_for_the_account_and_everything_below(
    graph: Graph, pool: Pool
) -> None:
    await say_features(pool, "Ann", can_create_agents=True)
    input = {
        "accountId": ACME,
        "entitlements": [{"featureCode": "agents", "isEnabled": False, "config": {"seats": 5}}],
    }
    written = await graph.ask(super_admin(), ENTITLE, input=input)
    assert written.errors == ()
    assert written.data is not None
    (stored,) = written.data["setEntitlements"]["entitlements"]
    assert (stored["source"], stored["updatedBy"]) == (
        "SUPER_ADMIN",
        {"name": "root@platform.test"},
    )
    found = await states(graph, "Ann")
    assert (found["AGENTS"], found["CREATE_AGENTS"]) == (False, False)
    events = await look(pool, "SELECT account_id, action, actor_id FROM copilot.audit_log")
    assert events == [(ACME, "set", "root@platform.test")]
    (features,) = await features_of_accounts(pool, ADMIN, [ACME])
    assert FEATURE_KEYS - features == {"AGENTS", "CREATE_AGENTS"}


@pytest.mark.parametrize("name", [ACME, "North", "Red", "Ann"])
async def test_no_policy_of_any_scope_brings_back_what_is_withheld(
    graph: Graph, pool: Pool, name: str
) -> None:
    """As an older service stored it, which asked for no entitlement."""
    await say_features(pool, name, can_create_agents=True)
    off = {"featureCode": "agents.create", "isEnabled": False}
    input = {"accountId": ACME, "entitlements": [off]}
    written = await graph.ask(super_admin(), ENTITLE, input=input)
    assert written.errors == ()
    found = await access(graph, "Ann")
    (state,) = [one for one in found["features"] if one["feature"]["code"] == "agents.create"]
    assert state["isEnabled"] is False
    assert state["resolution"]["decidedBy"]["source"] == "ENTITLEMENT"


async def test_the_strongest_current_source_decides(graph: Graph, pool: Pool) -> None:
    now, day = datetime.now(UTC), timedelta(days=1)
    for source, on, config, begins, ends in (
        ("PLAN", False, {"lost": 1}, now - 9 * day, None),
        ("ADDON", True, {"seats": 5, "export": False}, now - 9 * day, None),
        ("TRIAL", True, {"export": True}, now - 9 * day, None),
        ("PROMOTION", False, {}, now - 9 * day, now - day),
        ("SUPER_ADMIN", False, {"seats": 9}, now + day, None),
    ):
        await add(
            pool,
            entitlements,
            account_id=ACME,
            feature_code="agents",
            source=source,
            is_enabled=on,
            config=config,
            valid_from=begins,
            valid_until=ends,
        )
    found = await access(graph, ACME)
    (agents,) = [one for one in found["features"] if one["feature"]["key"] == "AGENTS"]
    assert agents["isEnabled"] is True
    assert agents["config"] == {"seats": 5, "export": True}
    assert "TRIAL" in agents["resolution"]["decidedBy"]["effect"]
    (features,) = await features_of_accounts(pool, ADMIN, [ACME])
    assert "AGENTS" in features


@pytest.mark.parametrize(
    ("stored", "is_on"),
    [("false", False), ("Off", False), (0, False), ("nonsense", True), (1, True), (None, True)],
)
def test_switches_are_read_by_one_table(stored: object, is_on: bool) -> None:
    metadata = {"entitlements": {"features": {"copilot_agents": stored}}}
    found = entitled_features(Stored(metadata, [], [], [["agents", None, True]]))
    assert found == ({"AGENTS"} if is_on else set())


# --- gating -------------------------------------------------------------------------------------

SSO = """
mutation ($input: SetSsoConfigInput!) { setSsoConfig(input: $input) { userErrors { code } } }
"""


async def test_what_needs_a_feature_is_refused_without_it(graph: Graph) -> None:
    without = replace(ADMIN, features=FEATURE_KEYS - {"SSO"})
    input = {"provider": "GENERIC", "clientId": "c"}
    refused = await graph.ask(without, SSO, input=input)
    assert [error.extensions["code"] for error in refused.errors] == ["FORBIDDEN"]

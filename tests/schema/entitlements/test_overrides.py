"""Overrides: exceptions of super admins that no policy of an account lifts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from datasources.database import Pool
from datasources.features import features_of_accounts
from tests.harness.access import ADMIN, ANN, fill_access, place, say_features
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, BETA, id_of
from tests.harness.graph import Graph
from tests.harness.sql import look, run

SET = """
mutation ($input: SetAccessOverrideInput!) { setAccessOverride(input: $input) {
  override { id scope { type id } feature { code } effect disabledItems config reason isCurrent
    createdBy { name } }
  userErrors { code path }
} }
"""
DELETE = """
mutation ($input: DeleteAccessOverrideInput!) { deleteAccessOverride(input: $input) {
  deletedId userErrors { code } } }
"""
ASK = """
query ($id: ID, $scope: ScopeInput, $code: String!) { account(id: $id) {
  effectiveAccess(scope: $scope) { feature(code: $code) {
    isEnabled config disabledItems
    resolution { steps { source } decidedBy { source policyId effect scope { type id } } }
  } }
} }
"""
LIST = """
query ($id: ID, $filter: AccessOverrideFilter) { account(id: $id) {
  overrides(filter: $filter) { totalCount nodes { feature { code } } } } }
"""


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill_access(pool)
    return Graph(pool)


async def write(graph: Graph, scope: str, code: str, effect: str, **given: Any) -> Any:
    """What a super admin's override answers."""
    input = {
        "accountId": ACME,
        "scope": place(scope),
        "featureCode": code,
        "effect": effect,
        "reason": "why",
        **given,
    }
    answer = await graph.ask(super_admin(), SET, input=input)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["setAccessOverride"]


async def state(graph: Graph, scope: str, code: str) -> Any:
    answer = await graph.ask(ADMIN, ASK, scope=place(scope), code=code)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["account"]["effectiveAccess"]["feature"]


async def may_create_agents(graph: Graph, scope: str = "Ann") -> bool:
    is_enabled: bool = (await state(graph, scope, "agents.create"))["isEnabled"]
    return is_enabled


async def test_what_is_denied_is_off_whatever_policies_say_and_names_its_override(
    graph: Graph, pool: Pool
) -> None:
    await say_features(pool, "Ann", can_create_agents=True)
    stored = (await write(graph, "Red", "agents.create", "DENY"))["override"]
    found = await state(graph, "Ann", "agents.create")
    assert found["isEnabled"] is False
    decided = found["resolution"]["decidedBy"]
    assert (decided["source"], decided["policyId"]) == ("OVERRIDE", stored["id"])
    assert decided["scope"] == place("Red")
    assert await may_create_agents(graph, "Ada")


async def test_another_team_does_not_lift_what_one_is_denied(graph: Graph, pool: Pool) -> None:
    await say_features(pool, "Blue", can_create_agents=True)
    await write(graph, "Red", "agents.create", "DENY")
    assert not await may_create_agents(graph)


async def test_what_a_feature_is_denied_takes_what_is_below_along(graph: Graph) -> None:
    await write(graph, ACME, "agents", "DENY")
    found = await state(graph, "Ann", "agents.create")
    assert found["isEnabled"] is False
    assert "Agents, above it" in found["resolution"]["decidedBy"]["effect"]


async def test_a_restriction_switches_parts_off_in_every_scope_that_has_one(graph: Graph) -> None:
    await write(graph, ACME, "agents", "RESTRICT", disabledItems=["b", "agents.create"])
    await write(graph, "Red", "agents", "RESTRICT", disabledItems=["a", "b"])
    found = await state(graph, "Ann", "agents")
    assert (found["isEnabled"], found["disabledItems"]) == (True, ["a", "agents.create", "b"])
    part = await state(graph, "Ann", "agents.create")
    assert (part["isEnabled"], part["resolution"]["decidedBy"]["source"]) == (False, "OVERRIDE")


async def test_configuration_of_overrides_lies_over_entitlements_the_most_specific_last(
    graph: Graph, pool: Pool
) -> None:
    await run(
        pool,
        "INSERT INTO gateway.entitlements (account_id, feature_code, source, config)"
        """ VALUES ($1, 'agents', 'PLAN', '{"seats": 1, "export": true}')""",
        ACME,
    )
    await write(graph, "Ann", "agents", "CONFIGURE", config={"seats": 3})
    await write(graph, "North", "agents", "CONFIGURE", config={"seats": 2, "size": 2})
    found = await state(graph, "Ann", "agents")
    assert found["config"] == {"seats": 3, "export": True, "size": 2}
    assert [step["source"] for step in found["resolution"]["steps"]] == [
        "DEFAULT",
        "ENTITLEMENT",
        "OVERRIDE",
        "OVERRIDE",
    ]


async def test_an_account_denied_a_feature_is_not_entitled_to_it(graph: Graph, pool: Pool) -> None:
    await write(graph, ACME, "agents", "RESTRICT", disabledItems=["agents.create"])
    await write(graph, ACME, "sso", "DENY")
    await write(graph, "Red", "budgets", "DENY")
    (features,) = await features_of_accounts(pool, ADMIN, [ACME])
    assert {"SSO", "CREATE_AGENTS"}.isdisjoint(features)
    assert {"AGENTS", "BUDGETS"} <= features
    text = """mutation ($input: SetFeaturePolicyInput!) { setFeaturePolicy(input: $input) {
      userErrors { code } } }"""
    flags = [{"featureCode": "sso", "isEnabled": True}]
    refused = await graph.ask(ADMIN, text, input={"scope": place("Red"), "flags": flags})
    assert refused.data == {"setFeaturePolicy": {"userErrors": [{"code": "NOT_ENTITLED"}]}}


@pytest.mark.parametrize(
    ("scope", "said", "given", "expected"),
    [
        ("Zoe", ("agents", "DENY"), {}, "NOT_FOUND"),
        ("Red", ("teleport", "DENY"), {}, "NOT_FOUND"),
        ("Red", ("agents", "DENY"), {"reason": " "}, "REQUIRED"),
        ("Red", ("agents", "DENY"), {"disabledItems": ["a"]}, "INVALID"),
        ("Red", ("agents", "DENY"), {"config": {}}, "INVALID"),
        ("Red", ("agents", "RESTRICT"), {}, "REQUIRED"),
        ("Red", ("agents", "RESTRICT"), {"disabledItems": ["a", " "]}, "REQUIRED"),
        ("Red", ("agents", "RESTRICT"), {"disabledItems": [str(n) for n in range(201)]}, "INVALID"),
        ("Red", ("agents", "CONFIGURE"), {}, "REQUIRED"),
        ("Red", ("agents", "CONFIGURE"), {"config": [1]}, "INVALID"),
        ("Red", ("agents", "CONFIGURE"), {"config": {"a": "x" * 20_000}}, "INVALID"),
        ("Red", ("agents", "DENY"), {"validUntilAt": "2020-01-01T00:00:00Z"}, "INVALID"),
    ],
)
async def test_what_an_override_cannot_say(
    pool: Pool, scope: str, said: tuple[str, str], given: Any, expected: str
) -> None:
    await fill_access(pool)
    answer = await write(Graph(pool), scope, *said, **given)
    assert [error["code"] for error in answer["userErrors"]] == [expected]
    assert await look(pool, "SELECT FROM gateway.access_overrides") == []


async def test_one_counts_a_scope_and_feature_and_every_change_is_told(
    graph: Graph, pool: Pool
) -> None:
    answers = await asyncio.gather(
        *[write(graph, "Red", "agents", "DENY", reason=f"r{n}") for n in range(4)]
    )
    assert [answer["userErrors"] for answer in answers] == [[]] * 4
    (id,) = {answer["override"]["id"] for answer in answers}
    removed = await graph.ask(super_admin(), DELETE, input={"accountId": ACME, "id": id})
    assert removed.data == {"deleteAccessOverride": {"deletedId": id, "userErrors": []}}
    assert await may_create_agents(graph)
    again = await graph.ask(super_admin(), DELETE, input={"accountId": ACME, "id": id})
    assert again.data == {"deleteAccessOverride": {"deletedId": None, "userErrors": []}}
    told = await look(
        pool,
        "SELECT action, severity, account_id, actor_email FROM copilot.audit_log"
        " WHERE resource_type = 'access_override' ORDER BY action",
    )
    root = super_admin().email
    assert told == [
        ("create", "info", ACME, root),
        ("delete", "warning", ACME, root),
        *[("update", "info", ACME, root)] * 3,
    ]


async def test_one_that_is_over_is_listed_when_asked_for_and_decides_nothing(
    graph: Graph, pool: Pool
) -> None:
    await write(graph, "Red", "agents", "DENY")
    await write(graph, "Ann", "sso", "DENY")
    await run(
        pool,
        "UPDATE gateway.access_overrides SET valid_from = now() - interval '2 days',"
        " valid_until = now() - interval '1 day' WHERE feature_code = 'agents'",
    )
    assert await may_create_agents(graph)
    for filter, codes in (
        ({}, ["sso"]),
        ({"includeExpired": True}, ["sso", "agents"]),
        ({"includeExpired": True, "scopeTypes": ["TEAM"], "effects": ["DENY"]}, ["agents"]),
        ({"scopeIds": [id_of("Ann")], "featureCodes": ["agents"]}, []),
    ):
        found = await graph.ask(ADMIN, LIST, filter=filter)
        assert found.data is not None
        page = found.data["account"]["overrides"]
        assert [node["feature"]["code"] for node in page["nodes"]] == codes
        assert page["totalCount"] == len(codes)


async def test_one_that_begins_later_decides_nothing_yet(graph: Graph, pool: Pool) -> None:
    later = {"validFromAt": "2999-01-01T00:00:00Z"}
    for scope in ("Red", ACME):
        stored = (await write(graph, scope, "agents.create", "DENY", **later))["override"]
        assert stored["isCurrent"] is False
    assert await may_create_agents(graph)
    (features,) = await features_of_accounts(pool, ADMIN, [ACME])
    assert "CREATE_AGENTS" in features


async def test_one_of_a_scope_leaves_those_of_other_scopes(graph: Graph) -> None:
    ids = [
        (await write(graph, scope, "agents.create", "DENY"))["override"]["id"]
        for scope in ("Red", "Blue", "North", ACME)
    ]
    assert len(set(ids)) == 4


async def test_members_read_neither_policies_nor_overrides(graph: Graph, pool: Pool) -> None:
    await say_features(pool, "Ann", can_create_agents=False)
    await write(graph, "Ann", "agents", "DENY")
    for field in ("featurePolicies", "overrides"):
        refused = await graph.ask(ANN, f"{{ account {{ {field} {{ totalCount }} }} }}")
        assert [error.extensions["code"] for error in refused.errors] == ["FORBIDDEN"]
    text = """{ viewer { effectiveAccess { feature(code: "agents") {
      isEnabled resolution { decidedBy { source policyId } } } } } }"""
    own = await graph.ask(ANN, text)
    assert own.data is not None
    found = own.data["viewer"]["effectiveAccess"]["feature"]
    assert found["isEnabled"] is False
    assert found["resolution"]["decidedBy"] == {"source": "OVERRIDE", "policyId": None}


async def test_the_platform_sees_overrides_of_every_account(graph: Graph, pool: Pool) -> None:
    await write(graph, "Red", "agents", "DENY")
    await run(
        pool,
        "INSERT INTO gateway.access_overrides (account_id, scope_type, scope_id,"
        " feature_code, effect, reason) VALUES ($1, 'ACCOUNT', $1, 'sso', 'DENY', 'why')",
        BETA,
    )
    text = "{ platform { overrides { totalCount nodes { accountId account { id } } } } }"
    answer = await graph.ask(super_admin(), text)
    assert answer.data is not None
    accounts = {node["accountId"] for node in answer.data["platform"]["overrides"]["nodes"]}
    assert accounts == {ACME, BETA}

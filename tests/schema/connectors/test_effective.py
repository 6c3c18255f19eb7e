"""What a scope may do with connectors: the more specific says, and whoever allows allows."""

from __future__ import annotations

import pytest

from datasources.database import Pool
from tests.harness.access import ADMIN, ANN, place, say_features, set_metadata
from tests.harness.connectors import Connectors, say_connectors
from tests.harness.directory import ACME, id_of
from tests.harness.graph import Graph
from tests.harness.sql import run

USE_ONLY, OWN = "USE_ONLY", "SELF_MANAGED_ALLOWED"
MANAGED, SELF = "admin_managed_use_only", "self_managed_allowed"


async def test_without_policies_people_use_what_is_provided_and_create_nothing(
    connectors: Connectors,
) -> None:
    found = await connectors.access("Ann")
    assert list(found) == ["MCP", "OPENAPI", "INTEGRATION"]
    for one in found.values():
        assert (one["mode"], one["canUseAdminConnectors"], one["canCreate"]) == (
            USE_ONLY,
            True,
            False,
        )
        assert one["resolution"]["decidedBy"]["source"] == "DEFAULT"
        assert one["resolution"]["scope"] == place("Ann")
        assert len(one["resolution"]["chain"]) == 6


async def test_the_worked_example(connectors: Connectors) -> None:
    await connectors.say(ACME, mode=OWN)
    await connectors.say(ACME, type="MCP", mode=USE_ONLY)
    await connectors.say("Red", mode=OWN, canUseAdminConnectors=False)
    await connectors.say("Blue", type="OPENAPI", mode=USE_ONLY)
    left: dict[str, list[tuple[str, bool]]] = {}
    for name in (ACME, "North", "Red", "Blue", "Ann"):
        left[name] = [(await connectors.allowed(name, type))[:2] for type in ("MCP", "OPENAPI")]
    assert left == {
        ACME: [(USE_ONLY, True), (OWN, True)],
        "North": [(USE_ONLY, True), (OWN, True)],
        "Red": [(OWN, False), (OWN, False)],
        "Blue": [(USE_ONLY, True), (USE_ONLY, True)],
        "Ann": [(OWN, True), (OWN, True)],
    }
    await connectors.say("Ann", type="OPENAPI", mode=USE_ONLY)
    assert await connectors.allowed("Ann") == (OWN, True, True)
    assert await connectors.allowed("Ann", "OPENAPI") == (USE_ONLY, True, False)


async def test_policies_of_other_writers_say_everything(connectors: Connectors, pool: Pool) -> None:
    await run(pool, "UPDATE gateway.team_memberships SET is_active = false")  # Red alone
    await say_connectors(pool, ACME, permission_mode=SELF)
    await say_connectors(pool, ACME, "mcp", permission_mode=MANAGED)
    assert await connectors.allowed("North") == (USE_ONLY, True, False)
    assert await connectors.allowed("North", "OPENAPI") == (OWN, True, True)
    await say_connectors(pool, "Red", permission_mode=SELF, allow_use_admin_connections=False)
    await say_connectors(pool, "Ann", "openapi", permission_mode=MANAGED)
    assert await connectors.allowed("Ann") == (OWN, False, True)
    decided = (await connectors.access("Ann"))["MCP"]["resolution"]
    assert decided["decidedBy"]["scope"] == place("Red")
    assert [step["source"] for step in decided["steps"]] == ["DEFAULT", *["POLICY"] * 3]
    assert sum(step["isDeciding"] for step in decided["steps"]) == 1
    assert await connectors.allowed("Ann", "OPENAPI") == (USE_ONLY, True, False)


async def test_each_value_is_inherited_by_itself(connectors: Connectors) -> None:
    await connectors.say(ACME, mode=OWN, canUseAdminConnectors=False)
    await connectors.say("North", type="MCP", canUseAdminConnectors=True)
    await connectors.say("Red", mode=USE_ONLY)
    assert await connectors.allowed("North") == (OWN, True, True)
    assert await connectors.allowed("North", "OPENAPI") == (OWN, False, True)
    assert await connectors.allowed("Red") == (USE_ONLY, True, False)
    assert await connectors.allowed("Blue") == (OWN, False, True)


async def test_within_a_scope_the_policy_for_the_type_comes_first(connectors: Connectors) -> None:
    await connectors.say("Ann", type="MCP", mode=OWN)
    await connectors.say("Ann", mode=USE_ONLY, canUseAdminConnectors=False)
    assert await connectors.allowed("Ann") == (OWN, False, True)
    assert await connectors.allowed("Ann", "INTEGRATION") == (USE_ONLY, False, False)


async def test_all_teams_of_a_person_count_and_what_any_allows_is_allowed(
    connectors: Connectors,
) -> None:
    await connectors.say(ACME, mode=OWN, canUseAdminConnectors=False)
    await connectors.say("Red", mode=USE_ONLY, canUseAdminConnectors=True)
    # Blue says nothing and passes on what the account said.
    assert await connectors.allowed("Ann") == (OWN, True, True)
    await connectors.say("Blue", mode=USE_ONLY)
    assert await connectors.allowed("Ann") == (USE_ONLY, True, False)
    await connectors.say("South", mode=OWN)
    assert await connectors.allowed("Ann") == (USE_ONLY, True, False)
    await connectors.say("Blue", mode=OWN)
    assert await connectors.allowed("Ann") == (OWN, True, True)
    await connectors.say("Ann", mode=USE_ONLY, canUseAdminConnectors=False)
    assert await connectors.allowed("Ann") == (USE_ONLY, False, False)


async def test_who_decided_is_whose_words_stand(connectors: Connectors) -> None:
    await connectors.say(ACME, mode=OWN)
    await connectors.say("Red", mode=USE_ONLY)
    # Red's words do not stand: Blue passes on the account's.
    decided = (await connectors.access("Ann"))["MCP"]["resolution"]["decidedBy"]
    assert decided["scope"] == place(ACME)
    await connectors.say("Blue", type="OPENAPI", mode=OWN, canUseAdminConnectors=True)
    found = await connectors.access("Ann")
    assert found["MCP"]["resolution"]["decidedBy"]["scope"] == place(ACME)
    assert found["OPENAPI"]["resolution"]["decidedBy"] == {
        "source": "POLICY",
        "scope": place("Blue"),
        "effect": "A policy of this team for OpenAPI services: people use what administrators "
        "provide and may create their own.",
    }


async def test_a_policy_that_says_nothing_decides_nothing(connectors: Connectors) -> None:
    await connectors.say(ACME, mode=OWN)
    await connectors.say("Ann", notes="To be discussed")
    one = (await connectors.access("Ann"))["MCP"]
    assert one["mode"] == OWN
    assert one["resolution"]["decidedBy"]["scope"] == place(ACME)
    assert len(one["resolution"]["steps"]) == 2


async def test_nobody_creates_what_the_feature_of_the_type_withholds(
    connectors: Connectors, pool: Pool
) -> None:
    await connectors.say(ACME, mode=OWN)
    await say_features(pool, "Red", can_create_connections_mcp=False)
    await say_features(pool, "Blue", can_create_connections_mcp=False)
    found = await connectors.access("Ann")
    assert [(one["mode"], one["canCreate"]) for one in found.values()] == [
        (OWN, False),
        (OWN, True),
        (OWN, True),
    ]
    decided = found["MCP"]["resolution"]["decidedBy"]
    assert decided["effect"] == (
        "The feature Creating MCP connectors is off, so nobody creates their own."
    )
    assert decided["scope"] in (place("Red"), place("Blue"))


async def test_an_account_without_connectors_creates_none_whatever_its_policies_say(
    connectors: Connectors, pool: Pool
) -> None:
    await connectors.say("Ann", mode=OWN)
    await set_metadata(pool, {"entitlements": {"features": {"copilot_connections": False}}})
    await say_features(pool, "Ann", can_create_connections_mcp=True)
    found = await connectors.access("Ann")
    assert {one["canCreate"] for one in found.values()} == {False}
    assert {one["resolution"]["decidedBy"]["source"] for one in found.values()} == {"ENTITLEMENT"}


async def test_a_feature_the_catalogue_lost_lets_nobody_create(
    connectors: Connectors, pool: Pool
) -> None:
    await connectors.say(ACME, mode=OWN)
    await run(pool, "DELETE FROM gateway.features WHERE code = $1", "connectors.create_mcp")
    assert await connectors.allowed("Ann") == (OWN, True, False)
    assert await connectors.allowed("Ann", "OPENAPI") == (OWN, True, True)


async def test_members_see_what_they_themselves_may_and_no_ids_of_policies(
    connectors: Connectors,
) -> None:
    await connectors.say("Red", mode=OWN)
    found = await connectors.access("Ann", ANN)
    assert found == await connectors.access("Ann")
    ask = """query ($of: ScopeInput) { account { effectiveAccess(scope: $of) { connectors {
      mode resolution { decidedBy { policyId } } } } } }"""
    own = await connectors.graph.ask(ANN, ask, of=place("Ann"))
    assert own.data is not None
    assert {error.extensions["code"] for error in own.errors} == {"FORBIDDEN"}
    modes = own.data["account"]["effectiveAccess"]["connectors"]
    assert [(one["mode"], one["resolution"]["decidedBy"]["policyId"]) for one in modes] == [
        (OWN, None)
    ] * 3
    refused = await connectors.graph.ask(ANN, ask, of=place("Ada"))
    assert [error.extensions["code"] for error in refused.errors] == ["FORBIDDEN"]


@pytest.mark.parametrize("name", ["Zoe", "Nobody"])
async def test_a_scope_elsewhere_is_like_one_that_does_not_exist(
    connectors: Connectors, name: str
) -> None:
    ask = """query ($of: ScopeInput) { account { effectiveAccess(scope: $of) {
      connectors { mode } } } }"""
    answer = await connectors.graph.ask(ADMIN, ask, of={"type": "USER", "id": id_of(name)})
    assert answer.data == {"account": {"effectiveAccess": None}}
    assert answer.errors == ()


async def test_the_number_of_statements_does_not_grow(connectors: Connectors, pool: Pool) -> None:
    part = "{ connectors { type mode canCreate resolution { decidedBy { effect } } } }"
    many = " ".join(
        f"a{number}: effectiveAccess(scope: {{type: {place(name)['type']}, "
        f'id: "{place(name)["id"]}"}}) {part}'
        for number, name in enumerate(["Ann", "Ada", "Red", "Blue", "North", ACME])
    )
    one = many.partition(" a1:")[0]
    for fields in (one, many):
        await _statements(connectors.graph, pool, fields)  # its habits are known from then on
        anew = Graph(pool)
        # What decides, and the catalogue of features; then how the account stands.
        assert [await _statements(anew, pool, fields) for _ in range(2)] == [2, 1]


async def _statements(graph: Graph, pool: Pool, fields: str) -> int:
    before = pool.statements
    answer = await graph.ask(ADMIN, f"{{ account {{ {fields} }} }}")
    assert answer.errors == ()
    return pool.statements - before

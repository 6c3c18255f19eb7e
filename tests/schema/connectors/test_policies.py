"""Permission policies: one a scope and type, whole or not at all, and right for other readers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from auth.caller import ActorKind, Caller, Role
from auth.policy import FEATURE_KEYS
from datasources.database import Pool
from tests.harness.access import ADMIN, ANN, place, with_rights
from tests.harness.callers import super_admin
from tests.harness.connectors import Connectors, say_connectors, stored
from tests.harness.directory import ACME, BETA, id_of
from tests.harness.sql import look, run

USE_ONLY, OWN = "USE_ONLY", "SELF_MANAGED_ALLOWED"
MANAGED, SELF = "admin_managed_use_only", "self_managed_allowed"

MACHINE = Caller(
    kind=ActorKind.SERVICE,
    id="alchemi",
    name="alchemi",
    account_id=ACME,
    roles=frozenset({Role.SERVICE}),
    scopes=frozenset({"connectors:read", "connectors:write"}),
    features=FEATURE_KEYS,
)


async def trail(pool: Pool) -> list[Any]:
    return await look(
        pool,
        "SELECT action, severity, resource_id, details FROM copilot.audit_log"
        " WHERE event_type = 'copilot_connection_permission_policy' ORDER BY created_at, id",
    )


async def test_a_policy_is_stored_replaced_and_told(connectors: Connectors, pool: Pool) -> None:
    first = await connectors.say("Red", type="MCP", mode=OWN, notes=" Why ")
    assert first == {
        "id": first["id"],
        "scope": place("Red"),
        "type": "MCP",
        "mode": OWN,
        "canUseAdminConnectors": None,
        "notes": "Why",
        "updatedBy": {"name": first["updatedBy"]["name"]},
    }
    again = await connectors.say("Red", type="MCP", canUseAdminConnectors=False)
    assert again["id"] == first["id"]
    assert (again["mode"], again["canUseAdminConnectors"], again["notes"]) == (None, False, None)
    created, updated = await trail(pool)
    assert created[:3] == ("create", "info", first["id"])
    assert created[3]["before"] is None
    assert updated[3]["before"] == created[3]["after"]
    assert updated[3]["after"] == {
        "scope_type": "TEAM",
        "scope_id": place("Red")["id"],
        "connection_type": "mcp",
        "permission_mode": None,
        "allow_use_admin_connections": False,
        "notes": None,
    }


async def test_saying_the_same_again_changes_nothing(connectors: Connectors, pool: Pool) -> None:
    first = await connectors.say("Red", mode=OWN)
    ask = "SELECT updated_at FROM copilot.connection_permission_policies"
    before = await look(pool, ask)
    assert await connectors.say("Red", mode=OWN) == first
    assert await look(pool, ask) == before
    assert len(await trail(pool)) == 1


async def test_policies_of_a_scope_for_each_type_and_for_all_are_apart(
    connectors: Connectors, pool: Pool
) -> None:
    every = await connectors.say("Red", mode=OWN)
    mcp = await connectors.say("Red", type="MCP", mode=USE_ONLY)
    assert (every["type"], mcp["type"]) == (None, "MCP")
    assert await connectors.delete("Red", type="OPENAPI") is None
    assert await connectors.delete("Red") == every["id"]
    assert await connectors.delete("Red") is None
    assert await look(pool, "SELECT id::text FROM copilot.connection_permission_policies") == [
        (mcp["id"],)
    ]
    *_, removed = await trail(pool)
    assert removed[:3] == ("delete", "warning", every["id"])


@pytest.mark.parametrize("name", ["Zoe", "Nobody"])
async def test_a_scope_of_another_account_is_like_one_that_does_not_exist(
    connectors: Connectors, pool: Pool, name: str
) -> None:
    written = await connectors.write("setConnectorPolicy", scope=place(name), mode=OWN)
    assert written["policy"] is None
    assert written["userErrors"] == [{"code": "NOT_FOUND", "path": ["input", "scope", "id"]}]
    other = {"type": "ACCOUNT", "id": BETA}
    written = await connectors.write("setConnectorPolicy", scope=other, mode=OWN)
    assert [error["code"] for error in written["userErrors"]] == ["NOT_FOUND"]
    assert await look(pool, "SELECT 1 FROM copilot.connection_permission_policies") == []
    assert await trail(pool) == []


async def test_another_account_s_policy_is_neither_seen_nor_removed(
    connectors: Connectors, pool: Pool
) -> None:
    await connectors.say("Red", mode=OWN)
    zoe = with_rights(BETA, Role.ACCOUNT_ADMIN, id_of("Zoe"))
    removed = await connectors.write("deleteConnectorPolicy", zoe, scope=place("Red"))
    assert removed["deletedId"] is None
    answer = await connectors.graph.ask(zoe, "{ account { connectorPolicies { totalCount } } }")
    assert answer.data == {"account": {"connectorPolicies": {"totalCount": 0}}}
    assert len(await look(pool, "SELECT 1 FROM copilot.connection_permission_policies")) == 1


async def test_only_who_may_writes_policies(connectors: Connectors) -> None:
    asked: dict[str, Any] = {"scope": place("Red")}
    auditor = with_rights(ACME, Role.AUDITOR, id_of("Ada"))
    reader = replace(MACHINE, scopes=frozenset({"connectors:read"}))
    without = replace(ADMIN, features=FEATURE_KEYS - {"CONNECTORS"})
    for mutation in ("setConnectorPolicy", "deleteConnectorPolicy"):
        for caller in (ANN, auditor, reader, without):
            assert await connectors.codes(mutation, caller, **asked) == {"FORBIDDEN"}
    assert (await connectors.say("Red", caller=MACHINE, mode=OWN))["updatedBy"] is not None
    await connectors.write("setConnectorPolicy", super_admin(), accountId=ACME, **asked)
    foreign = {**asked, "accountId": BETA}
    assert await connectors.codes("setConnectorPolicy", ADMIN, **foreign) == {"FORBIDDEN"}


async def test_policies_are_listed_by_scope_and_those_of_a_type_with_those_of_all(
    connectors: Connectors,
) -> None:
    for name, type in (("Red", None), ("Red", "MCP"), (ACME, "OPENAPI"), ("Ann", "INTEGRATION")):
        await connectors.say(name, type=type, mode=OWN)

    async def listed(**filter: Any) -> list[Any]:
        ask = """query ($filter: ConnectorPolicyFilter) { account {
          connectorPolicies(filter: $filter) { totalCount nodes { scope { type } type } } } }"""
        answer = await connectors.graph.ask(ADMIN, ask, filter=filter)
        assert answer.data is not None
        found = answer.data["account"]["connectorPolicies"]
        assert found["totalCount"] == len(found["nodes"])
        return [(one["scope"]["type"], one["type"]) for one in found["nodes"]]

    assert await listed() == [
        ("ACCOUNT", "OPENAPI"),
        ("TEAM", None),
        ("TEAM", "MCP"),
        ("USER", "INTEGRATION"),
    ]
    assert await listed(types=["MCP"]) == [("TEAM", None), ("TEAM", "MCP")]
    assert await listed(types=["OPENAPI"]) == [("ACCOUNT", "OPENAPI"), ("TEAM", None)]
    assert await listed(scopeTypes=["USER", "ACCOUNT"]) == [
        ("ACCOUNT", "OPENAPI"),
        ("USER", "INTEGRATION"),
    ]
    assert await listed(scopeIds=[place("Red")["id"]], types=["MCP"]) == [
        ("TEAM", None),
        ("TEAM", "MCP"),
    ]


async def test_writers_at_the_same_time_lose_nothing(connectors: Connectors, pool: Pool) -> None:
    names = ["Red", "Blue", "North", "South", "Ann", "Ada"] * 3
    await asyncio.gather(
        *[connectors.say(name, mode=OWN, notes=f"{at}") for at, name in enumerate(names)]
    )
    assert len(await look(pool, "SELECT 1 FROM copilot.connection_permission_policies")) == 6
    assert len(await trail(pool)) == len(names)


# --- other readers and writers of the table -------------------------------------------------------


async def test_what_is_inherited_stands_in_the_table_for_others(
    connectors: Connectors, pool: Pool
) -> None:
    await connectors.say("North", canUseAdminConnectors=False)
    assert await stored(pool, "North") == (MANAGED, False)
    await connectors.say(ACME, mode=OWN)
    assert await stored(pool, "North") == (SELF, False)
    await connectors.say("Red", type="MCP", mode=USE_ONLY)
    assert await stored(pool, "Red", "mcp") == (MANAGED, False)
    await connectors.say("North", canUseAdminConnectors=True)
    assert await stored(pool, "Red", "mcp") == (MANAGED, True)
    await connectors.delete(ACME)
    assert await stored(pool, "North") == (MANAGED, True)
    assert (await connectors.access("North"))["MCP"]["mode"] == USE_ONLY


async def test_what_is_inherited_differently_for_types_is_told_as_the_strictest(
    connectors: Connectors, pool: Pool
) -> None:
    await connectors.say(ACME, type="MCP", mode=OWN)
    await connectors.say("North", canUseAdminConnectors=True)
    assert await stored(pool, "North") == (MANAGED, True)
    assert await connectors.allowed("North") == (OWN, True, True)
    await connectors.say(ACME, mode=OWN)
    assert await stored(pool, "North") == (SELF, True)


async def test_within_a_scope_a_type_inherits_of_all_types(
    connectors: Connectors, pool: Pool
) -> None:
    await connectors.say("Red", mode=OWN, canUseAdminConnectors=False)
    await connectors.say("Red", type="MCP", canUseAdminConnectors=True)
    assert await stored(pool, "Red", "mcp") == (SELF, True)
    assert await connectors.allowed("Red") == (OWN, True, True)


async def test_a_scope_that_is_gone_keeps_what_it_told(connectors: Connectors, pool: Pool) -> None:
    await connectors.say("Blue", canUseAdminConnectors=False)
    await run(pool, "DELETE FROM gateway.team_memberships")
    await run(pool, "DELETE FROM copilot.teams WHERE id = $1::text::uuid", id_of("Blue"))
    await connectors.say(ACME, mode=OWN)
    assert await stored(pool, "Blue") == (MANAGED, False)
    assert await connectors.delete("Blue") is not None


async def test_what_another_writer_says_is_all_said(connectors: Connectors, pool: Pool) -> None:
    await connectors.say(ACME, mode=OWN)
    await connectors.say("Red", canUseAdminConnectors=False)
    assert await stored(pool, "Red") == (SELF, False)
    await run(
        pool,
        "UPDATE copilot.connection_permission_policies SET permission_mode = $1,"
        " allow_use_admin_connections = true, updated_at = now() WHERE scope_type = 'team'",
        SELF,
    )
    await connectors.say(ACME, mode=USE_ONLY, canUseAdminConnectors=False)
    # It was said by name this time, so it is inherited no more.
    assert await stored(pool, "Red") == (SELF, True)
    assert await connectors.allowed("Red") == (OWN, True, True)


async def test_a_value_written_by_hand_counts_and_the_other_is_inherited_still(
    connectors: Connectors, pool: Pool
) -> None:
    await connectors.say("Red")
    await run(
        pool,
        "UPDATE copilot.connection_permission_policies SET permission_mode = $1"
        " WHERE scope_type = 'team'",
        SELF,
    )
    await connectors.say(ACME, canUseAdminConnectors=False)
    assert await connectors.allowed("Red") == (OWN, False, True)


async def test_a_policy_removed_by_another_writer_leaves_nothing(
    connectors: Connectors, pool: Pool
) -> None:
    await connectors.say("Red")
    await run(pool, "DELETE FROM copilot.connection_permission_policies")
    assert await look(pool, "SELECT 1 FROM gateway.connector_policy_details") == []
    await say_connectors(pool, "Red", permission_mode=SELF)
    assert await connectors.allowed("Red") == (OWN, True, True)

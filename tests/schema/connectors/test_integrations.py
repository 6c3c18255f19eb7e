"""The catalogue of integrations, and what accounts enable of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from auth.caller import Caller, Role
from auth.policy import FEATURE_KEYS
from datasources.connectors.tables import integrations
from datasources.database import Pool
from tests.harness.access import ADMIN, ANN, set_metadata, with_rights
from tests.harness.callers import super_admin
from tests.harness.connectors import Connectors
from tests.harness.directory import ACME, BETA, id_of
from tests.harness.rows import add
from tests.harness.sql import look

ENTRY = """id key provider name description toolkit authConfigId icon color isActive metadata
  enabledAccountCount createdBy { id }"""
ANSWERS = {
    "createIntegration": f"integration {{ {ENTRY} }}",
    "updateIntegration": f"integration {{ {ENTRY} }}",
    "deleteIntegration": "deletedId",
    "setEnabledIntegrations": "integrations { isEnabled accountId integration { key } }",
}
OPERATOR = super_admin()
NONE = "99999999-9999-4999-8999-999999999999"


async def write(
    connectors: Connectors, mutation: str, caller: Caller = OPERATOR, **input: Any
) -> Any:
    type_ = f"{mutation[0].upper()}{mutation[1:]}Input"
    text = f"""mutation ($of: {type_}!) {{ {mutation}(input: $of) {{
      {ANSWERS[mutation]} userErrors {{ code path }} }} }}"""
    response = await connectors.graph.ask(caller, text, of=input)
    assert response.errors == ()
    assert response.data is not None
    return response.data[mutation]


async def refused(connectors: Connectors, mutation: str, caller: Caller, **input: Any) -> set[Any]:
    type_ = f"{mutation[0].upper()}{mutation[1:]}Input"
    text = f"mutation ($of: {type_}!) {{ {mutation}(input: $of) {{ clientMutationId }} }}"
    response = await connectors.graph.ask(caller, text, of=input)
    return {error.extensions["code"] for error in response.errors}


async def enable(connectors: Connectors, *names: str, caller: Caller = ADMIN) -> list[str]:
    """The keys of what is enabled after it was set."""
    ids = [id_of(name) for name in names]
    written = await write(connectors, "setEnabledIntegrations", caller, integrationIds=ids)
    assert written["userErrors"] == []
    assert all(one["isEnabled"] for one in written["integrations"])
    return [one["integration"]["key"] for one in written["integrations"]]


async def seen(connectors: Connectors, caller: Caller = ADMIN, **filter: Any) -> dict[str, bool]:
    """What a caller sees of the catalogue, and whether it is enabled."""
    ask = """query ($filter: AccountIntegrationFilter) { account { integrations(filter: $filter) {
      totalCount nodes { isEnabled accountId integration { key } } } } }"""
    response = await connectors.graph.ask(caller, ask, filter=filter)
    assert response.errors == ()
    assert response.data is not None
    found = response.data["account"]["integrations"]
    assert found["totalCount"] == len(found["nodes"])
    assert {one["accountId"] for one in found["nodes"]} <= {caller.account_id}
    return {one["integration"]["key"]: one["isEnabled"] for one in found["nodes"]}


async def document(pool: Pool, account: str = ACME) -> Any:
    ask = 'SELECT metadata FROM "Alchemi_AccountTable" WHERE account_id = $1'
    ((found,),) = await look(pool, ask, account)
    return found


async def trail(pool: Pool) -> list[Any]:
    return await look(
        pool,
        "SELECT event_type, action, severity, account_id, details FROM copilot.audit_log"
        " ORDER BY created_at, id",
    )


@pytest.fixture
async def catalogue(connectors: Connectors, pool: Pool) -> Connectors:
    """Mail and chat are in use, fax is not."""
    for key, is_active in (("mail", True), ("chat", True), ("fax", False)):
        await add(
            pool,
            integrations,
            id=id_of(key),
            integration_key=key,
            name=key.title(),
            is_active=is_active,
        )
    return connectors


# --- the catalogue --------------------------------------------------------------------------------


async def test_an_entry_is_added_changed_and_removed(connectors: Connectors, pool: Pool) -> None:
    made = await write(
        connectors,
        "createIntegration",
        key=" Slack ",
        name="Slack",
        description="Posts to channels",
        authConfigId="ac_1",
        metadata={"docs": "https://docs.example"},
    )
    entry = made["integration"]
    assert made["userErrors"] == []
    assert entry == {
        "id": entry["id"],
        "key": "Slack",
        "provider": "composio",
        "name": "Slack",
        "description": "Posts to channels",
        "toolkit": None,
        "authConfigId": "ac_1",
        "icon": None,
        "color": None,
        "isActive": True,
        "metadata": {"docs": "https://docs.example"},
        "enabledAccountCount": 0,
        "createdBy": {"id": OPERATOR.id},
    }
    of: dict[str, Any] = {"id": entry["id"]}
    early = await write(connectors, "deleteIntegration", **of)
    assert [error["code"] for error in early["userErrors"]] == ["INVALID_STATE"]
    changed = await write(
        connectors, "updateIntegration", **of, isActive=False, metadata=None, description=None
    )
    assert changed["integration"] == entry | {
        "isActive": False,
        "metadata": None,
        "description": None,
    }
    again = await write(connectors, "updateIntegration", **of, isActive=False)
    assert again["integration"] == changed["integration"]
    assert (await write(connectors, "deleteIntegration", **of))["deletedId"] == entry["id"]
    gone = await write(connectors, "deleteIntegration", **of)
    assert gone["userErrors"] == [{"code": "NOT_FOUND", "path": ["input", "id"]}]
    created, disabled, removed = await trail(pool)
    assert created[:4] == ("copilot_integration_catalog", "create", "info", None)
    assert disabled[1:3] == ("disable", "warning")
    assert disabled[4]["before"] == {"description": "Posts to channels", "is_active": True}
    assert disabled[4]["unseen"] == ["metadata"]
    assert removed[1:3] == ("delete", "warning")
    assert "docs.example" not in str(await trail(pool))


@pytest.mark.parametrize(
    ("input", "code", "path"),
    [
        ({"key": "MAIL", "name": "x"}, "TAKEN", "key"),
        ({"key": " ", "name": "x"}, "REQUIRED", "key"),
        ({"key": "x", "name": " "}, "REQUIRED", "name"),
        ({"key": "x", "name": "x", "provider": ""}, "REQUIRED", "provider"),
        ({"key": "x", "name": "x", "provider": "x" * 65}, "INVALID", "provider"),
        ({"key": "x", "name": "x", "icon": "x" * 129}, "INVALID", "icon"),
        ({"key": "x", "name": "x", "metadata": ["x"]}, "INVALID", "metadata"),
    ],
)
async def test_what_makes_no_sense_changes_nothing(
    catalogue: Connectors, pool: Pool, input: dict[str, Any], code: str, path: str
) -> None:
    made = await write(catalogue, "createIntegration", **input)
    assert made["userErrors"] == [{"code": code, "path": ["input", path]}]
    changed = await write(catalogue, "updateIntegration", id=id_of("chat"), **input)
    assert changed["userErrors"] == [{"code": code, "path": ["input", path]}]
    assert await trail(pool) == []


async def test_only_operators_write_the_catalogue_and_see_all_of_it(catalogue: Connectors) -> None:
    for caller in (ADMIN, ANN):
        for mutation, input in (
            ("createIntegration", {"key": "x", "name": "x"}),
            ("updateIntegration", {"id": id_of("mail")}),
            ("deleteIntegration", {"id": id_of("fax")}),
        ):
            assert await refused(catalogue, mutation, caller, **input) == {"FORBIDDEN"}
        ask = "{ platform { integrations { totalCount } } }"
        answer = await catalogue.graph.ask(caller, ask)
        assert [error.extensions["code"] for error in answer.errors] == ["FORBIDDEN"]
    ask = """{ account { integrations { nodes { integration {
      name metadata authConfigId enabledAccountCount createdBy { name } } } } } }"""
    await enable(catalogue, "mail")
    answer = await catalogue.graph.ask(ANN, ask)
    assert {error.path[-1] for error in answer.errors if error.path} == {
        "metadata",
        "authConfigId",
        "enabledAccountCount",
        "createdBy",
    }


async def test_the_catalogue_is_listed_sorted_and_filtered(catalogue: Connectors) -> None:
    async def listed(**arguments: Any) -> list[str]:
        ask = """query ($filter: IntegrationFilter, $by: IntegrationOrder) { platform {
          integrations(filter: $filter, orderBy: $by) { totalCount nodes { key } } } }"""
        answer = await catalogue.graph.ask(OPERATOR, ask, **arguments)
        assert answer.data is not None
        found = answer.data["platform"]["integrations"]
        assert found["totalCount"] == len(found["nodes"])
        return [one["key"] for one in found["nodes"]]

    assert await listed() == ["chat", "fax", "mail"]
    assert await listed(by={"field": "NAME", "direction": "DESC"}) == ["mail", "fax", "chat"]
    assert await listed(by={"field": "CREATED_AT"}) == ["mail", "chat", "fax"]
    assert await listed(filter={"isActive": False}) == ["fax"]
    assert await listed(filter={"search": "HA", "providers": ["composio"]}) == ["chat"]
    assert await listed(filter={"providers": ["other"]}) == []
    one = "query ($id: ID!) { platform { integration(id: $id) { key } } }"
    answers = [
        await catalogue.graph.ask(OPERATOR, one, id=id) for id in (id_of("fax"), NONE, "no id")
    ]
    assert [answer.data for answer in answers] == [
        {"platform": {"integration": found}} for found in ({"key": "fax"}, None, None)
    ]


async def test_an_entry_that_goes_leaves_every_account_s_list(
    catalogue: Connectors, pool: Pool
) -> None:
    await set_metadata(pool, {"entitlements": {"copilot_enabled_integrations": [id_of("mail")]}})
    zoe = with_rights(BETA, Role.ACCOUNT_ADMIN, id_of("Zoe"))
    await enable(catalogue, "mail", "chat", caller=zoe)
    counts = "{ platform { integrations { nodes { key enabledAccountCount } } } }"
    answer = await catalogue.graph.ask(OPERATOR, counts)
    assert answer.data is not None
    nodes = answer.data["platform"]["integrations"]["nodes"]
    assert {one["key"]: one["enabledAccountCount"] for one in nodes} == {
        "chat": 1,
        "fax": 0,
        "mail": 2,
    }
    await write(catalogue, "updateIntegration", id=id_of("mail"), isActive=False)
    assert await seen(catalogue, zoe) == {"chat": True}
    await write(catalogue, "deleteIntegration", id=id_of("mail"))
    assert (await trail(pool))[-1][4]["accounts"] == 2
    left = await look(pool, "SELECT account_id, integration_ids FROM gateway.integration_lists")
    assert left == [(BETA, [id_of("chat")])]
    for account, ids in ((ACME, []), (BETA, [id_of("chat")])):
        found = await document(pool, account)
        assert found["entitlements"]["copilot_enabled_integrations"] == ids


# --- what accounts enable -------------------------------------------------------------------------


async def test_nothing_is_enabled_until_it_is_and_setting_replaces_all(
    catalogue: Connectors, pool: Pool
) -> None:
    assert await seen(catalogue) == {"chat": False, "mail": False}
    assert await enable(catalogue, "mail", "chat", "mail") == ["chat", "mail"]
    assert await enable(catalogue, "mail") == ["mail"]
    assert await enable(catalogue, "mail") == ["mail"]
    assert await seen(catalogue) == {"chat": False, "mail": True}
    assert await seen(catalogue, isEnabled=False) == {"chat": False}
    assert await seen(catalogue, search="MAI") == {"mail": True}
    assert await enable(catalogue) == []
    events = await trail(pool)
    assert [event[:4] for event in events] == [
        ("copilot_integration_visibility", "update", "info", ACME)
    ] * 3
    assert events[1][4] == {
        "before": {"enabled_integration_ids": [id_of("mail"), id_of("chat")]},
        "after": {"enabled_integration_ids": [id_of("mail")]},
    }


async def test_members_see_what_is_enabled_and_set_nothing(catalogue: Connectors) -> None:
    await enable(catalogue, "chat")
    assert await seen(catalogue, ANN) == {"chat": True}
    assert await seen(catalogue, ANN, isEnabled=False) == {}
    auditor = with_rights(ACME, Role.AUDITOR, id_of("Ada"))
    assert await seen(catalogue, auditor) == {"chat": True, "mail": False}
    without = replace(ADMIN, features=FEATURE_KEYS - {"CONNECTORS"})
    for caller in (ANN, auditor, without):
        assert await refused(catalogue, "setEnabledIntegrations", caller, integrationIds=[]) == {
            "FORBIDDEN"
        }


async def test_one_account_enables_nothing_for_another(catalogue: Connectors) -> None:
    await enable(catalogue, "chat")
    zoe = with_rights(BETA, Role.ACCOUNT_ADMIN, id_of("Zoe"))
    assert await seen(catalogue, zoe) == {"chat": False, "mail": False}
    foreign: dict[str, Any] = {"accountId": ACME, "integrationIds": []}
    assert await refused(catalogue, "setEnabledIntegrations", zoe, **foreign) == {"FORBIDDEN"}
    assert await seen(catalogue) == {"chat": True, "mail": False}


async def test_every_id_that_cannot_be_enabled_is_named(catalogue: Connectors, pool: Pool) -> None:
    ids = [id_of("mail"), NONE, id_of("fax"), "no id"]
    written = await write(catalogue, "setEnabledIntegrations", ADMIN, integrationIds=ids)
    assert written["integrations"] == []
    assert [(error["code"], error["path"][-1]) for error in written["userErrors"]] == [
        ("NOT_FOUND", "1"),
        ("NOT_AVAILABLE", "2"),
        ("NOT_FOUND", "3"),
    ]
    assert await trail(pool) == []
    assert await look(pool, "SELECT 1 FROM gateway.integration_lists") == []


async def test_the_list_of_the_document_counts_until_the_account_has_its_own(
    catalogue: Connectors, pool: Pool
) -> None:
    written = {"features": {"copilot_agents": True}, "copilot_enabled_integrations": []}
    for ids in ([id_of("chat"), id_of("fax"), "gone"], "no list", None):
        metadata = {"entitlements": written | {"copilot_enabled_integrations": ids}, "x": 1}
        await set_metadata(pool, metadata)
        assert await seen(catalogue) == {"chat": ids is not None and "no" not in ids, "mail": False}
    await enable(catalogue, "mail")
    # For other readers; whatever else the document holds stays.
    assert await document(pool) == {
        "entitlements": written | {"copilot_enabled_integrations": [id_of("mail")]},
        "x": 1,
    }
    await set_metadata(pool, {"entitlements": {"copilot_enabled_integrations": [id_of("chat")]}})
    assert await seen(catalogue) == {"chat": False, "mail": True}


async def test_writers_at_once_leave_one_of_their_lists(catalogue: Connectors, pool: Pool) -> None:
    lists = [("mail",), ("chat",), ("mail", "chat"), ()] * 4
    await asyncio.gather(*[enable(catalogue, *names) for names in lists])
    ((ids,),) = await look(pool, "SELECT integration_ids FROM gateway.integration_lists")
    assert ids in [[id_of(name) for name in names] for names in lists]
    assert (await document(pool))["entitlements"]["copilot_enabled_integrations"] == ids


async def test_nothing_is_enabled_that_goes_at_the_same_time(
    catalogue: Connectors, pool: Pool
) -> None:
    await write(catalogue, "updateIntegration", id=id_of("mail"), isActive=False)
    ids: dict[str, Any] = {"integrationIds": [id_of("mail"), id_of("chat")]}
    await asyncio.gather(
        write(catalogue, "updateIntegration", id=id_of("mail"), isActive=True),
        *[write(catalogue, "setEnabledIntegrations", ADMIN, **ids) for _ in range(4)],
        write(catalogue, "updateIntegration", id=id_of("mail"), isActive=False),
        write(catalogue, "deleteIntegration", id=id_of("mail")),
        *[write(catalogue, "setEnabledIntegrations", ADMIN, **ids) for _ in range(4)],
    )
    known = {row[0] for row in await look(pool, "SELECT id::text FROM copilot.integration_catalog")}
    rows = await look(pool, "SELECT integration_ids FROM gateway.integration_lists")
    assert all(set(row[0]) <= known for row in rows)

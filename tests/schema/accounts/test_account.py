"""Reading one account: its fields, its dirty data, and nobody else's account."""

from __future__ import annotations

from typing import Any

import pytest

from auth.caller import Caller, Role
from datasources.database import Pool
from datasources.tables import account_admins, sso_configs
from tests.harness.callers import person, super_admin
from tests.harness.module import ModuleGraph
from tests.harness.rows import add
from tests.harness.sql import as_json, run

DETAIL = """
query($id: ID) {
  account(id: $id) {
    id name alias domain status identityOrganizationId createdAt
    admins { id email account { name } createdBy { name } }
    maxSpend { amount currency } spend { amount currency }
    settings {
      theme { logoUrl isInherited }
      smtp { host port username hasPassword senderEmail senderName }
      emailEvents { event isEnabled }
    }
    ssoConfig { id provider isEnabled clientId hasClientSecret tenant defaultRole groupsClaim
      teamsClaim account { id } roleMappings { role groups } }
  }
}
"""

METADATA = {
    "auth_org_id": " org-1 ",
    "ui_theme_config": {"logo_url": "https://acme.test/logo.png"},
    "smtp_config": {
        "smtp_host": "mail.acme.test",
        "smtp_port": "2525",
        "smtp_username": "robot@acme.test",
        "smtp_password": "plain-secret",
    },
    "email_settings": {"Max Budget Alert": False},
}


async def _detail(graph: ModuleGraph, caller: Caller, **variables: Any) -> Any:
    return (await graph.ask(caller, DETAIL, **variables)).field


async def test_an_account_without_settings_shows_the_platforms_defaults(
    graph: ModuleGraph,
) -> None:
    account = await _detail(graph, person("acme"))

    assert account["name"] == "Acme"
    assert account["status"] == "ACTIVE"
    assert account["admins"] == []
    assert account["maxSpend"] is None
    assert account["spend"] is None
    assert account["ssoConfig"] is None
    assert account["identityOrganizationId"] is None
    assert account["settings"]["theme"] == {"logoUrl": None, "isInherited": True}
    assert account["settings"]["smtp"] is None
    assert all(event["isEnabled"] for event in account["settings"]["emailEvents"])
    assert len(account["settings"]["emailEvents"]) == 5


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(METADATA, id="object"),
        pytest.param(as_json(METADATA), id="text of an object"),
        pytest.param(as_json(as_json(METADATA)), id="text of the text of an object"),
        pytest.param(
            METADATA | {"smtp_config": as_json(METADATA["smtp_config"])}, id="part as text"
        ),
    ],
)
async def test_settings_are_read_however_often_they_were_encoded(
    graph: ModuleGraph, pool: Pool, stored: object
) -> None:
    await run(pool, """UPDATE "Alchemi_AccountTable" SET metadata = $1""", stored)

    account = await _detail(graph, person("acme"))

    assert account["identityOrganizationId"] == "org-1"
    assert account["settings"]["theme"]["logoUrl"] == "https://acme.test/logo.png"
    assert account["settings"]["theme"]["isInherited"] is False
    assert account["settings"]["smtp"] == {
        "host": "mail.acme.test",
        "port": 2525,
        "username": "robot@acme.test",
        "hasPassword": True,
        "senderEmail": "robot@acme.test",
        "senderName": None,
    }
    off = [e["event"] for e in account["settings"]["emailEvents"] if not e["isEnabled"]]
    assert off == ["MAX_BUDGET_ALERT"]


@pytest.mark.parametrize("stored", ["{broken", [], 7, "\\u0000", {"smtp_config": [1]}])
async def test_settings_that_are_broken_read_as_none(
    graph: ModuleGraph, pool: Pool, stored: object
) -> None:
    await run(pool, """UPDATE "Alchemi_AccountTable" SET metadata = $1""", stored)

    account = await _detail(graph, person("acme"))

    assert account["settings"]["smtp"] is None
    assert account["settings"]["theme"]["isInherited"] is True


async def test_administrators_are_listed_in_lower_case_and_by_their_own_account(
    graph: ModuleGraph, pool: Pool
) -> None:
    for account, email in (("acme", " Ada@Acme.TEST"), ("beta", "zoe@beta.test")):
        await add(
            pool,
            account_admins,
            id=f"admin-{account}",
            account_id=account,
            user_email=email,
            role="account_admin",
            created_by="super_admin",
        )

    account = await _detail(graph, person("acme"))

    assert account["admins"] == [
        {
            "id": "admin-acme",
            "email": "ada@acme.test",
            "account": {"name": "Acme"},
            "createdBy": {"name": "Platform operator"},
        }
    ]


async def test_stored_sign_in_is_read_without_its_secret(graph: ModuleGraph, pool: Pool) -> None:
    settings = {
        "microsoft_client_id": "client",
        "microsoft_client_secret": "plain-secret",
        "microsoft_tenant": "tenant-1",
        "role_mappings": {
            "group_claim": "groups",
            "default_role": "guest",
            "roles": {"proxy_admin": ["a"], "org_admin": ["b", "a"], "internal_user": "no list"},
        },
        "team_mappings": {"team_ids_jwt_field": "teams"},
    }
    await add(
        pool,
        sso_configs,
        id="sso-acme",
        account_id="acme",
        sso_provider=" Microsoft ",
        sso_settings=as_json(settings),
        enabled=True,
    )

    account = await _detail(graph, person("acme"))

    assert account["ssoConfig"] == {
        "id": "sso-acme",
        "provider": "MICROSOFT",
        "isEnabled": True,
        "clientId": "client",
        "hasClientSecret": True,
        "tenant": "tenant-1",
        "defaultRole": "GUEST",
        "groupsClaim": "groups",
        "teamsClaim": "teams",
        "account": {"id": "acme"},
        "roleMappings": [
            {"role": "ADMIN", "groups": ["a", "b"]},
            {"role": "USER", "groups": []},
        ],
    }


@pytest.mark.parametrize(
    ("provider", "settings", "shown"),
    [
        (None, {}, "GENERIC"),
        ("keycloak", {}, "GENERIC"),
        (None, {"google_client_id": "x"}, "GOOGLE"),
        ("OKTA", {}, "OKTA"),
    ],
)
async def test_a_provider_nobody_named_is_told_from_its_settings(
    graph: ModuleGraph, pool: Pool, provider: str | None, settings: object, shown: str
) -> None:
    await add(
        pool,
        sso_configs,
        id="sso",
        account_id="acme",
        sso_provider=provider,
        sso_settings=settings,
    )

    assert (await _detail(graph, person("acme")))["ssoConfig"]["provider"] == shown


@pytest.mark.parametrize("id", ["beta", "nothing", "", "00000000-0000-4000-8000-000000000000"])
async def test_another_account_is_forbidden_whether_or_not_it_exists(
    graph: ModuleGraph, id: str
) -> None:
    answer = await graph.ask(person("acme"), "query($id: ID) { account(id: $id) { id } }", id=id)

    assert answer.data == {"account": None}
    assert [error.message for error in answer.errors] == ["This account is not yours."]


async def test_a_super_admin_reads_any_account_and_null_where_there_is_none(
    graph: ModuleGraph,
) -> None:
    assert (await _detail(graph, super_admin(), id="beta"))["name"] == "Beta"
    assert await _detail(graph, super_admin(), id="gone") is None


@pytest.mark.parametrize(
    ("name", "id"), [("Account", "beta"), ("AccountAdmin", "of-beta"), ("SsoConfig", "of-beta")]
)
async def test_objects_of_another_account_read_as_absent(
    graph: ModuleGraph, pool: Pool, name: str, id: str
) -> None:
    await add(
        pool,
        account_admins,
        id="of-beta",
        account_id="beta",
        user_email="zoe@beta.test",
        role="account_admin",
    )
    await add(pool, sso_configs, id="of-beta", account_id="beta", sso_provider="google")

    assert await graph.entity(person("acme"), name, id, "id") is None
    assert await graph.entity(person("beta"), name, id, "id") == {"id": id}


async def test_the_viewer_is_the_caller(graph: ModuleGraph) -> None:
    query = "{ viewer { id kind name email isSuperAdmin roles scopes account { name } } }"

    viewer = (
        await graph.ask(person("acme", Role.AUDITOR, scopes=["b:read", "a:read"]), query)
    ).field
    operator = (await graph.ask(super_admin(), query)).field

    assert viewer["roles"] == ["AUDITOR"]
    assert viewer["scopes"] == ["a:read", "b:read"]
    assert viewer["account"] == {"name": "Acme"}
    assert viewer["isSuperAdmin"] is False
    assert operator["isSuperAdmin"] is True
    assert operator["account"] is None


async def test_twenty_accounts_settings_and_admins_are_one_statement_each(
    graph: ModuleGraph, pool: Pool
) -> None:
    for number in range(20):
        await run(
            pool,
            """INSERT INTO "Alchemi_AccountTable" (account_id, account_name) VALUES ($1, $1)""",
            f"account-{number}",
        )
    before = pool.statements

    query = """{ accounts(first: 50) { nodes {
        settings { theme { logoUrl } } admins { email } ssoConfig { id } } } }"""
    listed = (await graph.ask(super_admin(), query)).field

    assert len(listed["nodes"]) == 22
    assert pool.statements - before == 4

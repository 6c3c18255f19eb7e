"""Single sign-on: what is absent stays, null clears, and only what is complete is enabled."""

from __future__ import annotations

from typing import Any

import pytest

from datasources.accounts.sso import client_secret
from datasources.database import Pool
from datasources.tables import sso_configs
from resolvers.base import RequestContext
from resolvers.secrets import open_secret
from tests.harness.callers import person
from tests.harness.module import ModuleGraph
from tests.harness.rows import add
from tests.harness.sql import as_json, look

CONFIG = """ssoConfig { id provider isEnabled clientId hasClientSecret tenant authorizationUrl
    tokenUrl userInfoUrl teamsClaim groupsClaim defaultRole roleMappings { role groups } }"""
GOOGLE = {"provider": "GOOGLE", "clientId": "client", "clientSecret": "sesame"}
URLS = {
    "authorizationUrl": "https://id.acme.test/authorize",
    "tokenUrl": "https://id.acme.test/token",
    "userInfoUrl": "https://id.acme.test/userinfo",
}


async def _set(graph: ModuleGraph, **values: Any) -> Any:
    return await graph.write(person("acme"), "setSsoConfig", CONFIG, **values)


def _codes(payload: Any) -> set[tuple[str, str]]:
    return {(error["code"], error["path"][-1]) for error in payload["userErrors"]}


async def _stored(pool: Pool) -> Any:
    query = """SELECT sso_provider, enabled, sso_settings FROM "Alchemi_AccountSSOConfig" """
    return (await look(pool, query))[0]


async def _secret(graph: ModuleGraph, config_id: str) -> str | None:
    context = RequestContext(person("acme"), graph.services, "test")
    return await open_secret(context, "acme", client_secret(config_id))


async def test_what_is_not_sent_keeps_its_value_and_null_clears(graph: ModuleGraph) -> None:
    created = (await _set(graph, **GOOGLE, teamsClaim="teams", defaultRole="GUEST"))["ssoConfig"]
    enabled = (await _set(graph, isEnabled=True))["ssoConfig"]
    cleared = (await _set(graph, teamsClaim=None, defaultRole=None))["ssoConfig"]

    assert created["isEnabled"] is False
    assert enabled == created | {"isEnabled": True}
    assert cleared == enabled | {"teamsClaim": None, "defaultRole": "USER"}
    assert await _secret(graph, created["id"]) == "sesame"


async def test_settings_are_stored_where_sign_in_reads_them(graph: ModuleGraph, pool: Pool) -> None:
    await _set(
        graph,
        **GOOGLE,
        groupsClaim="groups",
        teamsClaim="teams",
        roleMappings=[{"role": "ADMIN", "groups": [" bosses ", "bosses", ""]}],
    )

    assert await _stored(pool) == (
        "google",
        False,
        {
            "google_client_id": "client",
            "role_mappings": {
                "provider": "google",
                "group_claim": "groups",
                "default_role": "user",
                "roles": {"admin": ["bosses"]},
            },
            "team_mappings": {"team_ids_jwt_field": "teams"},
        },
    )


async def test_okta_is_stored_as_the_generic_provider_it_is(graph: ModuleGraph, pool: Pool) -> None:
    payload = await _set(
        graph,
        provider="OKTA",
        clientId="client",
        clientSecret="sesame",
        tenant="https://acme.okta.test/oauth2/default/",
        isEnabled=True,
    )

    assert payload["ssoConfig"]["tenant"] == "https://acme.okta.test/oauth2/default/"
    assert payload["ssoConfig"]["tokenUrl"] is None
    settings = (await _stored(pool))[2]
    assert settings["generic_client_id"] == "client"
    assert settings["generic_token_endpoint"] == "https://acme.okta.test/oauth2/default/v1/token"


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"provider": "GOOGLE"}, {"clientId", "clientSecret"}),
        ({"provider": "GOOGLE", "clientId": "x"}, {"clientSecret"}),
        ({"provider": "GOOGLE", "clientId": "x", "clientSecret": ""}, {"clientSecret"}),
        ({"provider": "MICROSOFT", "clientId": "x", "clientSecret": "y"}, {"tenant"}),
        ({"provider": "OKTA", "clientId": "x", "clientSecret": "y"}, {"tenant"}),
        (
            {"provider": "GENERIC", "clientId": "x", "clientSecret": "y"},
            {"authorizationUrl", "tokenUrl", "userInfoUrl"},
        ),
    ],
)
async def test_only_a_complete_configuration_is_enabled(
    graph: ModuleGraph, pool: Pool, values: dict[str, Any], missing: set[str]
) -> None:
    payload = await _set(graph, **values, isEnabled=True)

    assert _codes(payload) == {("REQUIRED", name) for name in missing}
    assert await look(pool, """SELECT * FROM "Alchemi_AccountSSOConfig" """) == []
    assert await look(pool, "SELECT * FROM gateway.secrets") == []


@pytest.mark.parametrize("values", [{"clientSecret": None}, {"clientId": " "}, {"clientId": None}])
async def test_an_enabled_configuration_stays_complete(
    graph: ModuleGraph, values: dict[str, Any]
) -> None:
    before = (await _set(graph, **GOOGLE, isEnabled=True))["ssoConfig"]

    refused = await _set(graph, **values)
    disabled = (await _set(graph, **values, isEnabled=False))["ssoConfig"]

    assert {code for code, _ in _codes(refused)} == {"REQUIRED"}
    assert disabled["isEnabled"] is False
    assert disabled["id"] == before["id"]


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"clientId": "x"}, ("REQUIRED", "provider")),
        ({"provider": None}, ("REQUIRED", "provider")),
        (GOOGLE | {"tenant": "acme"}, ("INVALID", "tenant")),
        (GOOGLE | {"tokenUrl": URLS["tokenUrl"]}, ("INVALID", "tokenUrl")),
        ({"provider": "MICROSOFT", "tenant": "a/../b"}, ("INVALID", "tenant")),
        ({"provider": "OKTA", "tenant": "acme"}, ("UNSAFE_URL", "tenant")),
        ({"provider": "GENERIC", "tokenUrl": "http://id.acme.test/"}, ("UNSAFE_URL", "tokenUrl")),
        ({"provider": "GENERIC", "tokenUrl": "https://localhost/"}, ("UNSAFE_URL", "tokenUrl")),
        ({"provider": "GENERIC", "tokenUrl": "https://10.1.2.3/t"}, ("UNSAFE_URL", "tokenUrl")),
        ({"provider": "GENERIC", "tokenUrl": "https://[::1]/t"}, ("UNSAFE_URL", "tokenUrl")),
        ({"provider": "GENERIC", "tokenUrl": "https://a:b@id.test/"}, ("UNSAFE_URL", "tokenUrl")),
        (GOOGLE | {"clientId": "two\nlines"}, ("INVALID", "clientId")),
        (
            GOOGLE | {"roleMappings": [{"role": "ADMIN", "groups": []}] * 2},
            ("INVALID", "roleMappings"),
        ),
    ],
)
async def test_what_is_not_of_the_provider_is_refused(
    graph: ModuleGraph, pool: Pool, values: dict[str, Any], error: tuple[str, str]
) -> None:
    payload = await _set(graph, **values)

    assert payload["ssoConfig"] is None
    assert _codes(payload) == {error}
    assert await look(pool, "SELECT * FROM gateway.secrets") == []


async def test_another_provider_gets_nothing_of_the_former_one(graph: ModuleGraph) -> None:
    google = (await _set(graph, **GOOGLE, groupsClaim="groups"))["ssoConfig"]

    microsoft = (await _set(graph, provider="MICROSOFT"))["ssoConfig"]

    assert microsoft["clientId"] is None
    assert microsoft["hasClientSecret"] is False
    assert microsoft["groupsClaim"] == "groups"
    assert await _secret(graph, google["id"]) is None


async def test_a_secret_left_in_the_clear_is_sealed_by_the_next_write(
    graph: ModuleGraph, pool: Pool
) -> None:
    settings = {
        "google_client_id": "client",
        "google_client_secret": "plain",
        "microsoft_client_secret": "forgotten",
        "proxy_base_url": "https://cockpit.test",
    }
    await add(
        pool,
        sso_configs,
        id="sso",
        account_id="acme",
        sso_provider="google",
        sso_settings=as_json(settings),
    )

    payload = await _set(graph, isEnabled=True)

    assert payload["ssoConfig"]["hasClientSecret"] is True
    assert await _secret(graph, "sso") == "plain"
    stored = (await _stored(pool))[2]
    assert stored["proxy_base_url"] == "https://cockpit.test"
    assert not [key for key in stored if key.endswith("secret")]


async def test_deleting_takes_the_secret_along(graph: ModuleGraph, pool: Pool) -> None:
    config = (await _set(graph, **GOOGLE))["ssoConfig"]

    removed = await graph.write(person("acme"), "deleteSsoConfig", "deletedId")
    again = await graph.write(person("acme"), "deleteSsoConfig", "deletedId")

    assert removed == {"deletedId": config["id"], "userErrors": []}
    assert _codes(again) == {("NOT_FOUND", "accountId")}
    assert await look(pool, """SELECT * FROM "Alchemi_AccountSSOConfig" """) == []
    assert await look(pool, "SELECT * FROM gateway.secrets") == []


async def test_an_account_changes_its_own_sign_in_only(graph: ModuleGraph, pool: Pool) -> None:
    await add(pool, sso_configs, id="sso", account_id="beta", sso_provider="google")

    await _set(graph, **GOOGLE)
    await graph.write(person("acme"), "deleteSsoConfig", "deletedId")

    query = """SELECT id, account_id, sso_settings FROM "Alchemi_AccountSSOConfig" """
    assert await look(pool, query) == [("sso", "beta", {})]


async def test_sign_in_is_audited_without_its_secret(graph: ModuleGraph, pool: Pool) -> None:
    await _set(graph, **GOOGLE)
    await _set(graph, clientSecret="another sesame")
    await graph.write(person("acme"), "deleteSsoConfig", "deletedId")

    events = await look(
        pool, "SELECT action, account_id, details FROM copilot.audit_log ORDER BY created_at"
    )
    assert [event[0] for event in events] == ["create_sso", "update_sso", "delete_sso"]
    assert {event[1] for event in events} == {"acme"}
    assert events[0][2]["after"]["client_id"] == "client"
    assert events[1][2]["client_secret_given"] is True
    assert "sesame" not in str(events)

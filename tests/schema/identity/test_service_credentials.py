"""Credentials of machine clients: granting, listing, rotating, revoking."""

from __future__ import annotations

from asyncio import gather
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from auth.caller import Caller
from auth.errors import Forbidden, Unauthenticated
from auth.machines import machine
from auth.scopes import ACCOUNTS_ANY
from auth.service_tokens import token_hash
from datasources.database import Pool
from datasources.identity import StoredPrincipals
from datasources.tables import accounts
from schema.identity import IDENTITY
from tests.harness.callers import person, super_admin
from tests.harness.module import ModuleGraph
from tests.harness.rows import add
from tests.harness.sql import look, run

FIELDS = """id accountId name scopes tokenPrefix isActive expiresAt lastUsedAt revokedAt
    createdBy { name } updatedBy { name } account { id }"""
GRANTED = f"credential {{ {FIELDS} }} token"
ADMIN = person("acme", scopes=["usage:write", "directory:read"])
OTHER = person("beta", scopes=["usage:write", "directory:read"])


@pytest.fixture
async def graph(pool: Pool) -> ModuleGraph:
    for id in ("acme", "beta"):
        await add(pool, accounts, account_id=id, account_name=id)
    return ModuleGraph(IDENTITY, pool)


async def _create(graph: ModuleGraph, caller: Caller = ADMIN, **values: Any) -> Any:
    given = {"name": "Machine", "scopes": ["usage:write"]} | values
    return await graph.write(caller, "createServiceCredential", GRANTED, **given)


async def _rotate(graph: ModuleGraph, id: str, caller: Caller = ADMIN, **values: Any) -> Any:
    return await graph.write(caller, "rotateServiceCredential", GRANTED, id=id, **values)


async def _revoke(graph: ModuleGraph, id: str, caller: Caller = ADMIN, **values: Any) -> Any:
    fields = f"credential {{ {FIELDS} }}"
    return await graph.write(caller, "revokeServiceCredential", fields, id=id, **values)


def _codes(payload: Any) -> list[tuple[str, str]]:
    return [(error["code"], error["path"][-1]) for error in payload["userErrors"]]


async def _sign_in(pool: Pool, token: str) -> Caller:
    return await machine(StoredPrincipals(pool), token, datetime.now(UTC))


def _in(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


async def _listed(graph: ModuleGraph, caller: Caller, arguments: str = "first: 50") -> Any:
    query = f"""{{ account(id: "{caller.account_id or "acme"}") {{
        serviceCredentials({arguments}) {{ totalCount nodes {{ name }} }} }} }}"""
    nodes = (await graph.ask(caller, query)).field["serviceCredentials"]["nodes"]
    return [node["name"] for node in nodes]


# --- creating -----------------------------------------------------------------------------------


async def test_a_token_is_shown_once_and_signs_the_machine_in(
    graph: ModuleGraph, pool: Pool
) -> None:
    payload = await _create(graph, name=" Recorder ", scopes=["usage:write", "usage:write"])

    credential, token = payload["credential"], payload["token"]
    caller = await _sign_in(pool, token)
    assert payload["userErrors"] == []
    assert credential["name"] == "Recorder"
    assert credential["accountId"] == "acme"
    assert credential["scopes"] == ["usage:write"]
    assert credential["isActive"] is True
    assert token.startswith(credential["tokenPrefix"] + "_")
    assert caller.account_id == "acme"
    assert set(caller.scopes) == {"usage:write"}
    assert await look(pool, "SELECT token_hash FROM gateway.service_tokens") == [
        (token_hash(token),)
    ]
    stored = await look(
        pool,
        """SELECT to_jsonb(c)::text, to_jsonb(t)::text, to_jsonb(a)::text
           FROM gateway.service_credentials c, gateway.service_tokens t, copilot.audit_log a""",
    )
    assert token not in str(stored)


async def test_a_credential_lives_90_days_unless_said_otherwise(graph: ModuleGraph) -> None:
    plain = (await _create(graph))["credential"]["expiresAt"]
    chosen = (await _create(graph, name="Other", expiresAt=_in(days=364)))["credential"]

    lifetime = datetime.fromisoformat(plain) - datetime.now(UTC)
    assert timedelta(days=89, hours=23) < lifetime <= timedelta(days=90)
    assert datetime.fromisoformat(chosen["expiresAt"]) > datetime.now(UTC) + timedelta(days=363)


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"name": " "}, [("REQUIRED", "name")]),
        ({"name": "x" * 256}, [("INVALID", "name")]),
        ({"name": "TAKEN"}, [("TAKEN", "name")]),
        ({"scopes": []}, [("REQUIRED", "scopes")]),
        ({"scopes": ["usage:fly", "", "usage:write"]}, [("INVALID", "scopes")] * 2),
        ({"scopes": ["usage:write", "budgets:write"]}, [("NOT_ENTITLED", "scopes")]),
        ({"scopes": [ACCOUNTS_ANY]}, [("NOT_ENTITLED", "scopes")]),
        ({"expiresAt": _in(days=366)}, [("INVALID", "expiresAt")]),
        ({"expiresAt": _in(seconds=-1)}, [("INVALID", "expiresAt")]),
    ],
)
async def test_what_cannot_be_granted(
    graph: ModuleGraph, pool: Pool, values: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    await _create(graph, name="Taken")

    payload = await _create(graph, **values)

    assert payload["credential"] is None
    assert payload["token"] is None
    assert _codes(payload) == errors
    assert await look(pool, "SELECT count(*) FROM gateway.service_credentials") == [(1,)]


async def test_a_name_is_unique_in_its_account_under_concurrency(graph: ModuleGraph) -> None:
    mine = await gather(*[_create(graph, name=name) for name in ("One", "ONE", "one", "oNe")])
    others = await _create(graph, OTHER, name="One")

    assert sorted(_codes(payload) for payload in mine) == [[], *[[("TAKEN", "name")]] * 3]
    assert others["userErrors"] == []


async def test_super_admins_grant_platform_credentials(graph: ModuleGraph, pool: Pool) -> None:
    platform = await _create(graph, super_admin(), scopes=["usage:write", ACCOUNTS_ANY])
    bound = await _create(graph, super_admin(), scopes=[ACCOUNTS_ANY], accountId="acme")

    assert platform["credential"]["accountId"] is None
    assert platform["credential"]["account"] is None
    assert (await _sign_in(pool, platform["token"])).spans_accounts
    assert _codes(bound) == [("NOT_ENTITLED", "scopes")]
    ((account,),) = await look(pool, "SELECT account_id FROM copilot.audit_log")
    assert account is None


# --- reading ------------------------------------------------------------------------------------


async def test_lists_hold_the_accounts_own_credentials(graph: ModuleGraph, pool: Pool) -> None:
    for caller, name in ((ADMIN, "Mine"), (OTHER, "Theirs"), (super_admin(), "Everybody's")):
        await _create(graph, caller, name=name)

    platform = "{ platform { serviceCredentials { totalCount nodes { name accountId } } } }"
    shown = (await graph.ask(super_admin(), platform)).field["serviceCredentials"]
    hidden = (await graph.ask(ADMIN, platform)).field["serviceCredentials"]

    assert await _listed(graph, ADMIN) == ["Mine"]
    assert await _listed(graph, OTHER) == ["Theirs"]
    assert shown == {"totalCount": 1, "nodes": [{"name": "Everybody's", "accountId": None}]}
    assert hidden == {"totalCount": 0, "nodes": []}


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ('search: "EADE"', ["Reader"]),
        ('scope: "directory:read"', ["Reader"]),
        ('scope: "directory"', []),
        ("isActive: true", ["Reader", "Writer"]),
        ("isActive: false", ["Expired", "Revoked"]),
    ],
)
async def test_conditions_choose_credentials(
    graph: ModuleGraph, pool: Pool, condition: str, names: list[str]
) -> None:
    await _create(graph, name="Writer")
    await _create(graph, name="Reader", scopes=["directory:read"])
    await _revoke(graph, (await _create(graph, name="Revoked"))["credential"]["id"])
    await _create(graph, name="Expired")
    await run(
        pool,
        """UPDATE gateway.service_credentials SET expires_at = now() - interval '1 day'
           WHERE name = 'Expired'""",
    )

    assert sorted(await _listed(graph, ADMIN, f"filter: {{{condition}}}")) == names


async def test_credentials_of_a_suspended_account_open_nothing(
    graph: ModuleGraph, pool: Pool
) -> None:
    token = (await _create(graph))["token"]
    await run(pool, """UPDATE "Alchemi_AccountTable" SET status = 'suspended'""")

    assert await _listed(graph, ADMIN, "filter: {isActive: true}") == []
    with pytest.raises(Forbidden):
        await _sign_in(pool, token)


# --- rotating and revoking ----------------------------------------------------------------------


@pytest.mark.parametrize(("grace", "old_works"), [(0, False), (604800, True)])
async def test_the_old_token_works_for_the_grace(
    graph: ModuleGraph, pool: Pool, grace: int, *, old_works: bool
) -> None:
    first = await _create(graph)

    second = await _rotate(graph, first["credential"]["id"], graceSeconds=grace)

    assert second["token"] != first["token"]
    assert second["token"].startswith(second["credential"]["tokenPrefix"])
    assert second["credential"]["expiresAt"] == first["credential"]["expiresAt"]
    assert (await _sign_in(pool, second["token"])).id == first["credential"]["id"]
    if old_works:
        assert (await _sign_in(pool, first["token"])).id == first["credential"]["id"]
    else:
        with pytest.raises(Unauthenticated):
            await _sign_in(pool, first["token"])


async def test_a_second_rotation_does_not_lengthen_a_grace(graph: ModuleGraph, pool: Pool) -> None:
    id = (await _create(graph))["credential"]["id"]
    await _rotate(graph, id, graceSeconds=60)
    await _rotate(graph, id, graceSeconds=604800)

    ends = await look(pool, "SELECT expires_at FROM gateway.service_tokens ORDER BY expires_at")
    assert ends[0][0] < datetime.now(UTC) + timedelta(seconds=61)
    assert len(ends) == 3


@pytest.mark.parametrize("grace", [-1, 604801])
async def test_a_grace_is_seven_days_at_most(graph: ModuleGraph, grace: int) -> None:
    id = (await _create(graph))["credential"]["id"]

    assert _codes(await _rotate(graph, id, graceSeconds=grace)) == [("INVALID", "graceSeconds")]


async def test_nobody_rotates_to_more_than_they_hold(graph: ModuleGraph) -> None:
    granted = await _create(graph, super_admin(), accountId="acme", scopes=["budgets:write"])

    payload = await _rotate(graph, granted["credential"]["id"])

    assert payload["token"] is None
    assert _codes(payload) == [("NOT_ENTITLED", "id")]


async def test_a_revoked_credential_is_over_at_once(graph: ModuleGraph, pool: Pool) -> None:
    granted = await _create(graph)
    id = granted["credential"]["id"]

    revoked = await _revoke(graph, id)
    again = await _revoke(graph, id)
    rotated = await _rotate(graph, id)

    assert revoked["credential"]["isActive"] is False
    assert again["credential"]["revokedAt"] == revoked["credential"]["revokedAt"]
    assert _codes(rotated) == [("INVALID_STATE", "id")]
    with pytest.raises(Unauthenticated):
        await _sign_in(pool, granted["token"])
    assert await look(
        pool, "SELECT action, severity FROM copilot.audit_log ORDER BY created_at"
    ) == [("create", "info"), ("revoke", "warning")]


async def test_an_expired_credential_is_not_rotated(graph: ModuleGraph, pool: Pool) -> None:
    id = (await _create(graph))["credential"]["id"]
    await run(pool, "UPDATE gateway.service_credentials SET expires_at = now()")

    assert _codes(await _rotate(graph, id)) == [("INVALID_STATE", "id")]


@pytest.mark.parametrize("whose", ["another account's", "the platform's", "unknown", "no uuid"])
async def test_what_is_not_the_accounts_own_is_not_found(
    graph: ModuleGraph, pool: Pool, whose: str
) -> None:
    id = {"unknown": "00000000-0000-4000-8000-000000000000", "no uuid": "x"}.get(whose)
    if id is None:
        owner = OTHER if whose == "another account's" else super_admin()
        id = (await _create(graph, owner))["credential"]["id"]
    before = await look(pool, "SELECT * FROM gateway.service_tokens")

    assert _codes(await _rotate(graph, id)) == [("NOT_FOUND", "id")]
    assert _codes(await _revoke(graph, id)) == [("NOT_FOUND", "id")]
    assert await graph.entity(ADMIN, "ServiceCredential", id, "name") is None
    assert await look(pool, "SELECT * FROM gateway.service_tokens") == before


async def test_a_super_admin_without_account_reaches_the_platforms_only(
    graph: ModuleGraph,
) -> None:
    id = (await _create(graph))["credential"]["id"]

    unnamed = await _revoke(graph, id, super_admin())
    named = await _revoke(graph, id, super_admin(), accountId="acme")

    assert _codes(unnamed) == [("NOT_FOUND", "id")]
    assert named["credential"]["isActive"] is False

"""Accounts and credentials through the engine: every role against every operation."""

from __future__ import annotations

from typing import Any

import pytest

from auth.caller import ActorKind, Caller, Role
from auth.scopes import scopes_of_roles
from datasources.database import Pool
from datasources.tables import account_admins, accounts, sso_configs, users
from federation.execution.response import Response
from tests.harness.callers import super_admin
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.harness.sql import look


def _person(*roles: Role, features: frozenset[str] = frozenset()) -> Caller:
    return Caller(
        kind=ActorKind.USER,
        id="ada",
        name="Ada",
        email="ada@acme.test",
        account_id="acme",
        roles=frozenset(roles),
        scopes=scopes_of_roles(roles),
        features=features,
    )


def _machine(*scopes: str) -> Caller:
    return Caller(
        kind=ActorKind.SERVICE,
        id="machine",
        name="Machine",
        account_id="acme",
        roles=frozenset({Role.SERVICE}),
        scopes=frozenset(scopes),
    )


CALLERS: dict[str, Caller | None] = {
    "nobody": None,
    "stranger": Caller(kind=ActorKind.USER, id="new", name="New", email="new@acme.test"),
    "member": _person(Role.MEMBER),
    "auditor": _person(Role.AUDITOR),
    "admin": _person(Role.ACCOUNT_ADMIN),
    "admin with SSO": _person(Role.ACCOUNT_ADMIN, features=frozenset({"SSO"})),
    "member with SSO": _person(Role.MEMBER, features=frozenset({"SSO"})),
    "machine": _machine(),
    "machine that reads accounts": _machine("accounts:read"),
    "super admin": super_admin(),
}
SUPER = {"super admin"}
ADMINS = {"admin", "admin with SSO"} | SUPER
READERS = ADMINS | {"auditor"}
MACHINES = {"machine", "machine that reads accounts"}
MEMBERS = {"member", "member with SSO"}
EVERYBODY = READERS | MACHINES | MEMBERS
WITH_SSO = {"admin with SSO"} | SUPER
CREDENTIAL_ID = "00000000-0000-4000-8000-000000000000"

READS: dict[str, tuple[str, set[str]]] = {
    "account.name": ("name", EVERYBODY),
    "account.settings.theme": ("settings { theme { logoUrl } }", EVERYBODY),
    "account.settings.smtp": ("settings { smtp { host } }", READERS),
    "account.settings.emailEvents": (
        "settings { emailEvents { isEnabled } }",
        READERS | MACHINES,
    ),
    "account.identityOrganizationId": ("identityOrganizationId", READERS),
    "account.admins": (
        "admins { email user { name } }",
        READERS | {"machine that reads accounts"},
    ),
    "account.ssoConfig": ("ssoConfig { provider }", READERS),
    "account.maxSpend": ("maxSpend { amount }", READERS | MACHINES),
    "account.spend": ("spend { amount }", READERS | MACHINES),
    "account.createdBy": ("createdBy { name }", SUPER),
    "account.serviceCredentials": ("serviceCredentials { nodes { name } }", READERS),
}
WRITES: dict[str, tuple[str, set[str]]] = {
    "createAccount": ('name: "Gamma"', SUPER),
    "updateAccount": ('accountId: "acme", alias: "A"', SUPER),
    "setAccountStatus": ('accountId: "acme", status: SUSPENDED', SUPER),
    "deleteAccount": ('accountId: "acme", confirmName: "acme", dryRun: true', SUPER),
    "addAccountAdmin": ('accountId: "acme", email: "eve@acme.test"', SUPER),
    "updateAccountAdmin": ('accountId: "acme", adminId: "ada"', SUPER),
    "removeAccountAdmin": ('accountId: "acme", adminId: "ada"', SUPER),
    "updateAccountSettings": ('accountId: "acme", theme: null', ADMINS),
    "setSsoConfig": ('accountId: "acme", provider: GOOGLE', WITH_SSO),
    "deleteSsoConfig": ('accountId: "acme"', WITH_SSO),
    "createServiceCredential": ('accountId: "acme", name: "M", scopes: ["usage:write"]', ADMINS),
    "rotateServiceCredential": (f'accountId: "acme", id: "{CREDENTIAL_ID}"', ADMINS),
    "revokeServiceCredential": (f'accountId: "acme", id: "{CREDENTIAL_ID}"', ADMINS),
}


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    """Two accounts; acme with an administrator and single sign-on."""
    for id in ("acme", "beta"):
        await add(pool, accounts, account_id=id, account_name=id, created_by="super_admin")
        await add(pool, users, account_id=id, email=f"ada@{id}.test", name=f"Ada of {id}")
    await add(
        pool, account_admins, id="ada", account_id="acme", user_email="Ada@acme.test", role="x"
    )
    await add(pool, sso_configs, id="sso", account_id="acme", sso_provider="google")
    return Graph(pool)


def _codes(response: Response) -> set[str]:
    return {error.extensions["code"] for error in response.errors}


def _value(response: Response, path: str) -> Any:
    value: Any = response.data
    for name in path.split("."):
        value = value[name]
    return value


async def _stored(pool: Pool) -> Any:
    query = """SELECT to_jsonb(a) FROM "Alchemi_AccountTable" a ORDER BY account_id"""
    return await look(pool, query), await look(pool, "SELECT count(*) FROM copilot.audit_log")


@pytest.mark.parametrize("field", READS)
async def test_a_field_answers_whom_it_is_for(graph: Graph, field: str) -> None:
    selection, allowed = READS[field]
    for name, caller in CALLERS.items():
        response = await graph.ask(caller, f'{{ account(id: "acme") {{ id {selection} }} }}')
        if name in allowed:
            assert response.errors == (), name
        else:
            code = "UNAUTHENTICATED" if caller is None else "FORBIDDEN"
            assert _codes(response) == {code}, name
        if name in EVERYBODY - allowed:
            assert response.errors[0].path == tuple(field.split(".")), name
            assert _value(response, field) is None, name


@pytest.mark.parametrize("mutation", WRITES)
@pytest.mark.parametrize("name", CALLERS)
async def test_a_mutation_runs_for_whom_it_is_for_and_touches_nothing_else(
    graph: Graph, pool: Pool, mutation: str, name: str
) -> None:
    arguments, allowed = WRITES[mutation]
    text = f"mutation {{ {mutation}(input: {{ {arguments} }}) {{ userErrors {{ code }} }} }}"
    before, statements = await _stored(pool), pool.statements

    response = await graph.ask(CALLERS[name], text)

    if name in allowed:
        assert response.errors == ()
        assert pool.statements > statements
        return
    assert _codes(response) == {"UNAUTHENTICATED" if CALLERS[name] is None else "FORBIDDEN"}
    assert response.data == {mutation: None}
    assert pool.statements == statements
    assert await _stored(pool) == before


@pytest.mark.parametrize("query", ["accounts", "platform"])
@pytest.mark.parametrize("name", CALLERS)
async def test_only_super_admins_look_over_all_accounts(
    graph: Graph, pool: Pool, query: str, name: str
) -> None:
    selection = "nodes { id }" if query == "accounts" else "serviceCredentials { nodes { id } }"
    statements = pool.statements

    response = await graph.ask(CALLERS[name], f"{{ {query} {{ {selection} }} }}")

    if name in SUPER:
        assert response.errors == ()
        return
    assert _codes(response) == {"UNAUTHENTICATED" if CALLERS[name] is None else "FORBIDDEN"}
    assert pool.statements == statements


@pytest.mark.parametrize("name", sorted(EVERYBODY - SUPER))
@pytest.mark.parametrize("mutation", [*WRITES, "account"])
async def test_nobody_but_super_admins_reaches_another_account(
    graph: Graph, pool: Pool, mutation: str, name: str
) -> None:
    if mutation == "account":
        text = '{ account(id: "beta") { name } }'
    else:
        arguments = WRITES[mutation][0].replace('"acme"', '"beta"')
        text = f"mutation {{ {mutation}(input: {{ {arguments} }}) {{ userErrors {{ code }} }} }}"
    before = await _stored(pool)

    response = await graph.ask(CALLERS[name], text)

    assert _codes(response) == {"FORBIDDEN"}
    assert await _stored(pool) == before


async def test_an_administrator_is_joined_with_the_person_of_the_same_account(
    graph: Graph,
) -> None:
    query = '{ account(id: "acme") { admins { email user { name } } } }'

    response = await graph.ask(CALLERS["auditor"], query)

    assert response.errors == ()
    assert _value(response, "account.admins") == [
        {"email": "ada@acme.test", "user": {"name": "Ada of acme"}}
    ]

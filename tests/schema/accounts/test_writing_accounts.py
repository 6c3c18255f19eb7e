"""Creating, changing and suspending accounts."""

from __future__ import annotations

from asyncio import gather
from typing import Any

import pytest

from auth.passwords import is_password
from datasources.database import Pool
from datasources.tables import account_admins, identity_users, users
from schema.accounts import ACCOUNTS
from tests.harness.callers import super_admin
from tests.harness.module import ModuleGraph
from tests.harness.rows import add
from tests.harness.services import CheckedAnew
from tests.harness.sql import as_json, look, run

PASSWORD = "a long enough sentence"
ACCOUNT = "account { id name alias domain status identityOrganizationId maxSpend { amount } }"
EVERYTHING_WRITTEN = """
    SELECT (SELECT count(*) FROM "Alchemi_AccountTable"), (SELECT count(*) FROM copilot.groups),
        (SELECT count(*) FROM copilot.teams), (SELECT count(*) FROM "Alchemi_AccountAdminTable"),
        (SELECT count(*) FROM "LiteLLM_UserTable"), (SELECT count(*) FROM copilot.audit_log)
"""


async def _create(graph: ModuleGraph, **values: Any) -> Any:
    return await graph.write(super_admin(), "createAccount", ACCOUNT, **values)


async def _update(graph: ModuleGraph, account_id: str = "acme", **values: Any) -> Any:
    return await graph.write(
        super_admin(), "updateAccount", ACCOUNT, accountId=account_id, **values
    )


def _codes(payload: Any) -> list[tuple[str, str]]:
    """The user errors: code and the argument concerned."""
    return [(error["code"], ".".join(error["path"][1:])) for error in payload["userErrors"]]


# --- creating -----------------------------------------------------------------------------------


async def test_an_account_comes_with_group_team_and_administrator(
    graph: ModuleGraph, pool: Pool
) -> None:
    payload = await _create(
        graph,
        name=" Gamma ",
        alias=" G ",
        domain="Bücher.Example.",
        identityOrganizationId=" org-9 ",
        maxSpend={"amount": "100.25"},
        adminEmail="Eve@Gamma.test",
        adminPassword=PASSWORD,
    )

    account = payload["account"]
    assert payload["userErrors"] == []
    assert account == {
        "id": account["id"],
        "name": "Gamma",
        "alias": "G",
        "domain": "xn--bcher-kva.example",
        "status": "ACTIVE",
        "identityOrganizationId": "org-9",
        "maxSpend": {"amount": "100.25"},
    }
    assert await look(
        pool,
        """SELECT g.name, g.is_default, t.name, t.is_default, g.created_by
           FROM copilot.groups g JOIN copilot.teams t ON t.group_id = g.id
           WHERE g.account_id = $1 AND t.account_id = $1""",
        account["id"],
    ) == [("Global", True, "Global", True, "root@platform.test")]
    assert await look(
        pool,
        """SELECT user_email, role FROM "Alchemi_AccountAdminTable" WHERE account_id = $1""",
        account["id"],
    ) == [("eve@gamma.test", "account_admin")]
    ((role, stored),) = await look(
        pool,
        """SELECT user_role, password FROM "LiteLLM_UserTable" WHERE account_id = $1""",
        account["id"],
    )
    assert role == "internal_user"
    assert is_password(PASSWORD, stored)


async def test_creating_is_audited_with_its_author_and_without_the_password(
    graph: ModuleGraph, pool: Pool
) -> None:
    created = await _create(
        graph, name="Gamma", adminEmail="eve@gamma.test", adminPassword=PASSWORD
    )

    events = await look(
        pool,
        """SELECT account_id, event_type, action, actor_id, actor_email, resource_type, details
           FROM copilot.audit_log ORDER BY created_at, action DESC""",
    )
    assert [event[2] for event in events] == ["create", "add_admin"]
    assert {event[0] for event in events} == {created["account"]["id"]}
    assert {event[1] for event in events} == {"copilot_account"}
    assert {event[3] for event in events} == {"root@platform.test"}
    assert PASSWORD not in str(events)


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"name": "  "}, [("REQUIRED", "name")]),
        ({"name": "x" * 256}, [("INVALID", "name")]),
        ({"name": "two\nlines"}, [("INVALID", "name")]),
        ({"name": "Acme"}, [("TAKEN", "name")]),
        ({"domain": "ACME.test."}, [("TAKEN", "domain")]),
        ({"name": "Acme", "domain": "acme.test"}, [("TAKEN", "name"), ("TAKEN", "domain")]),
        ({"domain": "gmail.com"}, [("NOT_ENTITLED", "domain")]),
        ({"domain": "mail.Yahoo.com"}, [("NOT_ENTITLED", "domain")]),
        ({"domain": "tutanota.com"}, [("NOT_ENTITLED", "domain")]),
        ({"domain": "localhost"}, [("INVALID", "domain")]),
        ({"domain": "someone@gamma.test"}, [("INVALID", "domain")]),
        ({"domain": "10.0.0.1"}, [("INVALID", "domain")]),
        ({"domain": ""}, [("INVALID", "domain")]),
        ({"maxSpend": {"amount": "-1"}}, [("INVALID", "maxSpend.amount")]),
        ({"maxSpend": {"amount": "1", "currency": "EUR"}}, [("INVALID", "maxSpend.currency")]),
        ({"maxSpend": {"amount": "0.12345678901234567890"}}, [("INVALID", "maxSpend.amount")]),
        ({"maxSpend": {"amount": "1E+400"}}, [("INVALID", "maxSpend.amount")]),
        ({"adminPassword": PASSWORD}, [("REQUIRED", "adminEmail")]),
        (
            {"adminEmail": "eve@gamma.test", "adminPassword": "short"},
            [("INVALID", "adminPassword")],
        ),
        ({"adminEmail": "someone@acme.test"}, [("TAKEN", "adminEmail")]),
    ],
)
async def test_what_cannot_be_created_changes_nothing(
    graph: ModuleGraph, pool: Pool, values: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    before = await look(pool, EVERYTHING_WRITTEN)

    payload = await _create(graph, **({"name": "Gamma"} | values))

    assert payload["account"] is None
    assert _codes(payload) == errors
    assert await look(pool, EVERYTHING_WRITTEN) == before


async def test_a_domain_that_was_stored_as_typed_is_taken_all_the_same(
    graph: ModuleGraph, pool: Pool
) -> None:
    await run(
        pool,
        """UPDATE "Alchemi_AccountTable" SET domain = ' ACME.Test ' WHERE account_id = 'acme'""",
    )

    assert _codes(await _create(graph, name="Gamma", domain="acme.test")) == [("TAKEN", "domain")]


async def test_an_organisation_belongs_to_one_account(graph: ModuleGraph, pool: Pool) -> None:
    await run(
        pool,
        """UPDATE "Alchemi_AccountTable" SET metadata = $1 WHERE account_id = 'acme'""",
        as_json({"auth_org_id": "org-1"}),
    )

    payload = await _create(graph, name="Gamma", identityOrganizationId="org-1")

    assert _codes(payload) == [("TAKEN", "identityOrganizationId")]


@pytest.mark.parametrize("place", ["administrator", "identity", "directory"])
async def test_a_person_of_another_account_is_refused_and_stays_there(
    graph: ModuleGraph, pool: Pool, place: str
) -> None:
    email = "Zoe@Elsewhere.test"
    if place == "administrator":
        await add(pool, account_admins, id="1", account_id="beta", user_email=email, role="x")
    elif place == "identity":
        await add(pool, identity_users, user_id="zoe", user_email=email, account_id="beta")
    else:
        await add(pool, users, account_id="beta", email=email, name="Zoe")
    before = await look(pool, EVERYTHING_WRITTEN)

    payload = await _create(graph, name="Gamma", adminEmail="zoe@elsewhere.test")

    assert _codes(payload) == [("TAKEN", "adminEmail")]
    assert await look(pool, EVERYTHING_WRITTEN) == before


async def test_people_linked_to_an_account_that_does_not_exist_are_free(
    graph: ModuleGraph, pool: Pool
) -> None:
    for user_id, account_id in (("a", None), ("b", "None"), ("c", "deleted long ago")):
        await add(
            pool,
            identity_users,
            user_id=user_id,
            user_email="eve@gamma.test",
            account_id=account_id,
        )

    payload = await _create(graph, name="Gamma", adminEmail="eve@gamma.test")

    assert payload["userErrors"] == []


async def test_a_fault_in_the_middle_leaves_nothing_behind(own_pool: Pool) -> None:
    await run(own_pool, "ALTER TABLE copilot.teams ADD CONSTRAINT broken CHECK (name <> 'Global')")

    answer = await ModuleGraph(ACCOUNTS, own_pool).ask(
        super_admin(), 'mutation { createAccount(input: {name: "Gamma"}) { account { id } } }'
    )

    assert answer.data == {"createAccount": None}
    assert len(answer.errors) == 1
    assert await look(own_pool, EVERYTHING_WRITTEN) == [(0,) * 6]


@pytest.mark.parametrize(
    "unique",
    [{"name": "Gamma"}, {"domain": "gamma.test"}, {"identityOrganizationId": "org-7"}],
)
async def test_of_many_at_once_one_gets_a_unique_value(
    graph: ModuleGraph, pool: Pool, unique: dict[str, str]
) -> None:
    payloads = await gather(
        *[_create(graph, **({"name": f"Account {number}"} | unique)) for number in range(8)]
    )

    refused = [_codes(payload) for payload in payloads if payload["userErrors"]]
    (name,) = unique
    assert refused == [[("TAKEN", name)]] * 7
    assert await look(pool, """SELECT count(*) FROM "Alchemi_AccountTable" """) == [(3,)]


async def test_a_key_used_many_times_at_once_creates_one_account(
    graph: ModuleGraph, pool: Pool
) -> None:
    payloads = await gather(
        *[_create(graph, name="Gamma", idempotencyKey="once") for _ in range(6)]
    )

    assert len({payload["account"]["id"] for payload in payloads}) == 1
    assert [payload["userErrors"] for payload in payloads] == [[]] * 6
    assert await look(pool, "SELECT count(*) FROM copilot.audit_log WHERE action = 'create'") == [
        (1,)
    ]
    assert _codes(await _create(graph, name="Delta", idempotencyKey="once")) == [
        ("KEY_REUSED", "idempotencyKey")
    ]


# --- changing -----------------------------------------------------------------------------------


async def test_what_is_absent_stays_and_null_clears(graph: ModuleGraph, pool: Pool) -> None:
    await run(
        pool,
        """UPDATE "Alchemi_AccountTable" SET account_alias = 'A', max_budget = 5, metadata = $1
           WHERE account_id = 'acme'""",
        {"auth_org_id": "org-1", "entitlements": {"max_models": 3}},
    )

    renamed = await _update(graph, name="Acme Two")
    cleared = await _update(
        graph, alias=None, domain=None, identityOrganizationId=None, maxSpend=None
    )

    assert renamed["account"]["alias"] == "A"
    assert renamed["account"]["domain"] == "acme.test"
    assert renamed["account"]["identityOrganizationId"] == "org-1"
    assert renamed["account"]["maxSpend"] == {"amount": "5.0"}
    assert cleared["account"] == {
        "id": "acme",
        "name": "Acme Two",
        "alias": None,
        "domain": None,
        "status": "ACTIVE",
        "identityOrganizationId": None,
        "maxSpend": None,
    }
    assert await look(
        pool, """SELECT metadata FROM "Alchemi_AccountTable" WHERE account_id = 'acme'"""
    ) == [({"entitlements": {"max_models": 3}},)]


async def test_a_document_that_was_encoded_twice_keeps_its_other_parts(
    graph: ModuleGraph, pool: Pool
) -> None:
    await run(
        pool,
        """UPDATE "Alchemi_AccountTable" SET metadata = $1 WHERE account_id = 'acme'""",
        as_json({"smtp_config": {"smtp_host": "mail"}}),
    )

    await _update(graph, identityOrganizationId="org-2")

    assert await look(
        pool, """SELECT metadata FROM "Alchemi_AccountTable" WHERE account_id = 'acme'"""
    ) == [({"smtp_config": {"smtp_host": "mail"}, "auth_org_id": "org-2"},)]


async def test_a_change_is_audited_with_the_values_before_and_after(
    graph: ModuleGraph, pool: Pool
) -> None:
    await _update(graph, name="Acme Two", alias=None)
    await _update(graph, name="Acme Two")

    assert await look(
        pool, "SELECT account_id, action, resource_id, details FROM copilot.audit_log"
    ) == [("acme", "update", "acme", {"before": {"name": "Acme"}, "after": {"name": "Acme Two"}})]


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"name": "Beta"}, [("TAKEN", "name")]),
        ({"domain": "BETA.test"}, [("TAKEN", "domain")]),
        ({"name": None}, [("REQUIRED", "name")]),
        ({"domain": "gmx.de"}, [("NOT_ENTITLED", "domain")]),
        ({"accountId": "gone", "name": "X"}, [("NOT_FOUND", "accountId")]),
    ],
)
async def test_a_refused_change_changes_nothing(
    graph: ModuleGraph, pool: Pool, values: dict[str, Any], errors: list[tuple[str, str]]
) -> None:
    before = await look(pool, """SELECT * FROM "Alchemi_AccountTable" ORDER BY 1""")

    payload = await graph.write(
        super_admin(), "updateAccount", ACCOUNT, **({"accountId": "acme"} | values)
    )

    assert _codes(payload) == errors
    assert await look(pool, """SELECT * FROM "Alchemi_AccountTable" ORDER BY 1""") == before


async def test_two_accounts_that_take_each_others_domain_cannot_both_win(
    graph: ModuleGraph,
) -> None:
    payloads = await gather(
        _update(graph, "acme", domain="gamma.test"), _update(graph, "beta", domain="Gamma.TEST")
    )

    assert sorted(_codes(payload) for payload in payloads) == [[], [("TAKEN", "domain")]]


# --- status -------------------------------------------------------------------------------------


async def test_suspending_has_everybody_checked_anew(graph: ModuleGraph, pool: Pool) -> None:
    caches = graph.services.principals
    assert isinstance(caches, CheckedAnew)

    suspended = await graph.write(
        super_admin(),
        "setAccountStatus",
        ACCOUNT,
        accountId="acme",
        status="SUSPENDED",
        reason=" unpaid ",
    )
    again = await graph.write(
        super_admin(), "setAccountStatus", ACCOUNT, accountId="acme", status="SUSPENDED"
    )
    active = await graph.write(
        super_admin(), "setAccountStatus", ACCOUNT, accountId="acme", status="ACTIVE"
    )

    assert [p["account"]["status"] for p in (suspended, again, active)] == [
        "SUSPENDED",
        "SUSPENDED",
        "ACTIVE",
    ]
    assert caches.times == 2
    assert await look(
        pool,
        "SELECT action, severity, details->>'reason' FROM copilot.audit_log ORDER BY created_at",
    ) == [("suspend", "warning", "unpaid"), ("reactivate", "info", None)]
    assert await look(
        pool, """SELECT status FROM "Alchemi_AccountTable" WHERE account_id = 'acme'"""
    ) == [("active",)]


async def test_the_status_of_an_unknown_account_is_not_found(graph: ModuleGraph) -> None:
    payload = await graph.write(
        super_admin(), "setAccountStatus", ACCOUNT, accountId="gone", status="ACTIVE"
    )

    assert _codes(payload) == [("NOT_FOUND", "accountId")]

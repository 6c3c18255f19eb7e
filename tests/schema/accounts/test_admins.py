"""Administrators: appointing, changing, removing them."""

from __future__ import annotations

from asyncio import gather
from typing import Any
from uuid import uuid4

import pytest

from auth.passwords import is_password
from datasources.database import Pool
from datasources.tables import account_admins, identity_users, memberships, users
from tests.harness.callers import super_admin
from tests.harness.module import ModuleGraph
from tests.harness.rows import add
from tests.harness.services import CheckedAnew
from tests.harness.sql import look, run

PASSWORD = "a long enough sentence"
ADMIN = "admin { id email accountId }"


async def _add(graph: ModuleGraph, email: str, **values: Any) -> Any:
    given = {"accountId": "acme", "email": email} | values
    return await graph.write(super_admin(), "addAccountAdmin", ADMIN, **given)


async def _update(graph: ModuleGraph, admin_id: str, **values: Any) -> Any:
    given = {"accountId": "acme", "adminId": admin_id} | values
    return await graph.write(super_admin(), "updateAccountAdmin", ADMIN, **given)


async def _remove(graph: ModuleGraph, admin_id: str, account_id: str = "acme") -> Any:
    return await graph.write(
        super_admin(),
        "removeAccountAdmin",
        "deletedId",
        accountId=account_id,
        adminId=admin_id,
    )


def _codes(payload: Any) -> list[tuple[str, str]]:
    return [(error["code"], error["path"][-1]) for error in payload["userErrors"]]


async def _passwords(pool: Pool, email: str) -> list[str]:
    rows = await look(
        pool, """SELECT password FROM "LiteLLM_UserTable" WHERE lower(user_email) = $1""", email
    )
    return [password for (password,) in rows]


@pytest.fixture
async def ada(graph: ModuleGraph) -> str:
    """An administrator of acme, beside another one; her id."""
    await _add(graph, "bob@acme.test")
    return str((await _add(graph, "ada@acme.test"))["admin"]["id"])


# --- appointing ---------------------------------------------------------------------------------


async def test_an_administrator_without_password_gets_no_identity(
    graph: ModuleGraph, pool: Pool
) -> None:
    payload = await _add(graph, "Ada@Acme.test")

    assert payload["admin"]["email"] == "ada@acme.test"
    assert payload["admin"]["accountId"] == "acme"
    assert await look(pool, """SELECT count(*) FROM "LiteLLM_UserTable" """) == [(0,)]


async def test_a_password_is_kept_as_a_salted_hash_on_a_plain_role(
    graph: ModuleGraph, pool: Pool
) -> None:
    await _add(graph, "ada@acme.test", password=PASSWORD)

    ((role, stored, account),) = await look(
        pool, """SELECT user_role, password, account_id FROM "LiteLLM_UserTable" """
    )
    assert (role, account) == ("internal_user", "acme")
    assert stored.startswith("$argon2id$")
    assert is_password(PASSWORD, stored)


async def test_the_password_of_somebody_known_goes_to_their_identity(
    graph: ModuleGraph, pool: Pool
) -> None:
    await add(pool, identity_users, user_id="1", user_email="Ada@acme.test", account_id="acme")
    await add(pool, identity_users, user_id="2", user_email="ada@acme.test", account_id="None")

    await _add(graph, "ada@acme.test", password=PASSWORD)

    assert await look(
        pool,
        """SELECT user_id, account_id, password LIKE '$argon2id$%' FROM "LiteLLM_UserTable"
           ORDER BY 1""",
    ) == [("1", "acme", True), ("2", "acme", True)]


@pytest.mark.parametrize(
    ("email", "values", "error"),
    [
        ("bob@acme.test", {}, ("TAKEN", "email")),
        ("old@acme.test", {}, ("TAKEN", "email")),
        ("zoe@beta.test", {}, ("TAKEN", "email")),
        ("ada@acme.test", {"password": "too short"}, ("INVALID", "password")),
        ("ada@acme.test", {"accountId": "gone"}, ("NOT_FOUND", "accountId")),
    ],
)
async def test_who_cannot_be_appointed(
    graph: ModuleGraph, pool: Pool, email: str, values: dict[str, str], error: tuple[str, str]
) -> None:
    await _add(graph, "bob@acme.test")
    await add(
        pool, account_admins, id="old", account_id="acme", user_email=" Old@Acme.test", role="x"
    )

    payload = await _add(graph, email, **values)

    assert payload["admin"] is None
    assert _codes(payload) == [error]
    assert await look(pool, """SELECT count(*) FROM "Alchemi_AccountAdminTable" """) == [(2,)]


async def test_a_person_wanted_by_two_accounts_at_once_gets_one(
    graph: ModuleGraph, pool: Pool
) -> None:
    payloads = await gather(
        *[
            _add(graph, "free@elsewhere.test", accountId=account)
            for account in ("acme", "beta", "acme", "beta")
        ]
    )

    assert len([payload for payload in payloads if payload["admin"]]) == 1
    assert await look(pool, """SELECT count(*) FROM "Alchemi_AccountAdminTable" """) == [(1,)]


# --- changing -----------------------------------------------------------------------------------


async def test_a_new_address_follows_the_person_into_both_directories(
    graph: ModuleGraph, pool: Pool, ada: str
) -> None:
    await add(pool, identity_users, user_id="1", user_email="Ada@acme.test", account_id="acme")
    await add(pool, users, account_id="acme", email="ada@acme.test", name="Ada")

    payload = await _update(graph, ada, email="Ada.Byron@acme.test")

    assert payload["admin"] == {
        "id": ada,
        "email": "ada.byron@acme.test",
        "accountId": "acme",
    }
    new = [("ada.byron@acme.test",)]
    assert await look(pool, """SELECT user_email FROM "LiteLLM_UserTable" """) == new
    assert await look(pool, "SELECT email FROM copilot.users") == new


async def test_a_new_password_ends_every_session_of_the_person(
    graph: ModuleGraph, pool: Pool, ada: str
) -> None:
    await add(
        pool,
        identity_users,
        user_id="ada-1",
        user_email="ada@acme.test",
        sso_user_id="subject-1",
        account_id="acme",
    )
    await run(
        pool,
        """INSERT INTO copilot.users (id, account_id, email, name)
           VALUES ('11111111-1111-4111-8111-111111111111', 'acme', 'Ada@acme.test', 'Ada')""",
    )

    await _update(graph, ada, password=PASSWORD)

    assert await look(
        pool,
        """SELECT subject, valid_after > now() - interval '1 minute'
           FROM gateway.session_cutoffs ORDER BY 1""",
    ) == [
        ("11111111-1111-4111-8111-111111111111", True),
        ("ada-1", True),
        ("ada@acme.test", True),
        ("subject-1", True),
    ]
    assert is_password(PASSWORD, (await _passwords(pool, "ada@acme.test"))[0])


async def test_a_change_without_a_difference_is_none(
    graph: ModuleGraph, pool: Pool, ada: str
) -> None:
    before = await look(pool, "SELECT count(*) FROM copilot.audit_log")

    await _update(graph, ada)
    await _update(graph, ada, email="ADA@acme.test")

    assert await look(pool, "SELECT count(*) FROM copilot.audit_log") == before
    assert await look(pool, "SELECT * FROM gateway.session_cutoffs") == []


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"email": "bob@acme.test"}, ("TAKEN", "email")),
        ({"email": "cleo@acme.test"}, ("TAKEN", "email")),
        ({"email": "zoe@beta.test"}, ("TAKEN", "email")),
        ({"email": None}, ("REQUIRED", "email")),
        ({"password": None}, ("REQUIRED", "password")),
        ({"password": "aaaaaaaaaaaaaaaa"}, ("INVALID", "password")),
        ({"adminId": "unknown", "password": PASSWORD}, ("NOT_FOUND", "adminId")),
        ({"accountId": "beta", "password": PASSWORD}, ("NOT_FOUND", "adminId")),
    ],
)
async def test_a_refused_change_changes_nothing(
    graph: ModuleGraph, pool: Pool, ada: str, values: dict[str, Any], error: tuple[str, str]
) -> None:
    await add(pool, users, account_id="acme", email="cleo@acme.test", name="Cleo")
    before = await look(pool, """SELECT * FROM "Alchemi_AccountAdminTable" ORDER BY id""")

    payload = await _update(graph, ada, **values)

    assert _codes(payload) == [error]
    assert await look(pool, """SELECT * FROM "Alchemi_AccountAdminTable" ORDER BY id""") == before
    assert await look(pool, "SELECT * FROM gateway.session_cutoffs") == []


# --- removing -----------------------------------------------------------------------------------


async def test_removal_takes_the_right_away_wherever_it_came_from(
    graph: ModuleGraph, pool: Pool, ada: str
) -> None:
    caches = graph.services.principals
    assert isinstance(caches, CheckedAnew)
    before = caches.times
    for account, user in (("acme", str(uuid4())), ("beta", str(uuid4()))):
        await run(
            pool,
            "INSERT INTO copilot.users (id, account_id, email, name) VALUES ($1, $2, $3, 'A')",
            user,
            account,
            "Ada@acme.test",
        )
        await add(pool, memberships, account_id=account, user_id=user, app_role="ADMIN")
    await add(
        pool,
        identity_users,
        user_id="ada",
        user_email="ada@acme.test",
        account_id="acme",
        user_role="proxy_admin",
    )

    payload = await _remove(graph, ada)

    assert payload == {"deletedId": ada, "userErrors": []}
    assert await look(
        pool, "SELECT account_id, app_role FROM copilot.account_memberships ORDER BY 1"
    ) == [("acme", "USER"), ("beta", "ADMIN")]
    assert await look(pool, """SELECT user_role FROM "LiteLLM_UserTable" """) == [
        ("internal_user",)
    ]
    assert ("ada",) in await look(pool, "SELECT subject FROM gateway.session_cutoffs")
    assert caches.times == before + 1


async def test_a_reader_stays_a_reader_when_they_administer_no_more(
    graph: ModuleGraph, pool: Pool, ada: str
) -> None:
    await add(
        pool,
        identity_users,
        user_id="ada",
        user_email="ada@acme.test",
        account_id="acme",
        user_role="proxy_admin_viewer",
    )

    await _remove(graph, ada)

    assert await look(pool, """SELECT user_role FROM "LiteLLM_UserTable" """) == [
        ("proxy_admin_viewer",)
    ]


async def test_the_last_administrator_stays(graph: ModuleGraph, pool: Pool) -> None:
    only = (await _add(graph, "ada@acme.test"))["admin"]["id"]

    payload = await _remove(graph, only)

    assert _codes(payload) == [("LAST_ADMIN", "adminId")]
    assert payload["deletedId"] is None
    assert await look(pool, """SELECT count(*) FROM "Alchemi_AccountAdminTable" """) == [(1,)]


async def test_two_who_remove_each_other_at_once_leave_one(graph: ModuleGraph, pool: Pool) -> None:
    ids = [(await _add(graph, f"{n}@acme.test"))["admin"]["id"] for n in ("ada", "bob")]

    payloads = await gather(*[_remove(graph, id) for id in ids])

    assert sorted(_codes(payload) for payload in payloads) == [[], [("LAST_ADMIN", "adminId")]]
    assert await look(pool, """SELECT count(*) FROM "Alchemi_AccountAdminTable" """) == [(1,)]


@pytest.mark.parametrize(("admin_id", "account_id"), [("unknown", "acme"), (None, "beta")])
async def test_an_administrator_of_another_account_is_not_found(
    graph: ModuleGraph, pool: Pool, ada: str, admin_id: str | None, account_id: str
) -> None:
    payload = await _remove(graph, admin_id or ada, account_id)

    assert _codes(payload) == [("NOT_FOUND", "adminId")]
    assert await look(pool, """SELECT count(*) FROM "Alchemi_AccountAdminTable" """) == [(2,)]


async def test_changes_of_administrators_are_audited(
    graph: ModuleGraph, pool: Pool, ada: str
) -> None:
    await _update(graph, ada, email="eve@acme.test", password=PASSWORD)
    await _remove(graph, ada)

    events = await look(
        pool,
        """SELECT action, severity, details FROM copilot.audit_log
           WHERE resource_id = $1 ORDER BY created_at""",
        ada,
    )
    assert [(action, severity) for action, severity, _ in events] == [
        ("add_admin", "info"),
        ("update_admin", "info"),
        ("remove_admin", "warning"),
    ]
    assert events[1][2] == {
        "before": {"email": "ada@acme.test"},
        "after": {"email": "eve@acme.test"},
        "password_changed": True,
    }
    assert PASSWORD not in str(events)


async def test_somebody_listed_twice_leaves_the_list_whole(
    graph: ModuleGraph, pool: Pool, ada: str
) -> None:
    await add(
        pool, account_admins, id="double", account_id="acme", user_email="Ada@Acme.test", role="x"
    )

    readdressed = await _update(graph, ada, email="eve@acme.test")
    listed = await look(
        pool, """SELECT user_email FROM "Alchemi_AccountAdminTable" ORDER BY user_email"""
    )
    await add(
        pool, account_admins, id="double", account_id="acme", user_email="EVE@acme.test", role="x"
    )
    await _remove(graph, ada)

    assert readdressed["userErrors"] == []
    assert listed == [("bob@acme.test",), ("eve@acme.test",)]
    assert await look(pool, """SELECT user_email FROM "Alchemi_AccountAdminTable" """) == [
        ("bob@acme.test",)
    ]

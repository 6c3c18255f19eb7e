"""Who may read the directory, asked through the whole graph."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from auth.caller import ActorKind, Caller, Role
from auth.scopes import scopes_of_roles
from datasources.database import Pool, PoolOptions
from datasources.tables import account_admins
from tests.harness.callers import nobody, person, super_admin
from tests.harness.directory import ACME, BETA, fill_copilot, fill_identity, id_of
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.schema.directory.test_reads import PAGE


def of_role(role: Role) -> Caller:
    """A person whose session carries every scope the role covers."""
    return person(ACME, role, scopes=scopes_of_roles([role]))


def machine(*scopes: str) -> Caller:
    """A machine client of the account."""
    return replace(person(ACME, Role.SERVICE, scopes=scopes), kind=ActorKind.SERVICE, email=None)


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill_copilot(pool)
    await fill_identity(pool)
    await add(pool, account_admins, id="admin-1", account_id=ACME, user_email="ADA@acme.test")
    return Graph(pool)


READERS = [of_role(Role.ACCOUNT_ADMIN), of_role(Role.AUDITOR), machine("directory:read")]


@pytest.mark.parametrize("source", ["COPILOT", "IDENTITY"])
@pytest.mark.parametrize("caller", READERS, ids=["admin", "auditor", "machine"])
async def test_readers_get_the_whole_page_without_an_error(
    graph: Graph, caller: Caller, source: str
) -> None:
    answer = await graph.ask(caller, PAGE, source=source)
    assert answer.errors == ()
    assert answer.data is not None
    assert answer.data["account"]["directory"]["users"]["totalCount"] == 4


async def test_a_super_admin_reads_the_account_they_name(graph: Graph) -> None:
    answer = await graph.ask(super_admin(), PAGE, source="COPILOT", id=BETA)
    assert answer.errors == ()
    assert answer.data is not None
    (zoe,) = answer.data["account"]["directory"]["users"]["nodes"]
    assert zoe["name"] == "Zoe"


@pytest.mark.usefixtures("graph")
@pytest.mark.parametrize(
    "caller",
    [of_role(Role.MEMBER), machine("accounts:read"), nobody()],
    ids=["member", "machine without the scope", "nobody"],
)
async def test_others_are_refused_before_anything_of_the_directory_is_read(
    database_url: str, caller: Caller
) -> None:
    statements: list[str] = []
    options = PoolOptions(on_statement=lambda statement: statements.append(statement.text))
    watched = await Pool.open(database_url, options)
    query = "{ account { directory { users { nodes { id } } } } }"
    answer = await Graph(watched).ask(caller, query)
    codes = {error.extensions["code"] for error in answer.errors}
    await watched.close()
    assert codes == {"FORBIDDEN"}
    assert not [text for text in statements if "copilot.users" in text]


async def test_a_member_meets_people_but_not_what_only_administrators_see(graph: Graph) -> None:
    bob = replace(of_role(Role.MEMBER), user_id=id_of("Bob"))
    answer = await graph.ask(bob, "{ viewer { user { name role isActive lastActiveAt } } }")
    assert answer.data == {
        "viewer": {
            "user": {"name": "Bob", "role": "VIEWER", "isActive": True, "lastActiveAt": None}
        }
    }
    assert [error.path for error in answer.errors] == [("viewer", "user", "lastActiveAt")]


async def test_only_super_admins_see_every_accounts_health(graph: Graph) -> None:
    query = "{ platform { directoryHealth { nodes { account { id name } scorePercent } } } }"
    answer = await graph.ask(super_admin(), query)
    assert answer.errors == ()
    assert answer.data == {
        "platform": {
            "directoryHealth": {
                "nodes": [
                    {"account": {"id": ACME, "name": ACME}, "scorePercent": 37.5},
                    {"account": {"id": BETA, "name": BETA}, "scorePercent": 50.0},
                ]
            }
        }
    }
    refused = await graph.ask(of_role(Role.ACCOUNT_ADMIN), query)
    assert {error.extensions["code"] for error in refused.errors} == {"FORBIDDEN"}


async def test_an_administrators_person_crosses_two_modules(graph: Graph) -> None:
    query = "{ account { admins { email user { id name account { name } } } } }"
    answer = await graph.ask(of_role(Role.ACCOUNT_ADMIN), query)
    assert answer.errors == ()
    assert answer.data is not None
    (admin,) = answer.data["account"]["admins"]
    expected: dict[str, Any] = {"id": id_of("Ada"), "name": "Ada", "account": {"name": ACME}}
    assert admin == {"email": "ada@acme.test", "user": expected}

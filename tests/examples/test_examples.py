"""The front end's own operations, over the whole graph, for each role."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auth.caller import Caller, Role
from auth.scopes import scopes_of_roles
from datasources.database import Pool
from tests.harness.callers import member, person, super_admin
from tests.harness.demo import Demo
from tests.harness.directory import (
    ACME,
    add_account,
    add_person,
    fill_copilot,
    fill_identity,
    id_of,
)
from tests.harness.graph import Graph

EXAMPLES = Path(__file__).parent
BUCKET = "Unassigned (No SCIM Organization)"


def _text(name: str) -> str:
    return (EXAMPLES / f"{name}.graphql").read_text()


def _reader(account_id: str, role: Role = Role.ACCOUNT_ADMIN) -> Caller:
    return person(account_id, role, scopes=scopes_of_roles([role]))


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    """Two accounts whose directories are filled."""
    await fill_copilot(pool)
    await fill_identity(pool)
    return Graph(pool)


async def _data(graph: Graph, caller: Caller, name: str, **variables: Any) -> Any:
    response = await graph.ask(caller, _text(name), **variables)
    assert response.errors == ()
    return response.data


def _names(connection: Any, key: str = "name") -> list[str]:
    return [node[key] for node in connection["nodes"]]


@pytest.mark.parametrize("role", [Role.ACCOUNT_ADMIN, Role.AUDITOR])
async def test_the_directory_page_shows_groups_people_and_invites(graph: Graph, role: Role) -> None:
    data = await _data(graph, _reader(ACME, role), "directory_page")
    directory = data["account"]["directory"]
    groups = {group["name"]: group for group in directory["groups"]["nodes"]}
    people = {user["name"]: user for user in directory["users"]["nodes"]}

    assert list(groups) == ["Global", "Archive", "Research"]
    assert groups["Research"]["owner"] == {"id": id_of("Ada"), "name": "Ada"}
    assert groups["Archive"]["owner"] is None, "a person of another account owns it"
    assert _names(groups["Research"]["teams"]) == ["Field", "Lab"]
    assert groups["Research"]["memberCount"] == 2
    assert list(people) == ["Ada", "Bob", "Cleo", "Dan"]
    assert people["Dan"]["isActive"] is False
    teams = [membership["team"] for membership in people["Bob"]["memberships"]["nodes"]]
    assert [(team["name"], team["group"]["name"]) for team in teams] == [
        ("Lab", "Research"),
        ("Field", "Research"),
    ]
    assert directory["users"]["totalCount"] == 4
    assert directory["users"]["pageInfo"]["hasNextPage"] is False
    assert directory["invites"]["totalCount"] == 1
    assert directory["invites"]["nodes"][0]["id"] == id_of("open-invite")
    assert "health" not in directory


async def test_the_directory_page_shows_the_identity_provider_s_directory(graph: Graph) -> None:
    data = await _data(graph, _reader(ACME), "directory_page", source="IDENTITY", withHealth=True)
    directory = data["account"]["directory"]
    bucket = directory["groups"]["nodes"][-1]
    issues = {issue["kind"]: issue for issue in directory["health"]["issues"]}

    assert _names(directory["groups"]) == ["Engineering", "Idle", "org-lost", BUCKET]
    assert bucket["isUnassigned"] is True
    assert _names(bucket["teams"]) == ["t-blank", "t-free"]
    assert set(_names(directory["users"], "id")) == {"eve@acme.test", "finn", "gwen", "hugo"}
    assert directory["invites"]["nodes"] == []
    assert directory["health"]["scorePercent"] == pytest.approx(37.5)
    assert issues["USER_WITHOUT_TEAM"]["samples"][0]["subject"]["id"] == "hugo"
    assert issues["USER_WITH_WEAK_LINK"]["count"] == 0


async def test_the_directory_page_can_be_searched_and_narrowed(graph: Graph) -> None:
    found = await _data(graph, _reader(ACME), "directory_page", search="AD")
    narrowed = await _data(
        graph, _reader(ACME), "directory_page", groupId=id_of("Research"), search=None
    )

    assert _names(found["account"]["directory"]["users"]) == ["Ada"]
    assert _names(narrowed["account"]["directory"]["users"]) == ["Ada", "Bob"]


async def test_the_directory_page_is_not_for_members(graph: Graph) -> None:
    response = await graph.ask(member(ACME), _text("directory_page"))

    assert response.data == {"account": {"id": ACME, "directory": None}}
    (error,) = response.errors
    assert error.path == ("account", "directory")
    assert error.extensions["code"] == "FORBIDDEN"


@pytest.mark.parametrize("role", [Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.MEMBER])
async def test_the_overview_answers_everybody_of_the_account(graph: Graph, role: Role) -> None:
    data = await _data(graph, _reader(ACME, role), "overview")

    assert data["viewer"]["roles"] == [role.value]
    assert data["account"] == {"id": ACME, "name": ACME, "settings": {"theme": {"logoUrl": None}}}


async def test_account_detail_shows_its_maker_to_super_admins_alone(demo: Demo) -> None:
    graph, id = Graph(demo.pool), demo.first.id
    whole = await graph.ask(super_admin(), _text("account_detail"), accountId=id)
    own = await graph.ask(_reader(id), _text("account_detail"), accountId=id)

    assert whole.errors == ()
    assert whole.data is not None
    assert own.data is not None
    account = whole.data["account"]
    assert account["name"] == demo.first.name
    assert demo.first.admin_email in {admin["email"] for admin in account["admins"]}
    assert len(account["settings"]["emailEvents"]) == 5
    assert [
        (one["plan"]["code"], one["quantity"], one["price"])
        for one in account["subscriptions"]["nodes"]
    ] == [
        ("more-agents", 2, {"amount": "400", "currency": "EUR"}),
        ("business", 3, {"amount": "29700", "currency": "EUR"}),
        ("starter", 1, {"amount": "49", "currency": "EUR"}),
    ]
    assert [error.path for error in own.errors] == [("account", "createdBy")]
    assert own.data["account"] == account | {"createdBy": None}


@pytest.mark.parametrize("source", ["COPILOT", "IDENTITY"])
async def test_the_directory_page_takes_as_many_statements_for_thousands_as_for_a_few(
    demo: Demo, source: str
) -> None:
    graph = Graph(demo.pool)
    counts = {
        id: await _statements(graph, demo.pool, _reader(id), "directory_page", source=source)
        for id in demo.ids
    }

    assert len(set(counts.values())) == 1
    assert max(counts.values()) <= 15, "a relation takes one statement, and its number another"


async def test_the_detail_of_an_account_takes_one_statement_a_relation(demo: Demo) -> None:
    graph = Graph(demo.pool)
    counts = {
        await _statements(graph, demo.pool, super_admin(), "account_detail", accountId=id)
        for id in demo.ids
    }

    assert counts == {8}


async def _statements(graph: Graph, pool: Pool, caller: Caller, name: str, **variables: Any) -> int:
    before = pool.statements
    await _data(graph, caller, name, **variables)
    return pool.statements - before


async def test_the_people_of_twenty_accounts_take_one_statement(graph: Graph, pool: Pool) -> None:
    for number in range(18):
        await add_account(pool, f"account-{number}", f"account-{number}.test")
        await add_person(pool, f"account-{number}", f"Person {number}")
    count = await _statements(graph, pool, super_admin(), "people_of_accounts")
    data = await _data(graph, super_admin(), "people_of_accounts")

    totals = {
        account["id"]: account["directory"]["users"]["totalCount"]
        for account in data["accounts"]["nodes"]
    }
    assert len(totals) == 20
    assert totals.pop(ACME) == 4
    assert set(totals.values()) == {1}
    assert count == 2, "accounts with their people, and the number of accounts"


async def test_the_people_of_all_demo_accounts_take_one_statement(demo: Demo) -> None:
    graph = Graph(demo.pool)
    count = await _statements(graph, demo.pool, super_admin(), "people_of_accounts")
    data = await _data(graph, super_admin(), "people_of_accounts")
    listed = {account["id"]: account for account in data["accounts"]["nodes"]}

    assert listed.keys() >= set(demo.ids)
    assert all(listed[id]["directory"]["users"]["nodes"] for id in demo.ids)
    assert max(len(found["directory"]["users"]["nodes"]) for found in listed.values()) == 25
    assert count == 2, "accounts with their people, and the number of accounts"

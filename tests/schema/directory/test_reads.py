"""The directory's fields, as a client asks for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLObjectType

from auth.caller import Caller
from tests.harness.callers import member, person, super_admin
from tests.harness.directory import (
    ACME,
    BETA,
    add_identity_user,
    add_membership,
    add_person,
    id_of,
)
from tests.harness.module import ModuleGraph

ADMIN = person(ACME)
BUCKET = "identity:ungrouped:acme"

PAGE = """
query ($id: ID, $source: DirectorySource!, $search: String, $groupId: ID) {
  account(id: $id) {
    directory(source: $source) {
      source
      groups(first: 25) {
        totalCount
        nodes {
          id source accountId account { id } name description status isDefault isUnassigned
          owner { id } contactEmail teamCount memberCount createdAt updatedAt
          createdBy { kind name user { id } } updatedBy { name }
          teams(first: 25) {
            totalCount
            nodes {
              id name isDefault memberCount status description contactEmail createdAt updatedAt
              group { id name } owner { id } createdBy { name } updatedBy { name }
              members { totalCount nodes { id user { id name email } team { id } } }
            }
          }
        }
      }
      users(filter: { search: $search, groupId: $groupId }, orderBy: { field: NAME }) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
          id name email isActive role externalId profileImageUrl lastActiveAt createdAt updatedAt
          memberships(first: 10) {
            totalCount
            nodes { id role isActive joinedAt lastActiveAt team { id name group { id name } } }
          }
        }
      }
      teams { nodes { id name } }
      memberships { totalCount nodes { id user { id } team { id } createdBy { name } } }
      invites(filter: { statuses: [PENDING] }) {
        totalCount
        nodes {
          id email role expiresAt status data customRole { id } team { id } workspaceId
          acceptedAt acceptedBy { id } createdBy { name } updatedBy { name }
        }
      }
      health {
        scorePercent userCount teamCount groupCount checkedAt accountId
        issues {
          kind count
          samples(first: 5) {
            missingIds
            subject { __typename ... on User { id } ... on Team { id } ... on Group { id } }
          }
        }
      }
    }
  }
}
"""


async def asked(graph: ModuleGraph, fields: str, caller: Caller = ADMIN, **variables: Any) -> Any:
    """The answer of one account's directory."""
    source = variables.pop("source", "COPILOT")
    operation = f"{{ account {{ directory(source: {source}) {{ {fields} }} }} }}"
    answer = await graph.ask(caller, operation, **variables)
    return answer.field["directory"]


async def test_the_own_directory_answers_the_front_ends_page(directory: ModuleGraph) -> None:
    answer = (await directory.ask(ADMIN, PAGE, source="COPILOT")).field["directory"]
    research = answer["groups"]["nodes"][2]
    assert (research["owner"], research["teamCount"], research["memberCount"]) == (
        {"id": id_of("Ada")},
        2,
        2,
    )
    assert research["createdBy"] == {"kind": "USER", "name": "Ada", "user": {"id": id_of("Ada")}}
    lab = research["teams"]["nodes"][1]
    assert (lab["name"], lab["memberCount"], lab["group"]["name"]) == ("Lab", 2, "Research")
    assert [node["user"]["name"] for node in lab["members"]["nodes"]] == ["Ada", "Bob"]
    assert [(node["name"], node["role"]) for node in answer["users"]["nodes"]] == [
        ("Ada", "ADMIN"),
        ("Bob", "VIEWER"),
        ("Cleo", "USER"),
        ("Dan", "GUEST"),
    ]
    assert answer["groups"]["nodes"][1]["owner"] is None
    (invite,) = answer["invites"]["nodes"]
    assert (invite["status"], invite["data"]) == ("PENDING", {"campaign": "spring"})


async def test_the_identity_providers_faulty_data_answers_the_same_page(
    directory: ModuleGraph,
) -> None:
    answer = (await directory.ask(ADMIN, PAGE, source="IDENTITY")).field["directory"]
    assert [node["isUnassigned"] for node in answer["groups"]["nodes"]] == [False] * 3 + [True]
    bucket = answer["groups"]["nodes"][3]
    assert (bucket["id"], bucket["name"]) == (BUCKET, "Unassigned (No SCIM Organization)")
    assert (bucket["teamCount"], bucket["memberCount"]) == (2, 1)
    assert [team["group"]["id"] for team in bucket["teams"]["nodes"]] == [BUCKET, BUCKET]
    finn = next(node for node in answer["users"]["nodes"] if node["id"] == "finn")
    assert (finn["isActive"], finn["role"]) == (False, "VIEWER")
    assert [node["team"] and node["team"]["id"] for node in finn["memberships"]["nodes"]] == [
        None,
        "t-core",
        None,
        "t-text",
    ]
    assert answer["invites"]["totalCount"] == 0
    assert answer["health"]["scorePercent"] == 37.5
    kinds = {issue["kind"]: issue for issue in answer["health"]["issues"]}
    assert kinds["TEAM_WITH_UNKNOWN_GROUP"]["samples"] == [
        {"missingIds": ["org-lost"], "subject": {"__typename": "Team", "id": "t-text"}}
    ]
    assert kinds["GROUP_WITHOUT_TEAMS"]["samples"][0]["subject"]["__typename"] == "Group"
    assert kinds["USER_WITHOUT_TEAM"]["samples"][0]["subject"]["__typename"] == "User"


CHAIN = """query ($source: DirectorySource!) { account { directory(source: $source) {
  groups { nodes { memberCount teams { totalCount nodes { memberCount members { nodes { user {
    role memberships { nodes { id } } } } } } } } } } } }"""
STATEMENTS_OF_CHAIN = 9
"""Groups, their people, teams, number of teams, active members, members, people, roles and
memberships: one each."""


@pytest.mark.parametrize("source", ["COPILOT", "IDENTITY"])
async def test_a_relation_is_one_statement_however_many_parents(
    directory: ModuleGraph, source: str
) -> None:
    async def statements() -> int:
        before = directory.pool.statements
        answer = await directory.ask(ADMIN, CHAIN, source=source)
        assert answer.errors == []
        return directory.pool.statements - before

    assert await statements() == STATEMENTS_OF_CHAIN
    for number in range(5):
        name = f"More{number}"
        await add_person(directory.pool, ACME, name, day=number)
        await add_membership(directory.pool, ACME, name, "Field", "USER")
        await add_identity_user(directory.pool, ACME, name, teams=["t-free", "t-text"])
    assert await statements() == STATEMENTS_OF_CHAIN


async def test_a_super_admin_reads_twenty_accounts_people_in_one_statement(
    directory: ModuleGraph,
) -> None:
    accounts = [ACME, BETA, *[f"account-{number}" for number in range(18)]]
    representations = [{"__typename": "Account", "id": account} for account in accounts]
    before = directory.pool.statements
    answer = await directory.ask(
        super_admin(),
        "query ($of: [_Any!]!) { _entities(representations: $of) { ...on Account { id "
        "directory { users(first: 5) { nodes { id name email } } } } } }",
        of=representations,
    )
    assert directory.pool.statements - before == 1
    people = {
        account["id"]: [node["name"] for node in account["directory"]["users"]["nodes"]]
        for account in answer.field
    }
    assert (people[ACME], people[BETA]) == (["Dan", "Cleo", "Bob", "Ada"], ["Zoe"])


SINGLE = """
  user(id: $user) { id name } group(id: $group) { id name }
  team(id: $team) { id name } invite(id: $invite) { id email }
"""


@pytest.mark.parametrize(
    ("source", "ids", "names"),
    [
        ("COPILOT", ("Ada", "Research", "Lab", "open-invite"), ("Ada", "Research", "Lab")),
        ("IDENTITY", ("finn", "org-eng", "t-core", "none"), ("Finn 100%", "Engineering", "Core")),
    ],
)
async def test_one_of_each_is_found_by_id(
    directory: ModuleGraph, source: str, ids: tuple[str, ...], names: tuple[str, ...]
) -> None:
    wanted = [id_of(id) if source == "COPILOT" else id for id in ids]
    variables = dict(zip(("user", "group", "team", "invite"), wanted, strict=True))
    operation = f"""query ($user: ID!, $group: ID!, $team: ID!, $invite: ID!) {{
        account {{ directory(source: {source}) {{ {SINGLE} }} }} }}"""
    found = (await directory.ask(ADMIN, operation, **variables)).field["directory"]
    assert [found[noun]["name"] for noun in ("user", "group", "team")] == list(names)
    assert (found["invite"] is not None) == (source == "COPILOT")
    foreign = (await directory.ask(person(BETA), operation, **variables)).field["directory"]
    assert foreign == {"user": None, "group": None, "team": None, "invite": None}
    malformed = dict.fromkeys(variables, "not an id")
    absent = (await directory.ask(ADMIN, operation, **malformed)).field["directory"]
    assert absent == foreign


@pytest.mark.parametrize("id", [BETA, "no-such-account"])
async def test_another_accounts_directory_is_forbidden(directory: ModuleGraph, id: str) -> None:
    answer = await directory.ask(ADMIN, PAGE, id=id, source="COPILOT")
    assert [error.message for error in answer.errors] == ["This account is not yours."]
    assert answer.data == {"account": None}


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("User", id_of("Ada")),
        ("User", "finn"),
        ("Group", id_of("Research")),
        ("Group", BUCKET),
        ("Team", id_of("Lab")),
        ("Team", "t-core"),
        ("Membership", id_of("Bob-Field")),
        ("Membership", "identity:finn:t-core"),
        ("Invite", id_of("open-invite")),
    ],
)
async def test_entities_answer_their_own_account_only(
    directory: ModuleGraph, name: str, id: str
) -> None:
    assert await directory.entity(ADMIN, name, id, "id accountId") == {"id": id, "accountId": ACME}
    assert await directory.entity(super_admin(), name, id, "id") == {"id": id}
    assert await directory.entity(person(BETA), name, id, "id") is None


async def test_a_viewer_sees_their_own_row(directory: ModuleGraph) -> None:
    query = "{ viewer { user { id name role memberships { nodes { team { name } } } } } }"
    bob = replace(member(ACME), user_id=id_of("Bob"))
    (user,) = (await directory.ask(bob, query)).field.values()
    assert (user["name"], user["role"]) == ("Bob", "VIEWER")
    assert [node["team"]["name"] for node in user["memberships"]["nodes"]] == ["Lab", "Field"]
    assert (await directory.ask(super_admin(), query)).field == {"user": None}
    stray = replace(member(BETA), user_id=id_of("Bob"))
    assert (await directory.ask(stray, query)).field == {"user": None}


async def test_an_administrators_person_is_found_by_address(directory: ModuleGraph) -> None:
    query = """query ($of: [_Any!]!) {
      _entities(representations: $of) { ... on AccountAdmin { id user { id } } } }"""
    admins = [
        {"__typename": "AccountAdmin", "id": "1", "accountId": ACME, "email": "ADA@acme.test"},
        {"__typename": "AccountAdmin", "id": "2", "accountId": ACME, "email": "new@acme.test"},
        {"__typename": "AccountAdmin", "id": "3", "accountId": BETA, "email": "zoe@beta.test"},
    ]
    before = directory.pool.statements
    found = (await directory.ask(super_admin(), query, of=admins)).field
    assert directory.pool.statements - before == 1
    assert [row["user"] for row in found] == [{"id": id_of("Ada")}, None, {"id": id_of("Zoe")}]
    own = (await directory.ask(ADMIN, query, of=admins)).field
    assert [row["user"] for row in own] == [{"id": id_of("Ada")}, None, None]


async def test_the_subject_at_the_provider_is_matched_by_address(directory: ModuleGraph) -> None:
    await add_identity_user(
        directory.pool, ACME, "ada-1", user_email="Ada@ACME.test", sso_user_id="sub-ada"
    )
    found = await asked(directory, "users(orderBy: { field: NAME }) { nodes { externalId } }")
    assert [node["externalId"] for node in found["users"]["nodes"]] == ["sub-ada", None, None, None]


async def test_the_platform_lists_the_worst_health_first(directory: ModuleGraph) -> None:
    query = """{ platform { directoryHealth(filter: { maxScorePercent: 99 }) {
      totalCount nodes { accountId account { id } scorePercent } } } }"""
    (health,) = (await directory.ask(super_admin(), query)).field.values()
    assert health["totalCount"] == 2
    assert [node["account"]["id"] for node in health["nodes"]] == [ACME, BETA]


@pytest.mark.parametrize("first", [-1, 201])
async def test_more_samples_than_allowed_are_refused(directory: ModuleGraph, first: int) -> None:
    query = """query ($first: Int!) {
      account { directory { health { issues { samples(first: $first) { missingIds } } } } } }"""
    answer = await directory.ask(ADMIN, query, first=first)
    assert "first may be 0 to 200" in answer.errors[0].message


@pytest.mark.parametrize(
    "users",
    [
        "users(first: 201) { totalCount nodes { id } }",
        'users(after: "bad") { nodes { id } }',
        "users(first: 1, last: 1) { nodes { id } }",
    ],
)
async def test_bad_paging_is_explained(directory: ModuleGraph, users: str) -> None:
    answer = await directory.ask(ADMIN, f"{{ account {{ directory {{ {users} }} }} }}")
    assert answer.errors
    assert all(getattr(e.original_error, "code", "") == "BAD_USER_INPUT" for e in answer.errors)


@pytest.mark.parametrize(
    "field",
    [
        'user(id: "a\\u0000b") { id }',
        'users(filter: { search: "\\u0000" }) { totalCount }',
        'users(filter: { ids: ["\\u0000"] }) { nodes { id } }',
        'teams(filter: { groupId: "\\u0000" }) { nodes { id } }',
    ],
)
async def test_text_the_database_cannot_hold_is_explained(
    directory: ModuleGraph, field: str
) -> None:
    operation = f"{{ account {{ directory(source: IDENTITY) {{ {field} }} }} }}"
    answer = await directory.ask(ADMIN, operation)
    assert {error.message for error in answer.errors} == {
        "Text may not contain the character U+0000."
    }


async def test_no_field_tells_an_invites_token(directory: ModuleGraph) -> None:
    invite = directory.subgraph.schema.type_map["Invite"]
    assert isinstance(invite, GraphQLObjectType)
    assert "email" in invite.fields
    assert not [name for name in invite.fields if "token" in name.lower()]

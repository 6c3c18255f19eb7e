from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import anyio
import pytest

from auth.caller import ActorKind, Caller, Role
from tests.harness.callers import person, super_admin
from tests.harness.module import ModuleGraph
from tests.harness.sql import look, run

ADMIN = person("a")
OTHER = person("b")
MACHINE = replace(ADMIN, kind=ActorKind.SERVICE, roles=frozenset({Role.SERVICE}))
ABSENT = "00000000-0000-4000-8000-000000000000"
USER = "user { id name email isActive } membership { id role isActive team { id name } }"
MEMBERSHIP = "membership { id role isActive team { id name isDefault } user { id } }"


async def add_user(graph: ModuleGraph, name: str, caller: Caller = ADMIN, **input: Any) -> Any:
    answer = await graph.write(
        caller, "createUser", USER, name=name, email=f"{name.lower()}@x.test", **input
    )
    assert answer["userErrors"] == []
    return answer


async def add_group(graph: ModuleGraph, name: str, caller: Caller = ADMIN) -> str:
    answer = await graph.write(caller, "createGroup", "group { id }", name=name)
    assert answer["userErrors"] == []
    return str(answer["group"]["id"])


async def add_team(graph: ModuleGraph, name: str, group: str, caller: Caller = ADMIN) -> str:
    answer = await graph.write(caller, "createTeam", "team { id }", name=name, groupId=group)
    assert answer["userErrors"] == []
    return str(answer["team"]["id"])


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(error["code"], ".".join(error["path"])) for error in answer["userErrors"]]


async def actions(graph: ModuleGraph) -> list[str]:
    rows = await look(
        graph.pool,
        "SELECT resource_type || '.' || action FROM copilot.audit_log ORDER BY created_at",
    )
    return [row[0] for row in rows]


# --- people ---------------------------------------------------------------------------------------


async def test_a_new_person_is_in_the_default_team_which_is_made_once(graph: ModuleGraph) -> None:
    first = await add_user(graph, "Ann")
    second = await add_user(graph, "Ben", role="ADMIN")
    assert first["user"] == {
        "id": first["user"]["id"],
        "name": "Ann",
        "email": "ann@x.test",
        "isActive": True,
    }
    assert (first["membership"]["role"], second["membership"]["role"]) == ("USER", "ADMIN")
    assert first["membership"]["team"] == second["membership"]["team"]
    assert first["membership"]["team"]["name"] == "Global"
    groups = await look(graph.pool, "SELECT name, is_default FROM copilot.groups")
    assert groups == [("Global", True)]
    assert await actions(graph) == ["user.create", "user.create"]


async def test_an_address_is_unique_in_its_account_ignoring_case(graph: ModuleGraph) -> None:
    await add_user(graph, "Ann")
    again = await graph.write(ADMIN, "createUser", USER, name="Ann", email=" ANN@x.test")
    assert codes(again) == [("TAKEN", "input.email")]
    await add_user(graph, "Ann", OTHER)


@pytest.mark.parametrize(
    ("input", "error"),
    [
        ({"name": "  "}, ("REQUIRED", "input.name")),
        ({"name": "x" * 256}, ("INVALID", "input.name")),
        ({"name": "two\nlines"}, ("INVALID", "input.name")),
        ({"name": "Ann", "teamId": ABSENT}, ("NOT_FOUND", "input.teamId")),
        ({"name": "Ann", "teamId": "malformed"}, ("NOT_FOUND", "input.teamId")),
    ],
)
async def test_a_person_that_cannot_be_added_changes_nothing(
    graph: ModuleGraph, input: dict[str, str], error: tuple[str, str]
) -> None:
    answer = await graph.write(ADMIN, "createUser", USER, email="ann@x.test", **input)
    assert (answer["user"], codes(answer)) == (None, [error])
    assert await look(graph.pool, "SELECT * FROM copilot.users") == []
    assert await look(graph.pool, "SELECT * FROM copilot.groups") == []
    assert await actions(graph) == []


async def test_a_machine_appoints_no_administrator(graph: ModuleGraph) -> None:
    answer = await graph.write(
        MACHINE, "createUser", USER, name="Ann", email="ann@x.test", role="ADMIN"
    )
    assert codes(answer) == [("NOT_ENTITLED", "input.role")]
    ann = (await add_user(graph, "Ann", MACHINE))["membership"]["id"]
    answer = await graph.write(MACHINE, "updateMembership", MEMBERSHIP, id=ann, role="ADMIN")
    assert codes(answer) == [("NOT_ENTITLED", "input.role")]


async def test_absent_keeps_and_null_clears(graph: ModuleGraph) -> None:
    ann = (await add_user(graph, "Ann", profileImageUrl="https://x.test/a.png"))["user"]["id"]
    fields = "user { name profileImageUrl }"
    kept = await graph.write(ADMIN, "updateUser", fields, id=ann, name="Anna")
    assert kept["user"] == {"name": "Anna", "profileImageUrl": "https://x.test/a.png"}
    cleared = await graph.write(ADMIN, "updateUser", fields, id=ann, profileImageUrl=None)
    assert cleared["user"] == {"name": "Anna", "profileImageUrl": None}
    refused = await graph.write(ADMIN, "updateUser", fields, id=ann, name=None)
    assert codes(refused) == [("REQUIRED", "input.name")]


async def test_a_change_is_recorded_with_both_values_and_none_is_not(graph: ModuleGraph) -> None:
    ann = (await add_user(graph, "Ann"))["user"]["id"]
    await graph.write(ADMIN, "updateUser", "user { id }", id=ann, name="Ann")
    await graph.write(ADMIN, "updateUser", "user { id }", id=ann, name="Anna")
    rows = await look(
        graph.pool, "SELECT details, actor_id FROM copilot.audit_log WHERE action = 'update'"
    )
    assert rows == [({"before": {"name": "Ann"}, "after": {"name": "Anna"}}, ADMIN.id)]


async def test_deactivating_has_callers_checked_anew(graph: ModuleGraph) -> None:
    ann = (await add_user(graph, "Ann"))["user"]["id"]
    answer = await graph.write(ADMIN, "updateUser", "user { isActive }", id=ann, isActive=False)
    assert answer["user"] == {"isActive": False}
    assert graph.services.principals.times == 1  # type: ignore[attr-defined] # the harness counts


# --- the last administrator -----------------------------------------------------------------------


async def test_the_last_administrator_stays(graph: ModuleGraph) -> None:
    ann = await add_user(graph, "Ann", role="ADMIN")
    user, membership = ann["user"]["id"], ann["membership"]["id"]
    for mutation, fields, input in (
        ("updateUser", "user { id }", {"id": user, "isActive": False}),
        ("updateMembership", MEMBERSHIP, {"id": membership, "role": "USER"}),
        ("updateMembership", MEMBERSHIP, {"id": membership, "isActive": False}),
    ):
        answer = await graph.write(ADMIN, mutation, fields, **input)
        assert [error["code"] for error in answer["userErrors"]] == ["LAST_ADMIN"]
    await run(
        graph.pool,
        'INSERT INTO "Alchemi_AccountAdminTable" (id, account_id, user_email)'
        " VALUES ('1', 'a', 'Boss@X.test')",
    )
    answer = await graph.write(ADMIN, "updateMembership", MEMBERSHIP, id=membership, role="USER")
    assert answer["membership"]["role"] == "USER"


async def test_two_administrators_cannot_remove_each_other_at_once(graph: ModuleGraph) -> None:
    ids = [
        (await add_user(graph, name, role="ADMIN"))["membership"]["id"] for name in ("Ann", "Ben")
    ]
    answers: list[Any] = []

    async def demote(id: str) -> None:
        answers.append(await graph.write(ADMIN, "updateMembership", MEMBERSHIP, id=id, role="USER"))

    async with anyio.create_task_group() as tasks:
        for id in ids:
            tasks.start_soon(demote, id)
    assert sorted(code for answer in answers for code, _ in codes(answer)) == ["LAST_ADMIN"]


# --- groups and teams -----------------------------------------------------------------------------


async def test_names_are_unique_where_they_live_also_under_concurrency(graph: ModuleGraph) -> None:
    answers: list[Any] = []

    async def create() -> None:
        answers.append(await graph.write(ADMIN, "createGroup", "group { id }", name="Care"))

    async with anyio.create_task_group() as tasks:
        for _ in range(6):
            tasks.start_soon(create)
    assert sum(answer["group"] is not None for answer in answers) == 1
    assert [codes(a) for a in answers if a["group"] is None] == [[("TAKEN", "input.name")]] * 5
    other = await add_group(graph, "Cure")
    renamed = await graph.write(ADMIN, "updateGroup", "group { id }", id=other, name="cARE")
    assert codes(renamed) == [("TAKEN", "input.name")]
    await add_team(graph, "Ward", other)
    again = await graph.write(ADMIN, "createTeam", "team { id }", name="WARD", groupId=other)
    assert codes(again) == [("TAKEN", "input.name")]


async def test_a_group_somebody_called_global_becomes_the_default(graph: ModuleGraph) -> None:
    group = await add_group(graph, "GLOBAL")
    await add_user(graph, "Ann")
    rows = await look(graph.pool, "SELECT id, is_default FROM copilot.groups")
    assert rows == [(group, True)]


async def test_the_default_group_and_team_are_protected(graph: ModuleGraph) -> None:
    team = (await add_user(graph, "Ann"))["membership"]["team"]["id"]
    ((group,),) = await look(graph.pool, "SELECT id FROM copilot.groups")
    for mutation, fields, input, path in (
        ("deleteGroup", "deletedId", {"id": group}, "input.id"),
        ("deleteTeam", "deletedId", {"id": team}, "input.id"),
        ("updateGroup", "group { id }", {"id": group, "name": "Other"}, "input.name"),
        ("updateTeam", "team { id }", {"id": team, "status": "INACTIVE"}, "input.status"),
    ):
        assert codes(await graph.write(ADMIN, mutation, fields, **input)) == [("PROTECTED", path)]
    described = await graph.write(
        ADMIN, "updateGroup", "group { description }", id=group, description=" All of us "
    )
    assert described["group"] == {"description": "All of us"}


async def test_a_group_with_teams_is_not_removed(graph: ModuleGraph) -> None:
    group = await add_group(graph, "Care")
    team = await add_team(graph, "Ward", group)
    assert codes(await graph.write(ADMIN, "deleteGroup", "deletedId", id=group)) == [
        ("IN_USE", "input.id")
    ]
    await graph.write(ADMIN, "deleteTeam", "deletedId", id=team)
    answer = await graph.write(ADMIN, "deleteGroup", "deletedId", id=group)
    assert answer == {"deletedId": group, "userErrors": []}


async def test_a_group_that_is_removed_meanwhile_gets_no_team(graph: ModuleGraph) -> None:
    for round in range(8):
        group = await add_group(graph, f"Care {round}")
        answers: dict[str, Any] = {}

        async def write(mutation: str, fields: str, **input: Any) -> None:
            answers[mutation] = await graph.write(ADMIN, mutation, fields, **input)  # noqa: B023 - awaited in its round

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(
                partial(write, "createTeam", "team { id }", name="Ward", groupId=group)
            )
            tasks.start_soon(partial(write, "deleteGroup", "deletedId", id=group))
        ended = [codes(answers["createTeam"]), codes(answers["deleteGroup"])]
        assert ended in ([[], [("IN_USE", "input.id")]], [[("NOT_FOUND", "input.groupId")], []])


async def test_an_owner_is_a_person_of_the_account(graph: ModuleGraph) -> None:
    foreign = (await add_user(graph, "Zoe", OTHER))["user"]["id"]
    own = (await add_user(graph, "Ann"))["user"]["id"]
    fields = "group { owner { id } }"
    refused = await graph.write(ADMIN, "createGroup", fields, name="Care", ownerId=foreign)
    missing = await graph.write(ADMIN, "createGroup", fields, name="Care", ownerId=ABSENT)
    assert refused == missing
    assert codes(refused) == [("NOT_FOUND", "input.ownerId")]
    answer = await graph.write(ADMIN, "createGroup", fields, name="Care", ownerId=own)
    assert answer["group"] == {"owner": {"id": own}}


# --- teams of people ------------------------------------------------------------------------------


async def teams_of(graph: ModuleGraph, user: str) -> list[str]:
    fields = "memberships { nodes { team { name } } }"
    found = await graph.entity(ADMIN, "User", user, fields)
    return sorted(node["team"]["name"] for node in found["memberships"]["nodes"])


async def test_a_person_joins_and_leaves_several_teams(graph: ModuleGraph) -> None:
    group = await add_group(graph, "Care")
    ward, lab = [await add_team(graph, name, group) for name in ("Ward", "Lab")]
    ann = (await add_user(graph, "Ann"))["user"]["id"]

    async def change(mutation: str, team: str) -> Any:
        return await graph.write(ADMIN, mutation, MEMBERSHIP, teamId=team, userId=ann)

    joined = await change("addTeamMember", ward)
    assert joined["membership"]["team"]["name"] == "Ward"
    assert await teams_of(graph, ann) == ["Ward"]
    again = await change("addTeamMember", ward)
    assert again == joined
    await change("addTeamMember", lab)
    assert await teams_of(graph, ann) == ["Lab", "Ward"]
    left = await change("removeTeamMember", ward)
    assert left["membership"]["team"]["name"] == "Lab"
    assert await teams_of(graph, ann) == ["Lab"]
    assert codes(await change("removeTeamMember", ward)) == [("NOT_FOUND", "input.userId")]
    left = await change("removeTeamMember", lab)
    assert left["membership"]["team"]["isDefault"] is True
    default = left["membership"]["team"]["id"]
    assert codes(await change("removeTeamMember", default)) == [("INVALID_STATE", "input.teamId")]


async def test_removing_a_team_moves_only_those_without_another_one(graph: ModuleGraph) -> None:
    group = await add_group(graph, "Care")
    ward, lab = [await add_team(graph, name, group) for name in ("Ward", "Lab")]
    ann = (await add_user(graph, "Ann", teamId=ward))["user"]["id"]
    ben = (await add_user(graph, "Ben", teamId=ward))["user"]["id"]
    cal = (await add_user(graph, "Cal", teamId=lab))["user"]["id"]
    for team, user in ((lab, ben), (ward, cal)):
        await graph.write(ADMIN, "addTeamMember", MEMBERSHIP, teamId=team, userId=user)
    answer = await graph.write(ADMIN, "deleteTeam", "deletedId movedMemberCount", id=ward)
    assert (answer["deletedId"], answer["movedMemberCount"]) == (ward, 1)
    assert [await teams_of(graph, user) for user in (ann, ben, cal)] == [
        ["Global"],
        ["Lab"],
        ["Lab"],
    ]


async def test_a_membership_changes_its_team_and_returns_to_the_default(graph: ModuleGraph) -> None:
    group = await add_group(graph, "Care")
    ward, lab = [await add_team(graph, name, group) for name in ("Ward", "Lab")]
    ann = await add_user(graph, "Ann", teamId=ward)
    first, user = ann["membership"]["id"], ann["user"]["id"]
    further = await graph.write(ADMIN, "addTeamMember", MEMBERSHIP, teamId=lab, userId=user)

    async def move(id: str, team: str | None) -> Any:
        return await graph.write(ADMIN, "updateMembership", MEMBERSHIP, id=id, teamId=team)

    assert codes(await move(first, lab)) == [("TAKEN", "input.teamId")]
    assert codes(await move(further["membership"]["id"], ward)) == [("TAKEN", "input.teamId")]
    assert (await move(first, None))["membership"]["team"]["isDefault"] is True
    assert codes(await move(first, ABSENT)) == [("NOT_FOUND", "input.teamId")]
    changed = await graph.write(
        ADMIN, "updateMembership", MEMBERSHIP, id=further["membership"]["id"], role="VIEWER"
    )
    assert changed["membership"]["role"] == "VIEWER"


async def test_joining_needs_an_active_membership(graph: ModuleGraph) -> None:
    group = await add_group(graph, "Care")
    ward = await add_team(graph, "Ward", group)
    ann = await add_user(graph, "Ann")
    await graph.write(
        ADMIN, "updateMembership", MEMBERSHIP, id=ann["membership"]["id"], isActive=False
    )
    answer = await graph.write(
        ADMIN, "addTeamMember", MEMBERSHIP, teamId=ward, userId=ann["user"]["id"]
    )
    assert codes(answer) == [("INVALID_STATE", "input.userId")]


async def test_joining_the_same_team_at_once_joins_once(graph: ModuleGraph) -> None:
    group = await add_group(graph, "Care")
    ward, lab = [await add_team(graph, name, group) for name in ("Ward", "Lab")]
    ann = (await add_user(graph, "Ann", teamId=ward))["user"]["id"]

    async def join() -> None:
        answer = await graph.write(ADMIN, "addTeamMember", MEMBERSHIP, teamId=lab, userId=ann)
        assert answer["userErrors"] == []

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(join)
    assert await teams_of(graph, ann) == ["Lab", "Ward"]
    assert (await actions(graph)).count("team.add_member") == 1


# --- tenants --------------------------------------------------------------------------------------


async def test_a_super_admin_writes_into_the_account_they_name(graph: ModuleGraph) -> None:
    answer = await graph.write(
        super_admin(), "createUser", USER, accountId="b", name="Zoe", email="zoe@x.test"
    )
    rows = await look(graph.pool, "SELECT account_id FROM copilot.users")
    assert (answer["userErrors"], rows) == ([], [("b",)])

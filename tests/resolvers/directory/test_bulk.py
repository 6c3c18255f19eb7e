from __future__ import annotations

from typing import Any

import pytest

from datasources.database import Pool
from schema.operations import OPERATIONS
from tests.harness.callers import person, super_admin
from tests.harness.module import ModuleGraph
from tests.harness.sql import look, run

ADMIN = person("a")
OTHER = person("b")
ABSENT = "00000000-0000-4000-8000-000000000000"
REPORT = """kind status isDryRun matchedCount changedCount skippedCount accountCount
    progressPercent canUndo values selection finishedAt requestedBy { name }
    items(first: 200) { totalCount nodes { targetId outcome reason } }"""


@pytest.fixture
def operations(pool: Pool) -> ModuleGraph:
    return ModuleGraph(OPERATIONS, pool)


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(error["code"], ".".join(error["path"])) for error in answer["userErrors"]]


async def bulk(graph: ModuleGraph, mutation: str, **input: Any) -> str:
    answer = await graph.write(ADMIN, mutation, "operation { id }", **input)
    assert answer["userErrors"] == []
    return str(answer["operation"]["id"])


async def report(operations: ModuleGraph, id: str) -> Any:
    return await operations.entity(ADMIN, "BulkOperation", id, REPORT)


def outcomes(found: Any) -> dict[str, tuple[str, str | None]]:
    return {n["targetId"]: (n["outcome"], n["reason"]) for n in found["items"]["nodes"]}


async def people(graph: ModuleGraph, *names: str, **input: Any) -> list[str]:
    ids = []
    for name in names:
        answer = await graph.write(
            ADMIN, "createUser", "user { id }", name=name, email=f"{name.lower()}@x.test", **input
        )
        ids.append(answer["user"]["id"])
    return ids


# --- invites --------------------------------------------------------------------------------------


async def test_everybody_who_can_be_invited_is_in_few_statements(
    graph: ModuleGraph, operations: ModuleGraph
) -> None:
    await people(graph, "Ann")
    await graph.write(ADMIN, "createInvite", "token", email="ben@x.test")
    emails = ["ann@x.test", "ben@x.test", "cal@x.test", "CAL@x.test"]
    emails += [f"new{i}@x.test" for i in range(90)]
    before = graph.pool.statements
    id = await bulk(graph, "bulkCreateInvites", emails=emails, role="VIEWER")
    assert graph.pool.statements - before <= 9
    found = await report(operations, id)
    assert outcomes(found)["ann@x.test"] == ("SKIPPED", "Is a member already.")
    assert outcomes(found)["ben@x.test"] == ("SKIPPED", "Is invited already.")
    assert outcomes(found)["new7@x.test"] == ("CHANGED", None)
    counts = {name: found[name] for name in ("matchedCount", "changedCount", "skippedCount")}
    assert counts == {"matchedCount": 94, "changedCount": 91, "skippedCount": 3}
    assert (found["kind"], found["status"], found["isDryRun"]) == (
        "CREATE_INVITES",
        "SUCCEEDED",
        False,
    )
    assert (found["progressPercent"], found["canUndo"]) == (100.0, False)
    rows = await look(
        graph.pool, "SELECT count(*), min(role) FROM copilot.user_invites WHERE role = 'VIEWER'"
    )
    assert rows == [(91, "VIEWER")]


async def test_a_dry_run_reports_the_same_and_invites_nobody(
    graph: ModuleGraph, operations: ModuleGraph
) -> None:
    id = await bulk(graph, "bulkCreateInvites", emails=["a@x.test", "b@x.test"], dryRun=True)
    found = await report(operations, id)
    assert outcomes(found) == {"a@x.test": ("MATCHED", None), "b@x.test": ("MATCHED", None)}
    assert (found["isDryRun"], found["changedCount"], found["matchedCount"]) == (True, 0, 2)
    assert await look(graph.pool, "SELECT 1 FROM copilot.user_invites") == []


@pytest.mark.parametrize(
    ("emails", "error"),
    [
        ([], ("EMPTY_SELECTION", "input.emails")),
        ([f"p{i}@x.test" for i in range(1001)], ("INVALID", "input.emails")),
    ],
)
async def test_too_few_and_too_many_are_refused(
    graph: ModuleGraph, emails: list[str], error: tuple[str, str]
) -> None:
    answer = await graph.write(ADMIN, "bulkCreateInvites", "operation { id }", emails=emails)
    assert (answer["operation"], codes(answer)) == (None, [error])


async def test_a_repeated_key_answers_with_the_first_operation(graph: ModuleGraph) -> None:
    input: dict[str, Any] = {"emails": ["a@x.test"], "idempotencyKey": "k"}
    first = await bulk(graph, "bulkCreateInvites", **input)
    assert await bulk(graph, "bulkCreateInvites", **input) == first
    assert len(await look(graph.pool, "SELECT 1 FROM copilot.user_invites")) == 1


# --- people ---------------------------------------------------------------------------------------


async def test_people_are_chosen_by_conditions_and_changed_together(
    graph: ModuleGraph, operations: ModuleGraph
) -> None:
    await people(graph, "Boss", role="ADMIN")
    ann, ben = await people(graph, "Ann", "Ben")
    (cal,) = await people(graph, "Cal", role="VIEWER")
    before = graph.pool.statements
    id = await bulk(graph, "bulkUpdateUsers", filter={"roles": ["USER", "VIEWER"]}, role="VIEWER")
    assert graph.pool.statements - before <= 11
    found = await report(operations, id)
    assert outcomes(found) == {
        ann: ("CHANGED", None),
        ben: ("CHANGED", None),
        cal: ("SKIPPED", "Is that way already."),
    }
    assert found["values"] == {"role": "VIEWER"}
    assert found["selection"] == {"filter": {"roles": ["USER", "VIEWER"]}}


async def test_ids_that_are_nobody_here_are_skipped_whoever_else_has_them(
    graph: ModuleGraph, operations: ModuleGraph
) -> None:
    (ann,) = await people(graph, "Ann")
    foreign = await graph.write(OTHER, "createUser", "user { id }", name="Zoe", email="z@x.test")
    zoe = foreign["user"]["id"]
    ids = [ann, zoe, ABSENT, "malformed"]
    found = await report(operations, await bulk(graph, "bulkUpdateUsers", ids=ids, isActive=False))
    reason = "Is not among the people selected."
    assert outcomes(found) == {
        ann: ("CHANGED", None),
        zoe: ("SKIPPED", reason),
        ABSENT: ("SKIPPED", reason),
        "malformed": ("SKIPPED", reason),
    }
    rows = await look(graph.pool, "SELECT is_active FROM copilot.users WHERE account_id = 'b'")
    assert rows == [(True,)]


async def test_a_team_becomes_everybodys_first_one(
    graph: ModuleGraph, operations: ModuleGraph
) -> None:
    group = await graph.write(ADMIN, "createGroup", "group { id }", name="Care")
    made = await graph.write(
        ADMIN, "createTeam", "team { id }", name="Ward", groupId=group["group"]["id"]
    )
    ids = await people(graph, "Ann", "Ben")
    found = await report(
        operations, await bulk(graph, "bulkUpdateUsers", ids=ids, teamId=made["team"]["id"])
    )
    assert found["changedCount"] == 2
    team = await graph.entity(ADMIN, "Team", made["team"]["id"], "memberCount")
    assert team == {"memberCount": 2}


async def test_a_dry_run_of_a_change_takes_it_back(
    graph: ModuleGraph, operations: ModuleGraph
) -> None:
    (ann,) = await people(graph, "Ann")
    id = await bulk(graph, "bulkUpdateUsers", ids=[ann], isActive=False, dryRun=True)
    assert outcomes(await report(operations, id)) == {ann: ("MATCHED", None)}
    assert await look(graph.pool, "SELECT is_active FROM copilot.users") == [(True,)]
    events = await look(graph.pool, "SELECT 1 FROM copilot.audit_log WHERE action = 'bulk_update'")
    assert events == []


@pytest.mark.parametrize("is_trial", [True, False])
async def test_a_bulk_change_keeps_an_administrator(graph: ModuleGraph, is_trial: bool) -> None:
    ids = await people(graph, "Ann", "Ben", role="ADMIN")
    answer = await graph.write(
        ADMIN, "bulkUpdateUsers", "operation { id }", ids=ids, role="USER", dryRun=is_trial
    )
    assert [code for code, _ in codes(answer)] == ["LAST_ADMIN"]


@pytest.mark.parametrize(
    ("input", "error"),
    [
        ({"isActive": True}, ("EMPTY_SELECTION", "input.ids")),
        ({"ids": [], "filter": {}, "isActive": True}, ("EMPTY_SELECTION", "input.ids")),
        ({"ids": [ABSENT]}, ("REQUIRED", "input.isActive")),
        ({"ids": [ABSENT], "teamId": ABSENT}, ("NOT_FOUND", "input.teamId")),
    ],
)
async def test_a_bulk_change_says_whom_and_what(
    graph: ModuleGraph, input: dict[str, Any], error: tuple[str, str]
) -> None:
    answer = await graph.write(ADMIN, "bulkUpdateUsers", "operation { id }", **input)
    assert codes(answer) == [error]


async def test_operations_are_listed_in_their_account_alone(
    graph: ModuleGraph, operations: ModuleGraph
) -> None:
    id = await bulk(graph, "bulkCreateInvites", emails=["a@x.test"])
    query = "{ account { bulkOperations { totalCount nodes { id } } } }"
    own = await operations.ask(ADMIN, query)
    assert own.fields["account"]["bulkOperations"] == {"totalCount": 1, "nodes": [{"id": id}]}
    foreign = await operations.ask(OTHER, query)
    assert foreign.fields["account"]["bulkOperations"] == {"totalCount": 0, "nodes": []}
    assert await operations.entity(OTHER, "BulkOperation", id, "id") is None
    one = f'{{ account {{ bulkOperation(id: "{id}") {{ id }} }} }}'
    assert (await operations.ask(OTHER, one)).fields == {"account": {"bulkOperation": None}}
    everywhere = await operations.ask(
        super_admin(),
        "{ platform { bulkOperations(filter: {kinds: [CREATE_INVITES]}) { totalCount } } }",
    )
    assert everywhere.fields == {"platform": {"bulkOperations": {"totalCount": 1}}}


# --- linking --------------------------------------------------------------------------------------


async def identities(graph: ModuleGraph, *rows: tuple[str, str, str | None]) -> None:
    for id, email, account in rows:
        await run(
            graph.pool,
            'INSERT INTO "LiteLLM_UserTable" (user_id, user_email, account_id) VALUES ($1, $2, $3)',
            id,
            email,
            account,
        )


async def accounts_of(graph: ModuleGraph) -> dict[str, str | None]:
    rows = await look(graph.pool, 'SELECT user_id, account_id FROM "LiteLLM_UserTable"')
    return {row[0]: row[1] for row in rows}


LINK = "linkedCount conflictCount conflicts { id }"


async def test_only_people_linked_nowhere_are_linked_and_nobody_is_moved(
    graph: ModuleGraph,
) -> None:
    await run(graph.pool, "UPDATE \"Alchemi_AccountTable\" SET domain = account_id || '.test'")
    await run(
        graph.pool,
        'INSERT INTO "Alchemi_AccountAdminTable" (id, account_id, user_email)'
        " VALUES ('1', 'b', 'Contested@A.test')",
    )
    await identities(
        graph,
        ("free", "Free@A.test", None),
        ("none", "none@a.test", "None"),
        ("elsewhere", "else@a.test", "b"),
        ("contested", "contested@a.test", None),
        ("dangling", "dangling@a.test", "gone"),
        ("stranger", "x@c.test", None),
    )
    before = await accounts_of(graph)
    trial = await graph.write(ADMIN, "reconcileIdentityUsers", LINK, dryRun=True)
    assert (trial["linkedCount"], await accounts_of(graph)) == (2, before)
    answer = await graph.write(ADMIN, "reconcileIdentityUsers", LINK)
    assert answer == {"linkedCount": 2, "conflictCount": 2, "conflicts": [], "userErrors": []}
    assert await accounts_of(graph) == before | {"free": "a", "none": "a"}
    again = await graph.write(super_admin(), "reconcileIdentityUsers", LINK, accountId="a")
    assert again["linkedCount"] == 0
    assert [user["id"] for user in again["conflicts"]] == ["elsewhere"]

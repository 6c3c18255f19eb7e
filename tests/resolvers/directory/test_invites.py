from __future__ import annotations

from dataclasses import replace
from typing import Any

import anyio
import pytest

from auth.caller import ActorKind, Caller
from tests.harness.callers import nobody, person
from tests.harness.module import ModuleGraph
from tests.harness.sql import look, run

ADMIN = person("a")
OTHER = person("b")
INVITEE = nobody("ann@x.test")
SENT = "token invite { id email role status team { name } expiresAt }"
JOINED = "status account { id } user { id name email } membership { role team { name } }"


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(error["code"], ".".join(error["path"])) for error in answer["userErrors"]]


async def invite(graph: ModuleGraph, email: str = "Ann@x.test", **input: Any) -> Any:
    answer = await graph.write(ADMIN, "createInvite", SENT, email=email, **input)
    assert answer["userErrors"] == []
    return answer


async def accept(graph: ModuleGraph, token: str, caller: Caller = INVITEE) -> Any:
    return await graph.write(caller, "acceptInvite", JOINED, token=token)


async def test_an_invitee_joins_with_role_and_team_of_the_invite(graph: ModuleGraph) -> None:
    group = await graph.write(ADMIN, "createGroup", "group { id }", name="Care")
    team = await graph.write(
        ADMIN, "createTeam", "team { id }", name="Ward", groupId=group["group"]["id"]
    )
    sent = await invite(graph, role="VIEWER", teamId=team["team"]["id"])
    assert (sent["invite"]["email"], sent["invite"]["status"]) == ("ann@x.test", "PENDING")
    answer = await accept(graph, sent["token"])
    assert answer["userErrors"] == []
    assert (answer["status"], answer["account"]) == ("ACCEPTED", {"id": "a"})
    assert answer["membership"] == {"role": "VIEWER", "team": {"name": "Ward"}}
    assert answer["user"]["email"] == "ann@x.test"
    again = await accept(graph, sent["token"])
    assert codes(again) == [("INVALID_STATE", "input.token")]


async def test_the_token_is_stored_only_as_a_digest_and_recorded_nowhere(
    graph: ModuleGraph,
) -> None:
    token = (await invite(graph, idempotencyKey="k"))["token"]
    rows = await look(graph.pool, "SELECT token FROM copilot.user_invites")
    assert [value.startswith("sha256:") for (value,) in rows] == [True]
    for table in ("copilot.user_invites", "copilot.audit_log", "gateway.idempotency_keys"):
        found = await look(graph.pool, f"SELECT t::text FROM {table} t")
        assert found
        assert not any(token in text for (text,) in found)
    assert codes(await accept(graph, rows[0][0])) == [("NOT_FOUND", "input.token")]


@pytest.mark.parametrize(
    "caller",
    [
        nobody("eve@x.test"),
        replace(INVITEE, is_email_verified=False),
        replace(INVITEE, email=None),
        replace(INVITEE, kind=ActorKind.SERVICE),
        OTHER,
    ],
)
async def test_nobody_but_the_invitee_with_a_verified_address_accepts_or_declines(
    graph: ModuleGraph, caller: Caller
) -> None:
    token = (await invite(graph))["token"]
    for mutation in ("acceptInvite", "declineInvite"):
        own = await graph.write(caller, mutation, "status", token=token)
        made_up = await graph.write(caller, mutation, "status", token="x" * 43)
        assert own == made_up
        assert codes(own) == [("NOT_FOUND", "input.token")]


async def test_an_invite_is_accepted_once_however_often_at_once(graph: ModuleGraph) -> None:
    token = (await invite(graph))["token"]
    answers: list[Any] = []

    async def take() -> None:
        answers.append(await accept(graph, token))

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(take)
    assert sorted(len(answer["userErrors"]) for answer in answers) == [0, 1, 1, 1, 1]
    assert len(await look(graph.pool, "SELECT 1 FROM copilot.users")) == 1


async def test_members_and_invited_people_are_not_invited_again(graph: ModuleGraph) -> None:
    await invite(graph)
    again = await graph.write(ADMIN, "createInvite", SENT, email="ANN@x.test")
    assert codes(again) == [("TAKEN", "input.email")]
    await graph.write(ADMIN, "createUser", "user { id }", name="Ben", email="ben@x.test")
    member = await graph.write(ADMIN, "createInvite", SENT, email="ben@x.test")
    assert codes(member) == [("TAKEN", "input.email")]


async def test_one_of_many_invites_at_once_is_sent(graph: ModuleGraph) -> None:
    answers: list[Any] = []

    async def send() -> None:
        answers.append(await graph.write(ADMIN, "createInvite", SENT, email="ann@x.test"))

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(send)
    assert sum(answer["token"] is not None for answer in answers) == 1


async def test_a_repeated_key_sends_one_invite_and_shows_its_token_again(
    graph: ModuleGraph,
) -> None:
    first = await invite(graph, idempotencyKey="k")
    assert await invite(graph, idempotencyKey="k") == first
    assert len(await look(graph.pool, "SELECT 1 FROM copilot.user_invites")) == 1


@pytest.mark.parametrize("days", [0, -1, 91])
async def test_an_invite_is_valid_for_one_to_ninety_days(graph: ModuleGraph, days: int) -> None:
    answer = await graph.write(ADMIN, "createInvite", SENT, email="a@x.test", expiresInDays=days)
    assert codes(answer) == [("INVALID", "input.expiresInDays")]


async def expire(graph: ModuleGraph) -> None:
    await run(graph.pool, "UPDATE copilot.user_invites SET expires_at = now() - interval '1 s'")


async def test_an_expired_invite_is_renewed_with_another_token(graph: ModuleGraph) -> None:
    sent = await invite(graph)
    await expire(graph)
    assert codes(await accept(graph, sent["token"])) == [("EXPIRED", "input.token")]
    fields = SENT
    renewed = await graph.write(ADMIN, "resendInvite", fields, id=sent["invite"]["id"])
    assert renewed["invite"]["status"] == "PENDING"
    assert codes(await accept(graph, sent["token"])) == [("NOT_FOUND", "input.token")]
    assert codes(await accept(graph, renewed["token"])) == []


async def test_an_expired_invite_is_not_in_the_way_of_a_new_one(graph: ModuleGraph) -> None:
    old = await invite(graph)
    await expire(graph)
    await invite(graph)
    answer = await graph.write(ADMIN, "resendInvite", SENT, id=old["invite"]["id"])
    assert codes(answer) == [("INVALID_STATE", "input.id")]


async def test_only_a_pending_invite_is_cancelled_or_declined(graph: ModuleGraph) -> None:
    sent = await invite(graph)
    fields = "invite { status }"
    cancelled = await graph.write(ADMIN, "cancelInvite", fields, id=sent["invite"]["id"])
    assert cancelled["invite"] == {"status": "CANCELLED"}
    again = await graph.write(ADMIN, "cancelInvite", fields, id=sent["invite"]["id"])
    assert codes(again) == [("INVALID_STATE", "input.id")]
    assert codes(await accept(graph, sent["token"])) == [("INVALID_STATE", "input.token")]
    token = (await invite(graph))["token"]
    declined = await graph.write(INVITEE, "declineInvite", "status", token=token)
    assert declined == {"status": "DECLINED", "userErrors": []}
    assert codes(await accept(graph, token)) == [("INVALID_STATE", "input.token")]


async def test_an_existing_member_keeps_their_role(graph: ModuleGraph) -> None:
    token = (await invite(graph, role="GUEST"))["token"]
    await graph.write(
        ADMIN, "createUser", "user { id }", name="Ann", email="ann@x.test", role="VIEWER"
    )
    assert (await accept(graph, token))["membership"]["role"] == "VIEWER"


async def test_an_invite_does_not_open_what_the_account_closed(graph: ModuleGraph) -> None:
    token = (await invite(graph))["token"]
    made = await graph.write(ADMIN, "createUser", "user { id }", name="Ann", email="ann@x.test")
    await graph.write(ADMIN, "updateUser", "user { id }", id=made["user"]["id"], isActive=False)
    assert codes(await accept(graph, token)) == [("INVALID_STATE", "input")]


async def test_invites_of_the_former_system_are_accepted_by_their_token(
    graph: ModuleGraph,
) -> None:
    token = "ab" * 32
    await run(
        graph.pool,
        "INSERT INTO copilot.user_invites (account_id, email, token, expires_at)"
        " VALUES ('a', 'Ann@x.test', $1, now() + interval '1 day')",
        token,
    )
    assert codes(await accept(graph, token)) == []


async def test_another_accounts_invite_reads_as_absent(graph: ModuleGraph) -> None:
    sent = await invite(graph)
    for mutation in ("resendInvite", "cancelInvite"):
        foreign = await graph.write(OTHER, mutation, "invite { id }", id=sent["invite"]["id"])
        absent = await graph.write(
            OTHER, mutation, "invite { id }", id="00000000-0000-4000-8000-000000000000"
        )
        assert foreign == absent
        assert codes(foreign) == [("NOT_FOUND", "input.id")]

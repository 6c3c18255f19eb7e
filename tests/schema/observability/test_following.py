"""Listening to the trail: one's own events as they are recorded, as the lists show them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from auth.caller import Caller, Role
from datasources.database import Pool
from federation.execution.response import Response
from tests.harness.access import ADMIN, ANN, fill_access, with_rights
from tests.harness.callers import super_admin
from tests.harness.directory import ACME, BETA, id_of
from tests.harness.graph import Graph
from tests.schema.observability.test_audit_events import FLAT, write

LISTEN = """subscription ($id: ID, $of: AuditEventFilter) {
  auditEvents(accountId: $id, filter: $of) { accountId type action message actor { id } details
    changes { field after } requestId hash operation { kind } } }"""
ZOE = with_rights(BETA, Role.ACCOUNT_ADMIN, id_of("Zoe"))


@pytest.fixture
async def graph(pool: Pool) -> AsyncIterator[Graph]:
    await fill_access(pool)
    graph = Graph(pool)
    yield graph
    await graph.aclose()


@asynccontextmanager
async def listening(
    graph: Graph, caller: Caller = ADMIN, id: str | None = None, **of: Any
) -> AsyncIterator[Any]:
    """What one who listens is told, from when they hear."""
    events = await graph.subscribe(caller, LISTEN, id=id, of=of)
    assert not isinstance(events, Response)
    first = asyncio.ensure_future(anext(events))
    await graph.followed(graph.follower_count + 1)

    async def told() -> AsyncIterator[Any]:
        yield _event(await first)
        async for event in events:
            yield _event(event)

    try:
        yield told()
    finally:
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        await events.aclose()


def _event(answer: Response) -> Any:
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["auditEvents"]


async def groups(graph: Graph, *names: str, caller: Caller = ADMIN) -> None:
    for name in names:
        await write(graph, "createGroup", caller, name=name)


async def added(told: Any, count: int = 1) -> list[str]:
    """Names of the groups that were added, as they are told."""
    events = [await anext(told) for _ in range(count)]
    return [
        next(change["after"] for change in event["changes"] if change["field"] == "name")
        for event in events
    ]


async def test_an_event_is_told_whole_once_in_order(graph: Graph) -> None:
    async with listening(graph) as told:
        await groups(graph, "East")
        event = await anext(told)
        assert (event["accountId"], event["type"], event["action"]) == (
            ACME,
            "copilot_directory",
            "create",
        )
        assert event["actor"] == {"id": ADMIN.id}
        assert (event["requestId"], len(event["hash"])) == ("test", 64)
        await groups(graph, "West", "North West")
        assert await added(told, 2) == ["West", "North West"]


async def test_events_of_other_accounts_never_arrive_whatever_is_asked_for(graph: Graph) -> None:
    async with (
        listening(graph) as own,
        listening(graph, accountIds=[BETA, ACME]) as of_both,
        listening(graph, includePlatform=True, search="s") as with_platform,
        listening(graph, accountIds=[BETA], includePlatform=True) as of_theirs,
        listening(graph, ZOE) as theirs,
    ):
        await groups(graph, "Theirs", caller=ZOE)
        await groups(graph, "Ours")
        for told in (own, of_both, with_platform):
            assert await added(told) == ["Ours"]
        assert await added(theirs) == ["Theirs"]
        last = asyncio.ensure_future(anext(of_theirs))
        await groups(graph, "More")
        assert await added(own) == ["More"]
        assert not last.done()
        last.cancel()
        await asyncio.gather(last, return_exceptions=True)


async def test_a_condition_means_what_it_means_in_the_list(graph: Graph) -> None:
    async with (
        listening(graph, types=["copilot_guardrail"]) as of_guardrails,
        listening(graph, search="WEST") as of_west,
        listening(graph, modules=["DIRECTORY"], actions=["create"]) as of_directory,
        listening(graph, sources=["GUARDRAILS"]) as of_log,
        listening(graph, occurredAt={"from": "2000-01-01T00:00:00Z"}) as since,
    ):
        await write(graph, "setGuardrail", guard="PII", isEnabled=True)
        await groups(graph, "East", "West")
        assert (await anext(of_guardrails))["action"] == "create"
        assert await added(of_west) == ["West"]
        assert await added(of_directory, 2) == ["East", "West"]
        assert (await anext(of_log))["type"] == "copilot_guardrail"
        assert len([await anext(since) for _ in range(4)]) == 4


async def test_what_the_platform_did_is_told_on_request_without_its_values(graph: Graph) -> None:
    feature = {"code": "x", "level": "MODULE", "name": "X", "planConfig": {"gold": {"seats": 9}}}
    async with listening(graph) as own, listening(graph, includePlatform=True) as more:
        await write(graph, "createFeature", super_admin(), **feature)
        await groups(graph, "West")
        assert await added(own) == ["West"]
        told = await anext(more)
        assert (told["accountId"], told["type"]) == (None, "copilot_feature_catalog")
        hidden = (told["actor"], told["changes"], told["details"], told["hash"])
        assert hidden == (None, [], {}, None)
        assert await added(more) == ["West"]


async def test_a_super_admin_hears_of_all_accounts_and_the_platform_or_of_some(
    graph: Graph,
) -> None:
    root = super_admin()
    async with (
        listening(graph, root) as every,
        listening(graph, root, BETA) as of_one,
        listening(graph, root, accountIds=[BETA]) as of_some,
    ):
        await groups(graph, "Ours")
        await groups(graph, "Theirs", caller=ZOE)
        await write(graph, "createFeature", root, code="x", level="MODULE", name="X")
        assert sorted(await added(every, 3)) == ["Ours", "Theirs", "X"]
        assert await added(of_one) == await added(of_some) == ["Theirs"]


async def test_events_of_a_bulk_operation_arrive_in_every_account_it_touched(graph: Graph) -> None:
    async with listening(graph) as ours, listening(graph, super_admin(), BETA) as theirs:
        given = {"accountIds": [ACME, BETA], "entitlements": [FLAT]}
        await write(graph, "bulkSetEntitlements", super_admin(), **given)
        assert (await anext(ours))["operation"] is None
        assert (await anext(theirs))["operation"] == {"kind": "SET_ENTITLEMENTS"}


async def test_tried_refused_and_repeated_changes_are_not_told(graph: Graph) -> None:
    async with listening(graph) as told:
        trial = {"accountIds": [ACME], "entitlements": [FLAT], "dryRun": True}
        await write(graph, "bulkSetEntitlements", super_admin(), **trial)
        refused = await graph.ask(
            ADMIN,
            'mutation { createGroup(input: {name: ""}) { userErrors { code } } }',
        )
        assert refused.data is not None
        assert refused.data["createGroup"]["userErrors"] != []
        await groups(graph, "West")
        assert await added(told) == ["West"]


async def test_a_member_does_not_listen(graph: Graph) -> None:
    refused = await graph.subscribe(ANN, LISTEN)
    assert isinstance(refused, Response)
    assert [error.extensions["code"] for error in refused.errors] == ["FORBIDDEN"]
    assert graph.follower_count == 0

"""Identical queries in flight are executed once, and nobody gets another's answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from federation.engine import Engine
from federation.execution.response import Response
from federation.operation import Grants
from federation.prepared import PreparedOperation
from federation.supergraph import Supergraph
from federation.transport.deadline import DEADLINE_HEADER
from gateway.exchange import Exchange
from gateway.phases.share import ShareQueries
from gateway.protocol.media import MediaType
from gateway.protocol.request import GraphQLRequest
from tests.federation.plans import answering
from tests.gateway.library import SDL
from tests.harness.callers import member


class Door:
    """A phase that executes when it is let, and counts."""

    def __init__(self) -> None:
        self.answered = 0
        self.cancelled = 0
        self.entered = asyncio.Event()
        self.open = asyncio.Event()
        self.failure: Exception | None = None
        self.answer: Any = None

    async def __call__(self, exchange: Exchange, /) -> None:
        self.answered += 1
        number = self.answered
        self.entered.set()
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.failure is not None:
            raise self.failure
        exchange.response = self.answer or Response({"number": number})


class World:
    """The phase under test around a door, and what its requests share."""

    def __init__(self) -> None:
        supergraph = Supergraph.parse(SDL)
        subgraphs = {name: answering(name, {}) for name in supergraph.subgraphs}
        self.engine = Engine(supergraph, subgraphs)
        self.door = Door()
        self.now = 100.0
        self.share = ShareQueries(self.door, 10, lambda: self.now)

    def prepared(self, text: str) -> PreparedOperation:
        return self.engine.prepare(text)

    def exchange(self, text: str = "{ books { id } }", **changes: Any) -> Exchange:
        variables: Mapping[str, Any] = changes.get("variables", {})
        exchange = Exchange(
            request=GraphQLRequest(text, None, variables),
            method="POST",
            headers=changes.get("headers", {"authorization": "Bearer a"}),
            cookies={},
            request_id="1",
            media_type=changes.get("media_type", MediaType.JSON),
            received_at=self.now,
        )
        exchange.prepared = self.prepared(text)
        exchange.grants = changes.get("grants", Grants())
        exchange.caller = changes.get("caller")
        return exchange

    async def ask(self, exchange: Exchange) -> Any:
        await self.share(exchange)
        return exchange.response

    async def ask_all(self, *exchanges: Exchange) -> list[Any]:
        """What all get who ask at once."""
        tasks = [asyncio.ensure_future(self.ask(exchange)) for exchange in exchanges]
        await self.door.entered.wait()
        await turns()
        self.door.open.set()
        return await asyncio.gather(*tasks)


async def turns() -> None:
    """Let everybody go as far as they can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_identical_queries_in_flight_are_executed_once() -> None:
    world = World()
    ids = ({"x-request-id": "1", "a": "b"}, {"x-request-id": "2", "a": "b"})
    first, second = await world.ask_all(*(world.exchange(headers=headers) for headers in ids))
    assert first is second
    assert world.door.answered == 1
    assert (await world.ask(world.exchange(headers=ids[0]))).data == {"number": 2}


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "{ books { title } }"},
        {"variables": {"id": "1"}},
        {"variables": {"id": True}},
        {"headers": {"authorization": "Bearer b"}},
        {"headers": {"authorization": "Bearer a", "x-tenant": "t"}},
        {"headers": {}},
        {"grants": Grants(is_authenticated=True)},
        {"caller": member("a")},
        {"media_type": MediaType.GRAPHQL_RESPONSE},
    ],
)
async def test_what_differs_in_anything_is_executed_apart(changes: dict[str, Any]) -> None:
    world = World()
    first, second = await world.ask_all(world.exchange(), world.exchange(**changes))
    assert [first.data, second.data] == [{"number": 1}, {"number": 2}]


async def test_requests_with_a_deadline_of_their_own_are_executed_apart() -> None:
    world = World()
    hurry = [world.exchange(headers={DEADLINE_HEADER: "50"}) for _ in range(2)]
    await world.ask_all(*hurry)
    assert world.door.answered == 2


async def test_mutations_are_executed_each_and_end_what_was_asked_before() -> None:
    world = World()
    early = asyncio.ensure_future(world.ask(world.exchange()))
    await world.door.entered.wait()
    text = 'mutation { shelve(title: "Emma") { id } }'
    mutations = [asyncio.ensure_future(world.ask(world.exchange(text))) for _ in range(2)]
    await turns()
    assert world.door.answered == 3
    world.door.open.set()
    await asyncio.gather(*mutations)
    late = await world.ask(world.exchange())
    assert (await early).data == {"number": 1}
    assert late.data == {"number": 4}


async def test_a_query_does_not_join_one_from_before_a_mutation() -> None:
    world = World()
    early = asyncio.ensure_future(world.ask(world.exchange()))
    await world.door.entered.wait()
    text = 'mutation { shelve(title: "Emma") { id } }'
    mutation = asyncio.ensure_future(world.ask(world.exchange(text)))
    await turns()
    mutation.cancel()
    with pytest.raises(asyncio.CancelledError):
        await mutation
    late = asyncio.ensure_future(world.ask(world.exchange()))
    await turns()
    world.door.open.set()
    assert [(await early).data, (await late).data] == [{"number": 1}, {"number": 3}]


async def test_whoever_leaves_disturbs_nobody_and_the_last_one_ends_it() -> None:
    world = World()
    first, second = (asyncio.ensure_future(world.ask(world.exchange())) for _ in range(2))
    await turns()
    first.cancel()
    await turns()
    assert (world.door.answered, world.door.cancelled) == (1, 0)
    second.cancel()
    await turns()
    assert world.door.cancelled == 1
    world.door.open.set()
    assert (await world.ask(world.exchange())).data == {"number": 2}


async def test_the_first_to_ask_may_leave_and_the_others_get_the_answer() -> None:
    world = World()
    first, second = (asyncio.ensure_future(world.ask(world.exchange())) for _ in range(2))
    await turns()
    first.cancel()
    await turns()
    world.door.open.set()
    assert (await second).data == {"number": 1}


async def test_an_error_reaches_everybody() -> None:
    world = World()
    world.door.failure = RuntimeError("no plan")
    tasks = [asyncio.ensure_future(world.ask(world.exchange())) for _ in range(3)]
    await turns()
    world.door.open.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert found == [world.door.failure] * 3
    assert world.door.answered == 1


async def test_a_query_that_has_taken_long_is_not_joined() -> None:
    world = World()
    early = asyncio.ensure_future(world.ask(world.exchange()))
    await turns()
    world.now += 6
    late = asyncio.ensure_future(world.ask(world.exchange()))
    await turns()
    world.door.open.set()
    assert [(await early).data, (await late).data] == [{"number": 1}, {"number": 2}]


async def test_an_answer_that_is_no_single_one_is_not_shared() -> None:
    world = World()
    world.door.answer = object()
    await world.ask_all(world.exchange(), world.exchange())
    assert world.door.answered == 2

from __future__ import annotations

import asyncio

import pytest

from federation.subgraph import SubgraphRequest, SubgraphResponse
from federation.transport.client_request import ClientRequest
from federation.transport.deduplication import Deduplication
from federation.transport.headers import outgoing_headers
from tests.federation.transport.doubles import (
    MUTATION,
    OK,
    Clock,
    Waiting,
    context_of,
    request,
    settled,
)


def sharing(inner: Waiting, clock: Clock | None = None) -> Deduplication:
    return Deduplication(
        inner, context_of, lambda client: outgoing_headers(client, ()), clock or Clock()
    )


async def started(
    subgraph: Deduplication, *requests: SubgraphRequest
) -> list[asyncio.Task[SubgraphResponse]]:
    tasks = [asyncio.create_task(subgraph.execute(one)) for one in requests]
    await settled()
    return tasks


async def answered(inner: Waiting, tasks: list[asyncio.Task[SubgraphResponse]]) -> None:
    for future in inner.pending:
        if not future.done():
            future.set_result(SubgraphResponse({"me": {"id": "1"}}))
    assert [response.data for response in await asyncio.gather(*tasks)] == [OK.data] * len(tasks)


def client(**headers: str) -> ClientRequest:
    return ClientRequest({name.replace("_", "-"): value for name, value in headers.items()})


async def test_identical_queries_in_flight_are_asked_once() -> None:
    inner = Waiting()
    tasks = await started(sharing(inner), *[request(id="1") for _ in range(50)])
    assert len(inner.pending) == 1
    await answered(inner, tasks)


async def test_everyone_gets_data_of_their_own() -> None:
    inner = Waiting()
    tasks = await started(sharing(inner), request(), request(), request())
    await answered(inner, tasks)
    data = [task.result().data for task in tasks]
    assert data[0] is not None
    data[0]["me"]["id"] = "changed"
    assert data[1:] == [{"me": {"id": "1"}}, {"me": {"id": "1"}}]


DIFFERENT = [
    (request(id="1"), request(id="2")),
    (request(id="1"), request(id=1)),
    (request(), request("query { you }")),
    (request(context=client(authorization="a")), request(context=client(authorization="b"))),
    (request(context=client(authorization="a")), request(context=client())),
    (request(context=client(accept_language="de")), request(context=client(accept_language="en"))),
    (request(context=ClientRequest(identity="ada")), request(context=ClientRequest(identity="bo"))),
    (request(MUTATION), request(MUTATION)),
]


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
async def test_what_differs_in_anything_the_subgraph_is_told_is_asked_apart(
    one: SubgraphRequest, other: SubgraphRequest
) -> None:
    inner = Waiting()
    tasks = await started(sharing(inner), one, other)
    assert len(inner.pending) == 2
    await answered(inner, tasks)


async def test_numbers_of_the_request_do_not_keep_queries_apart() -> None:
    inner = Waiting()
    one = client(authorization="a", x_request_id="1", traceparent="00-1")
    other = client(authorization="a", x_request_id="2", traceparent="00-2")
    tasks = await started(sharing(inner), request(context=one), request(context=other))
    assert len(inner.pending) == 1
    await answered(inner, tasks)


async def test_an_answer_is_not_kept() -> None:
    inner = Waiting()
    subgraph = sharing(inner)
    for asked in (1, 2):
        tasks = await started(subgraph, request())
        assert len(inner.pending) == asked
        await answered(inner, tasks)


async def test_a_read_after_a_write_does_not_share_what_was_asked_before() -> None:
    inner = Waiting()
    subgraph = sharing(inner)
    before = await started(subgraph, request())
    [write] = await started(subgraph, request(MUTATION))
    inner.pending[1].set_result(SubgraphResponse({"rename": True}))
    await write
    after = await started(subgraph, request())
    assert len(inner.pending) == 3
    await answered(inner, [*before, *after])


async def test_who_leaves_disturbs_nobody_else() -> None:
    inner = Waiting()
    first, second = await started(sharing(inner), request(), request())
    first.cancel()
    await settled()
    assert first.cancelled()
    assert inner.cancelled == 0
    await answered(inner, [second])


async def test_a_query_nobody_waits_for_is_cancelled_and_not_joined() -> None:
    inner = Waiting()
    subgraph = sharing(inner)
    tasks = await started(subgraph, request(), request())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    [late] = await started(subgraph, request())
    assert inner.cancelled == 1
    assert len(inner.pending) == 2
    await answered(inner, [late])


@pytest.mark.parametrize(
    ("first", "second", "asked"),
    [
        (None, None, 1),
        (None, 1010.0, 1),
        (1010.0, 1010.5, 1),
        (1010.0, 1001.0, 1),
        (1001.0, 1010.0, 2),
        (1001.0, None, 2),
    ],
)
async def test_a_caller_in_a_hurry_is_not_joined_by_those_who_have_time(
    first: float | None, second: float | None, asked: int
) -> None:
    inner = Waiting()
    requests = [request(context=ClientRequest(deadline=deadline)) for deadline in (first, second)]
    tasks = await started(sharing(inner), *requests)
    assert len(inner.pending) == asked
    await answered(inner, tasks)


async def test_values_that_json_cannot_hold_are_left_to_the_transport() -> None:
    inner = Waiting()
    tasks = await started(sharing(inner), request(id=2**70), request(id=2**70))
    assert len(inner.pending) == 2
    await answered(inner, tasks)

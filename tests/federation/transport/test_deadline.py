from __future__ import annotations

import pytest

from federation.transport.client_request import ClientRequest
from federation.transport.deadline import Deadline, announced_milliseconds
from federation.transport.errors import TimedOutError
from tests.federation.transport.doubles import OK, Answering, Clock, Waiting, context_of, request


def until(deadline: float | None) -> ClientRequest:
    return ClientRequest(deadline=deadline)


@pytest.mark.parametrize("deadline", [None, 1060.0])
async def test_a_fetch_within_its_time_is_answered(deadline: float | None) -> None:
    subgraph = Deadline(Answering(OK), context_of, Clock())
    assert await subgraph.execute(request(context=until(deadline))) == OK


async def test_a_fetch_past_its_time_is_not_sent() -> None:
    inner = Answering(OK)
    response = await Deadline(inner, context_of, Clock()).execute(request(context=until(999.0)))
    assert inner.calls == 0
    [error] = response.errors
    assert error.message == "Subgraph 'users' was not asked, because the time is over."
    assert isinstance(response.failure, TimedOutError)


async def test_a_fetch_is_cancelled_when_its_time_is_over() -> None:
    inner = Waiting()
    deadline = Deadline(inner, context_of, Clock())
    response = await deadline.execute(request(context=until(1000.01)))
    assert inner.cancelled == 1
    assert response.errors[0].message == "Subgraph 'users' did not answer in time."
    assert response.errors[0].extensions == {"code": "UPSTREAM_ERROR"}


async def test_a_fetch_that_its_host_ends_is_left_to_the_host() -> None:
    subgraph = Deadline(Answering(OK), context_of, Clock())
    ended = ClientRequest(deadline=999.0, is_ended_by_host=True)
    assert await subgraph.execute(request(context=ended)) == OK


@pytest.mark.parametrize(
    ("deadline", "timeout", "announced"),
    [
        (None, 10.0, "10000"),
        (1002.5, 10.0, "2500"),
        (1060.0, 10.0, "10000"),
        (1000.0001, 10.0, "1"),
        (999.0, 10.0, "1"),
    ],
)
def test_what_is_left_is_announced_in_milliseconds(
    deadline: float | None, timeout: float, announced: str
) -> None:
    assert announced_milliseconds(deadline, timeout, 1000.0) == announced

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from federation.subgraph import SubgraphResponse
from federation.transport.breaker import BreakerPolicy, CircuitBreaker
from federation.transport.errors import (
    AnswerError,
    CircuitOpenError,
    StatusError,
    TimedOutError,
    TransportError,
    UnreachableError,
)
from tests.federation.transport.doubles import OK, Answering, Clock, Waiting, request, settled

AWAY = UnreachableError("could not be reached")
POLICY = BreakerPolicy(window=4, minimum=4, failure_rate=0.5, open_seconds=10)


async def ask(subgraph: CircuitBreaker, times: int) -> list[SubgraphResponse]:
    return [await subgraph.execute(request()) for _ in range(times)]


def is_refused(response: SubgraphResponse) -> bool:
    return isinstance(response.failure, CircuitOpenError)


@pytest.mark.parametrize(
    "failure", [AWAY, TimedOutError("did not answer"), StatusError(500), StatusError(503)]
)
async def test_failures_of_half_the_window_open_the_circuit(failure: TransportError) -> None:
    inner = Answering(OK, OK, failure, failure)
    subgraph = CircuitBreaker(inner, POLICY, Clock())
    await ask(subgraph, 4)
    [refused] = await ask(subgraph, 1)
    assert inner.calls == 4
    assert is_refused(refused)
    assert refused.errors[0].message == "Subgraph 'users' failed too often and is left alone."


@pytest.mark.parametrize("answer", [StatusError(404), AnswerError("answered nonsense")])
async def test_what_a_subgraph_answers_wrongly_leaves_the_circuit_closed(
    answer: TransportError,
) -> None:
    inner = Answering(answer)
    await ask(CircuitBreaker(inner, POLICY, Clock()), 20)
    assert inner.calls == 20


async def test_failures_fall_out_of_the_window() -> None:
    inner = Answering(AWAY, *[OK] * 4, AWAY, *[OK] * 4, AWAY, OK)
    await ask(CircuitBreaker(inner, POLICY, Clock()), 12)
    assert inner.calls == 12


async def test_too_few_fetches_judge_nothing() -> None:
    inner = Answering(AWAY, AWAY, AWAY, OK)
    subgraph = CircuitBreaker(inner, BreakerPolicy(window=10, minimum=5), Clock())
    await ask(subgraph, 4)
    assert not is_refused((await ask(subgraph, 1))[0])


async def opened(inner: Waiting, clock: Clock) -> CircuitBreaker:
    subgraph = CircuitBreaker(inner, POLICY, clock)
    fetches = [asyncio.create_task(subgraph.execute(request())) for _ in range(4)]
    await settled()
    for future in inner.pending:
        future.set_result(SubgraphResponse(None, failure=AWAY))
    await asyncio.gather(*fetches)
    inner.pending.clear()
    return subgraph


async def test_after_a_while_one_probe_passes_and_its_success_closes_the_circuit() -> None:
    inner, clock = Waiting(), Clock()
    subgraph = await opened(inner, clock)
    clock.now += 9.9
    assert is_refused(await subgraph.execute(request()))
    clock.now += 0.1
    probe = asyncio.create_task(subgraph.execute(request()))
    await settled()
    assert is_refused(await subgraph.execute(request()))
    inner.pending[0].set_result(OK)
    assert await probe == OK
    after = [asyncio.create_task(subgraph.execute(request())) for _ in range(3)]
    await settled()
    for future in inner.pending[1:]:
        future.set_result(OK)
    assert await asyncio.gather(*after) == [OK, OK, OK]


async def test_a_probe_that_fails_opens_the_circuit_again() -> None:
    clock = Clock()
    inner = Answering(AWAY)
    subgraph = CircuitBreaker(inner, POLICY, clock)
    await ask(subgraph, 4)
    clock.now += 10
    [probe, refused] = await ask(subgraph, 2)
    assert (is_refused(probe), is_refused(refused)) == (False, True)
    clock.now += 9
    assert is_refused((await ask(subgraph, 1))[0])
    clock.now += 1
    await ask(subgraph, 1)
    assert inner.calls == 6


async def test_a_cancelled_probe_leaves_the_next_one_its_turn() -> None:
    inner, clock = Waiting(), Clock()
    subgraph = await opened(inner, clock)
    clock.now += 10
    probe = asyncio.create_task(subgraph.execute(request()))
    await settled()
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    again = asyncio.create_task(subgraph.execute(request()))
    await settled()
    inner.pending[1].set_result(OK)
    assert await again == OK


async def test_an_answer_from_before_the_circuit_opened_does_not_close_it() -> None:
    inner, clock = Waiting(), Clock()
    subgraph = CircuitBreaker(inner, POLICY, clock)
    fetches = [asyncio.create_task(subgraph.execute(request())) for _ in range(5)]
    await settled()
    for future in inner.pending[:4]:
        future.set_result(SubgraphResponse(None, failure=AWAY))
    await asyncio.gather(*fetches[:4])
    inner.pending[4].set_result(OK)
    assert await fetches[4] == OK
    assert is_refused(await subgraph.execute(request()))


@pytest.mark.parametrize(
    "values",
    [{"minimum": 0}, {"window": 5, "minimum": 6}, {"failure_rate": 0.0}, {"open_seconds": 0.0}],
)
def test_a_policy_without_sense_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        BreakerPolicy(**values)

from __future__ import annotations

from typing import Any

import pytest

from federation.transport.errors import (
    AnswerError,
    CircuitOpenError,
    StatusError,
    TimedOutError,
    TransportError,
    UnreachableError,
)
from federation.transport.retry import Retry, RetryBudget, RetryPolicy
from tests.federation.transport.doubles import MUTATION, OK, Answering, Outcome, request

AWAY = UnreachableError("could not be reached")


class Naps:
    """Waits that take no time and are remembered."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def retrying(
    inner: Answering, policy: RetryPolicy | None = None, naps: Naps | None = None
) -> Retry:
    return Retry(inner, policy or RetryPolicy(), sleep=naps or Naps(), chance=lambda: 1.0)


@pytest.mark.parametrize("failure", [AWAY, *map(StatusError, (502, 503, 504))])
async def test_a_query_is_asked_again_after_a_failure_that_may_pass(
    failure: TransportError,
) -> None:
    inner = Answering(failure, failure, OK)
    assert await retrying(inner).execute(request()) == OK
    assert inner.calls == 3


@pytest.mark.parametrize(
    "outcome",
    [
        OK,
        StatusError(500),
        StatusError(429),
        AnswerError("answered nonsense"),
        TimedOutError("did not answer in time"),
        CircuitOpenError("is left alone"),
    ],
)
async def test_what_would_come_again_is_asked_once(outcome: Outcome) -> None:
    inner = Answering(outcome)
    await retrying(inner).execute(request())
    assert inner.calls == 1


async def test_a_mutation_is_never_asked_again() -> None:
    inner = Answering(AWAY)
    response = await retrying(inner).execute(request(MUTATION))
    assert (inner.calls, response.failure) == (1, AWAY)


async def test_the_last_failure_is_the_answer() -> None:
    inner = Answering(AWAY, StatusError(503), StatusError(502))
    response = await retrying(inner).execute(request())
    assert inner.calls == 3
    assert response.errors[0].message == "Subgraph 'users' answered with status 502."


async def test_waits_double_up_to_a_bound() -> None:
    naps = Naps()
    policy = RetryPolicy(attempts=5, first_delay=0.1, longest_delay=0.3)
    await retrying(Answering(AWAY), policy, naps).execute(request())
    assert naps.seconds == pytest.approx([0.1, 0.2, 0.3, 0.3])


async def test_when_everything_fails_the_budget_bounds_the_load() -> None:
    inner = Answering(AWAY)
    policy = RetryPolicy(attempts=3, budget_ratio=0.1, budget_capacity=10)
    subgraph = retrying(inner, policy)
    for _ in range(1000):
        await subgraph.execute(request())
    assert 1000 + 100 <= inner.calls <= 1000 + 100 + 10


def test_a_budget_saves_no_more_than_it_holds() -> None:
    budget = RetryBudget(ratio=0.5, capacity=2)
    for _ in range(100):
        budget.deposit()
    assert [budget.withdraw() for _ in range(3)] == [True, True, False]
    budget.deposit()
    assert not budget.withdraw()
    budget.deposit()
    assert budget.withdraw()


@pytest.mark.parametrize("values", [{"attempts": 0}, {"first_delay": -1.0}, {"budget_ratio": -0.1}])
def test_a_policy_without_sense_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        RetryPolicy(**values)

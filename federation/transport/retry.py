"""Queries asked again after a failure that may pass, within a budget."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from federation.plan import OperationKind
from federation.subgraph import Subgraph, SubgraphRequest, SubgraphResponse
from federation.transport.errors import StatusError, UnreachableError
from federation.transport.layer import Layer

__all__ = ["Retry", "RetryBudget", "RetryPolicy"]

_PASSING = frozenset({502, 503, 504})
"""Statuses of a server that is away for now (RFC 9110 section 15.6); 500 would come again."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how soon; the budget bounds all fetches of a subgraph together."""

    attempts: int = 3
    """Tries for one fetch, the first included."""
    first_delay: float = 0.05
    """Longest wait before the second try, in seconds; doubles with every further one."""
    longest_delay: float = 1.0
    budget_ratio: float = 0.1
    """Retries earned by one fetch: 0.1 lets one in ten be repeated in the long run."""
    budget_capacity: float = 10.0
    """Retries saved up at most."""

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError("attempts must be 1 or more")
        if min(self.first_delay, self.longest_delay, self.budget_ratio, self.budget_capacity) < 0:
            raise ValueError("delays and budget must not be negative")


class RetryBudget:
    """A bucket of tokens: fetches fill it by parts, a retry takes one whole.

    When everything fails, load on the subgraph grows by the ratio and not by the attempts.
    """

    def __init__(self, ratio: float, capacity: float) -> None:
        self._ratio = ratio
        self._capacity = capacity
        self._tokens = capacity

    def deposit(self) -> None:
        """Note one fetch."""
        self._tokens = min(self._capacity, self._tokens + self._ratio)

    def withdraw(self) -> bool:
        """Take the token of one retry, if there is one."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Retry(Layer):
    """Repeats queries whose failure may pass: broken connections, and statuses 502 to 504.

    Mutations are never repeated, since nobody knows whether they ran. Nor is what took too long: a
    slow subgraph asked again is slower.
    """

    def __init__(
        self,
        inner: Subgraph,
        policy: RetryPolicy,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Take the policy; `sleep` and `chance` (0 to 1) make the waits."""
        super().__init__(inner)
        self._policy = policy
        self._budget = RetryBudget(policy.budget_ratio, policy.budget_capacity)
        self._sleep = sleep
        self._chance = chance

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answer one fetch, with the last try's answer where none succeeded."""
        self._budget.deposit()
        response = await self._inner.execute(request)
        if request.fetch.kind is not OperationKind.QUERY:
            return response
        for attempt in range(1, self._policy.attempts):
            if not _may_pass(response.failure) or not self._budget.withdraw():
                break
            await self._sleep(self._delay(attempt))
            response = await self._inner.execute(request)
        return response

    def _delay(self, attempt: int) -> float:
        """Anything up to the exponential bound, so that callers who failed together part."""
        bound = self._policy.first_delay * 2.0 ** (attempt - 1)
        return self._chance() * min(bound, self._policy.longest_delay)


def _may_pass(failure: BaseException | None) -> bool:
    if isinstance(failure, StatusError):
        return failure.status in _PASSING
    return isinstance(failure, UnreachableError)

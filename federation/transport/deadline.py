"""Deadlines that shrink hop by hop.

The client's time is absolute inside the process and travels on as what is left of it, because the
clocks of two machines do not agree.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from federation.subgraph import Subgraph, SubgraphRequest, SubgraphResponse
from federation.transport.client_request import ClientRequestOf
from federation.transport.errors import TimedOutError, failed
from federation.transport.layer import Layer

__all__ = ["DEADLINE_HEADER", "Deadline", "announced_milliseconds"]

DEADLINE_HEADER = "x-envoy-expected-rq-timeout-ms"
"""Milliseconds within which an answer is of use; the name Envoy gave it."""


class Deadline(Layer):
    """Stops waiting when the client does.

    It stands around everything that repeats or shares a fetch. What it cuts off says nothing about
    the subgraph, so no circuit breaker inside counts it.
    """

    def __init__(
        self,
        inner: Subgraph,
        client_request_of: ClientRequestOf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(inner)
        self._client_request_of = client_request_of
        self._clock = clock

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answer one fetch, or say that the time is over."""
        client = self._client_request_of(request.context)
        deadline = client.deadline
        if deadline is None or client.is_ended_by_host:
            return await self._inner.execute(request)
        left = deadline - self._clock()
        if left <= 0:
            return failed(self.name, TimedOutError("was not asked, because the time is over"))
        try:
            async with asyncio.timeout(left):
                return await self._inner.execute(request)
        except TimeoutError:
            return failed(self.name, TimedOutError("did not answer in time"))


def announced_milliseconds(deadline: float | None, timeout: float, now: float) -> str:
    """The value of the header: what is left of the deadline, and never more than the timeout."""
    left = timeout if deadline is None else min(timeout, deadline - now)
    return str(max(1, int(left * 1000)))

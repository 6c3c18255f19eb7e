"""A circuit breaker: a subgraph that fails too often is left alone for a while."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from federation.subgraph import Subgraph, SubgraphRequest, SubgraphResponse
from federation.transport.errors import (
    CircuitOpenError,
    StatusError,
    TimedOutError,
    UnreachableError,
    failed,
)
from federation.transport.layer import Layer

__all__ = ["BreakerPolicy", "CircuitBreaker"]


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When the circuit opens, and for how long."""

    window: int = 20
    """Latest fetches looked at."""
    minimum: int = 10
    """Fetches in the window before any judgement."""
    failure_rate: float = 0.5
    """Part of the window that must have failed."""
    open_seconds: float = 10.0
    """Time without fetches before one probes."""

    def __post_init__(self) -> None:
        if not 1 <= self.minimum <= self.window:
            raise ValueError("minimum must be from 1 to the window")
        if not 0 < self.failure_rate <= 1:
            raise ValueError("failure_rate must be above 0 and at most 1")
        if self.open_seconds <= 0:
            raise ValueError("open_seconds must be above 0")


class CircuitBreaker(Layer):
    """Counts statuses from 500 and transport errors among the latest fetches.

    Closed, all fetches pass. Open, none does. Half-open, one probe passes: its success closes the
    circuit, its failure opens it again.
    """

    def __init__(
        self,
        inner: Subgraph,
        policy: BreakerPolicy,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(inner)
        self._policy = policy
        self._clock = clock
        self._outcomes: deque[bool] = deque(maxlen=policy.window)
        self._opened_at: float | None = None
        self._is_probing = False

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answer one fetch, or say at once that the subgraph is left alone."""
        if self._opened_at is None:
            return await self._watched(request, self._opened_at)
        if self._is_probing or self._clock() < self._opened_at + self._policy.open_seconds:
            return failed(self.name, CircuitOpenError("failed too often and is left alone"))
        self._is_probing = True
        try:
            return await self._watched(request, self._opened_at)
        finally:
            # A probe that was cancelled told nothing: the next fetch probes.
            self._is_probing = False

    async def _watched(self, request: SubgraphRequest, opened_at: float | None) -> SubgraphResponse:
        response = await self._inner.execute(request)
        # An answer that comes when the circuit has changed belongs to another time.
        if opened_at == self._opened_at:
            self._note(has_failed=_counts(response.failure))
        return response

    def _note(self, *, has_failed: bool) -> None:
        if self._opened_at is not None:
            self._opened_at = self._clock() if has_failed else None
            self._outcomes.clear()
            return
        self._outcomes.append(has_failed)
        seen = len(self._outcomes)
        if seen >= self._policy.minimum and (
            sum(self._outcomes) >= self._policy.failure_rate * seen
        ):
            self._opened_at = self._clock()


def _counts(failure: BaseException | None) -> bool:
    if isinstance(failure, StatusError):
        return failure.status >= 500
    return isinstance(failure, UnreachableError | TimedOutError)

"""A request is a list of phases, run in order until one refuses."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Protocol

from gateway.exchange import Exchange

__all__ = ["Phase", "Pipeline"]


class Phase(Protocol):
    """Reads slots that earlier phases filled and fills its own; raises to end the request."""

    def __call__(self, exchange: Exchange, /) -> Awaitable[None] | None:
        """Take one step; what has to wait answers something to await."""


class Pipeline:
    """Runs the phases of a request one after the other."""

    def __init__(self, phases: Sequence[Phase]) -> None:
        self._phases = tuple(phases)

    async def run(self, exchange: Exchange) -> None:
        """Run every phase; the first error ends the request and is raised to the endpoint."""
        for phase in self._phases:
            waiting = phase(exchange)
            if waiting is not None:
                await waiting

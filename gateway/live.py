"""The graph that is being served, and can be replaced while requests are on their way."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Self

from gateway.pipeline import Pipeline

__all__ = ["Live", "Served"]


async def _nothing() -> None:
    return None


class Served:
    """One graph with its pipeline, and the number of those who are still being answered from it."""

    def __init__(
        self, pipeline: Pipeline, digest: str, close: Callable[[], Awaitable[None]] = _nothing
    ) -> None:
        """Serve a graph.

        Args:
            pipeline: What answers requests.
            digest: Identifies the graph, for people and metrics.
            close: Releases what the pipeline holds; called once, when nobody uses it any more.
        """
        self.pipeline = pipeline
        self.digest = digest
        self._close = close
        self._users = 0
        self._is_retired = False

    def enter(self) -> Self:
        """Somebody is about to be answered from it."""
        self._users += 1
        return self

    async def leave(self) -> None:
        """They have their answer; the last one of a retired graph closes it."""
        self._users -= 1
        if self._is_retired and not self._users:
            await self._close()

    async def retire(self) -> None:
        """Nobody new comes; it is closed as soon as the last one has left."""
        self._is_retired = True
        if not self._users:
            await self._close()


class Live:
    """What answers requests now.

    Whoever has begun with a graph ends with it: replacing it drops nobody.
    """

    def __init__(self, served: Served) -> None:
        self._served = served

    @property
    def digest(self) -> str:
        """Digest of the graph that new requests are answered from."""
        return self._served.digest

    def enter(self) -> Served:
        """The graph to answer somebody from, kept open until they `leave` it."""
        return self._served.enter()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[Pipeline]:
        """The pipeline, kept open for the length of a block."""
        served = self.enter()
        try:
            yield served.pipeline
        finally:
            await served.leave()

    async def replace(self, served: Served) -> None:
        """Answer from another graph from here on."""
        former, self._served = self._served, served
        await former.retire()

    async def aclose(self) -> None:
        """Close the graph when those who are still being answered have left."""
        await self._served.retire()

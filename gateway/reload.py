"""Replaces the graph that is served when its source has another one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from federation.errors import EngineError
from federation.supergraph import digest_of
from gateway.lifespan import spare_anew
from gateway.live import Live, Served
from gateway.metrics import Reload, SupergraphMetrics
from gateway.subgraph_config import SubgraphConfigError
from gateway.supergraph_source import SourceError, SupergraphSource

__all__ = ["Reloader"]

_log = logging.getLogger(__name__)


class Reloader:
    """Follows a source; what cannot be read or served leaves the present graph in place."""

    def __init__(
        self,
        source: SupergraphSource,
        build: Callable[[str], Awaitable[Served]],
        live: Live,
        metrics: SupergraphMetrics,
    ) -> None:
        """Follow a source.

        Args:
            source: Where supergraphs come from.
            build: Makes what serves the text of one; raises for one that cannot be served.
            live: What to replace.
            metrics: Told of every attempt.
        """
        self._source = source
        self._build = build
        self._live = live
        self._metrics = metrics

    async def run(self) -> None:
        """Replace the graph whenever the source has another one, until cancelled."""
        while True:
            await asyncio.sleep(self._source.seconds)
            await self.reload()

    async def reload(self) -> None:
        """Read the source once, and serve what it has when that is new and good."""
        try:
            text = await self._source.read()
        except SourceError as error:
            self._metrics.reloaded(Reload.UNREACHABLE)
            _log.warning("%s The graph %s stays.", error, self._live.digest)
            return
        if text is not None and digest_of(text) != self._live.digest:
            await self._replace(text)

    async def _replace(self, text: str) -> None:
        try:
            served = await self._build(text)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, requests go on
            self._metrics.reloaded(Reload.REFUSED)
            is_fault = not isinstance(error, EngineError | SubgraphConfigError)
            _log.error(
                "The new supergraph is refused, %s stays: %s",
                self._live.digest,
                error,
                exc_info=is_fault,
            )
            return
        await self._live.replace(served)
        spare_anew()
        self._metrics.reloaded(Reload.APPLIED)
        self._metrics.serves(served.digest)
        _log.info("The supergraph %s is served.", served.digest)

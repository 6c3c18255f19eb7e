"""What the process tells Prometheus; docs/metrics.md lists every metric."""

from __future__ import annotations

import time
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

__all__ = ["Reload", "SupergraphMetrics", "metrics_routes"]


class Reload(StrEnum):
    """How an attempt to replace the supergraph ended."""

    APPLIED = "applied"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


class SupergraphMetrics:
    """Which supergraph is served, and how attempts to replace it ended."""

    def __init__(self, registry: CollectorRegistry, digest: str) -> None:
        """Register the metrics; `digest` identifies the supergraph served from the beginning."""
        self._info = Gauge(
            "cockpit_supergraph_info",
            "1 for the supergraph that new requests are answered from, by its SHA-256.",
            ["digest"],
            registry=registry,
        )
        self._loaded = Gauge(
            "cockpit_supergraph_loaded_timestamp_seconds",
            "When the supergraph that is served was loaded, in seconds of Unix time.",
            registry=registry,
        )
        self._reloads = Counter(
            "cockpit_supergraph_reloads",
            "Attempts to replace the supergraph, by outcome.",
            ["outcome"],
            registry=registry,
        )
        for outcome in Reload:
            self._reloads.labels(outcome)
        self.serves(digest)

    def serves(self, digest: str) -> None:
        """Another supergraph is served from now on."""
        self._info.clear()
        self._info.labels(digest).set(1)
        self._loaded.set(time.time())

    def reloaded(self, outcome: Reload) -> None:
        """An attempt to replace it ended."""
        self._reloads.labels(outcome).inc()


def metrics_routes(registry: CollectorRegistry) -> list[BaseRoute]:
    """`GET /metrics`: the registry in Prometheus's text format."""

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return [Route("/metrics", metrics)]

"""The engine alone: a supergraph composed elsewhere, served over its HTTP subgraphs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from functools import partial

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from federation.engine import Engine
from federation.operation import Grants
from federation.subgraph import Subgraph
from federation.supergraph import Supergraph
from federation.transport.client_request import ClientRequest
from federation.transport.configuration import SubgraphConfig, http_subgraph
from gateway.application import HttpLimits, build_application
from gateway.context import client_request_of
from gateway.exchange import Exchange
from gateway.lifespan import Opened
from gateway.live import Live, Served
from gateway.metrics import SupergraphMetrics, metrics_routes
from gateway.phases.coerce_variables import CoerceVariables
from gateway.phases.execute import Execute
from gateway.phases.limit import Limit
from gateway.phases.match_method import match_method
from gateway.phases.prepare import Prepare
from gateway.phases.share import ShareQueries
from gateway.pipeline import Phase, Pipeline
from gateway.playground import playground_routes
from gateway.reload import Reloader
from gateway.settings import Settings
from gateway.subgraph_config import SubgraphConfigs
from gateway.supergraph_source import SupergraphSource

__all__ = ["create_router"]

_EXAMPLE = "query Example {\n  __typename\n}\n"


def create_router(
    supergraph: Supergraph,
    settings: Settings,
    configs: SubgraphConfigs | None = None,
    source: SupergraphSource | None = None,
) -> Starlette:
    """An application that serves a supergraph over HTTP subgraphs, with no database.

    Args:
        supergraph: What to serve first.
        settings: Bounds and switches.
        configs: How subgraphs are asked.
        source: Where later supergraphs come from; without one the first is served for ever.

    Raises:
        SubgraphConfigError: A subgraph has no URL, or cannot be asked as `configs` say.
    """
    graphs = _Graphs(settings, configs or SubgraphConfigs())
    graphs.check(supergraph)
    registry = CollectorRegistry()
    metrics = SupergraphMetrics(registry, supergraph.digest)

    @asynccontextmanager
    async def opening() -> AsyncIterator[Opened]:
        async with aclosing(Live(graphs.serve(supergraph))) as live, asyncio.TaskGroup() as group:
            following = None
            if source is not None:
                reloader = Reloader(source, graphs.build, live, metrics)
                following = group.create_task(reloader.run())
            yield Opened(live)
            if following is not None:
                following.cancel()

    routes = playground_routes(_EXAMPLE)
    if settings.metrics:
        routes += metrics_routes(registry)
    return build_application(opening, HttpLimits.of(settings), routes)


class _Graphs:
    """Makes what serves a supergraph; each one begins with the operations of the last planned."""

    def __init__(self, settings: Settings, configs: SubgraphConfigs) -> None:
        self._settings = settings
        self._configs = configs
        self._last: Engine | None = None

    def check(self, supergraph: Supergraph) -> Mapping[str, SubgraphConfig]:
        """How its subgraphs are asked. Raises `SubgraphConfigError`."""
        return self._configs.of(
            {name: info.url or "" for name, info in supergraph.subgraphs.items()}
        )

    def serve(self, supergraph: Supergraph) -> Served:
        """What serves it."""
        engine = Engine(supergraph, _subgraphs(self.check(supergraph)))
        self._last = engine
        return Served(_pipeline(engine, self._settings), supergraph.digest, engine.aclose)

    async def build(self, text: str) -> Served:
        """What serves the text of a supergraph, read beside the requests on their way.

        Raises `SupergraphError`, `SubgraphConfigError`.
        """
        supergraph = await asyncio.to_thread(_read, text)
        former = self._last
        served = self.serve(supergraph)
        if former is not None and self._last is not None:
            await self._last.warm(former)
        return served


def _read(text: str) -> Supergraph:
    supergraph = Supergraph.parse(text)
    # Built here, so that a schema which is none is refused, and not met by the first request.
    _ = supergraph.api_schema
    return supergraph


def _pipeline(engine: Engine, settings: Settings) -> Pipeline:
    seconds = settings.request_timeout_seconds
    context_of = partial(client_request_of, seconds=seconds)
    execute = Execute(engine, context_of, allow_introspection=True)
    return Pipeline(
        (
            Prepare(engine),
            match_method,
            CoerceVariables(engine),
            Limit(settings.max_depth, settings.max_fields),
            _authorize(engine.supergraph),
            ShareQueries(execute, seconds) if settings.share_queries else execute,
        )
    )


def _authorize(supergraph: Supergraph) -> Phase:
    """Everything is granted unless the schema itself asks who is calling.

    The router verifies no token, so it can vouch for nobody: guarded fields of a supergraph that
    states requirements stay closed.
    """
    vouches = not supergraph.requirements
    grants = Grants(is_authenticated=vouches, holds_every_scope=vouches, holds_every_policy=vouches)

    def authorize(exchange: Exchange) -> None:
        exchange.grants = grants

    return authorize


def _subgraphs(configs: Mapping[str, SubgraphConfig]) -> dict[str, Subgraph]:
    return {name: http_subgraph(name, config, _as_given) for name, config in configs.items()}


def _as_given(context: ClientRequest) -> ClientRequest:
    return context

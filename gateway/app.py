"""The gateway: everything built from the settings, in one place.

What cannot change while the process runs is made by `create_app`, so that mistakes stop the start;
what holds connections is opened and closed with the application.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from federation.engine import Engine
from federation.subgraph import Subgraph
from federation.supergraph import Supergraph
from federation.transport.client_request import ClientRequest
from federation.transport.configuration import SubgraphConfig, http_subgraph
from federation.transport.in_process import InProcessSubgraph
from gateway.application import HttpLimits, build_application
from gateway.compose_config import read_sources
from gateway.context import ContextFactory, GatewayContext
from gateway.exports import export_routes
from gateway.lifespan import Opened
from gateway.live import Live, Served
from gateway.metrics import SupergraphMetrics, metrics_routes
from gateway.modules import EXAMPLE, compose_modules
from gateway.phases.authenticate import Authenticate
from gateway.phases.authorize import authorize
from gateway.phases.coerce_variables import CoerceVariables
from gateway.phases.execute import Execute
from gateway.phases.limit import Limit
from gateway.phases.match_method import match_method
from gateway.phases.prepare import Prepare
from gateway.phases.share import ShareQueries
from gateway.pipeline import Pipeline
from gateway.playground import playground_routes
from gateway.process import Process, open_process
from gateway.settings import Settings, load_settings
from gateway.subgraph_config import SubgraphConfigs
from schema.base.modules import ModuleSubgraph
from schema.subgraphs import subgraphs

__all__ = ["create_app", "create_app_from_environment"]


def create_app_from_environment() -> Starlette:
    """The gateway of this process's settings: what a worker starts."""
    return create_app(load_settings())


def create_app(settings: Settings) -> Starlette:
    """The gateway as settings ask for it.

    Raises `SettingsError` for a missing secret, `CompositionError` for subgraphs that do not
    compose, `SubgraphConfigError` for one without a URL.
    """
    settings.require_secrets()
    sources = () if settings.subgraphs is None else read_sources(settings.subgraphs)
    modules = subgraphs()
    supergraph = Supergraph.parse(compose_modules(modules, sources).sdl)
    asked = _asked(supergraph, modules)

    @asynccontextmanager
    async def opening() -> AsyncIterator[Opened]:
        async with open_process(settings) as process:
            engine = Engine(supergraph, _subgraphs(modules, asked))
            async with aclosing(engine):
                pipeline = _pipeline(engine, process, settings)
                yield Opened(Live(Served(pipeline, supergraph.digest)), process.checks, process)

    routes = export_routes(settings.cors_origins)
    if settings.shows_playground:
        routes += playground_routes(EXAMPLE)
    if settings.metrics:
        registry = CollectorRegistry()
        SupergraphMetrics(registry, supergraph.digest)
        routes += metrics_routes(registry)
    return build_application(opening, HttpLimits.of(settings), routes)


def _pipeline(engine: Engine, process: Process, settings: Settings) -> Pipeline:
    seconds = settings.request_timeout_seconds
    execute = Execute(
        engine,
        ContextFactory(process.services, seconds),
        allow_introspection=settings.allows_introspection,
    )
    return Pipeline(
        (
            Authenticate(process.authenticator),
            Prepare(engine),
            match_method,
            CoerceVariables(engine),
            Limit(settings.max_depth, settings.max_fields),
            authorize,
            ShareQueries(execute, seconds) if settings.share_queries else execute,
        )
    )


def _asked(supergraph: Supergraph, modules: Sequence[ModuleSubgraph]) -> dict[str, SubgraphConfig]:
    """How other teams' subgraphs are asked: what the supergraph knows beside the modules."""
    own = {module.name for module in modules}
    others = {name: info for name, info in supergraph.subgraphs.items() if name not in own}
    return SubgraphConfigs().of({name: info.url or "" for name, info in others.items()})


def _subgraphs(
    modules: Sequence[ModuleSubgraph], asked: Mapping[str, SubgraphConfig]
) -> dict[str, Subgraph]:
    """The modules in process, and the others over HTTP."""
    own: dict[str, Subgraph] = {
        module.name: InProcessSubgraph(module.name, module.schema) for module in modules
    }
    others = {name: http_subgraph(name, config, _client_request) for name, config in asked.items()}
    return {**own, **others}


def _client_request(context: GatewayContext | None) -> ClientRequest:
    return ClientRequest() if context is None else context.client_request

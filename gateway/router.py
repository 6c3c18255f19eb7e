"""The engine alone: a supergraph composed elsewhere, served over its HTTP subgraphs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from functools import partial

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
from gateway.phases.coerce_variables import CoerceVariables
from gateway.phases.execute import Execute
from gateway.phases.format import format_response
from gateway.phases.limit import Limit
from gateway.phases.match_method import match_method
from gateway.phases.prepare import Prepare
from gateway.pipeline import Phase, Pipeline
from gateway.playground import playground_routes
from gateway.settings import Settings
from gateway.subgraph_config import SubgraphConfigs

__all__ = ["create_router"]

_EXAMPLE = "query Example {\n  __typename\n}\n"


def create_router(
    supergraph: Supergraph, settings: Settings, configs: SubgraphConfigs | None = None
) -> Starlette:
    """An application that serves a supergraph over HTTP subgraphs, with no database.

    Raises `SubgraphConfigError` when a subgraph has no URL, or cannot be asked as `configs` say.
    """
    asked = (configs or SubgraphConfigs()).of(
        {name: info.url or "" for name, info in supergraph.subgraphs.items()}
    )

    @asynccontextmanager
    async def opening() -> AsyncIterator[Opened]:
        engine = Engine(supergraph, _subgraphs(asked))
        async with aclosing(engine):
            yield Opened(_pipeline(engine, settings), supergraph.digest)

    return build_application(opening, HttpLimits.of(settings), playground_routes(_EXAMPLE))


def _pipeline(engine: Engine, settings: Settings) -> Pipeline:
    return Pipeline(
        (
            Prepare(engine),
            match_method,
            CoerceVariables(engine),
            Limit(settings.max_depth, settings.max_fields),
            _authorize(engine.supergraph),
            Execute(
                engine,
                partial(client_request_of, seconds=settings.request_timeout_seconds),
                allow_introspection=True,
            ),
            format_response,
        )
    )


def _authorize(supergraph: Supergraph) -> Phase:
    """Everything is granted unless the schema itself asks who is calling.

    The router verifies no token, so it can vouch for nobody: guarded fields of a supergraph that
    states requirements stay closed.
    """
    vouches = not supergraph.requirements
    grants = Grants(is_authenticated=vouches, holds_every_scope=vouches, holds_every_policy=vouches)

    async def authorize(exchange: Exchange) -> None:
        exchange.grants = grants

    return authorize


def _subgraphs(configs: Mapping[str, SubgraphConfig]) -> dict[str, Subgraph]:
    return {name: http_subgraph(name, config, _as_given) for name, config in configs.items()}


def _as_given(context: ClientRequest) -> ClientRequest:
    return context

"""The engine alone: a supergraph composed elsewhere, served over its HTTP subgraphs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager

from starlette.applications import Starlette

from federation.engine import Engine
from federation.errors import SupergraphError
from federation.operation import Grants
from federation.supergraph import Supergraph
from federation.transport.http import HttpSubgraph
from gateway.application import HttpLimits, build_application
from gateway.context import forwarded_headers
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

__all__ = ["create_router"]

_EXAMPLE = "query Example {\n  __typename\n}\n"


def create_router(supergraph: Supergraph, settings: Settings) -> Starlette:
    """An application that serves a supergraph over HTTP subgraphs, with no database.

    Raises `SupergraphError` when a subgraph has no URL.
    """
    addresses = _addresses(supergraph)

    @asynccontextmanager
    async def opening() -> AsyncIterator[Opened]:
        engine = Engine(supergraph, _subgraphs(addresses, settings.request_timeout_seconds))
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
            Execute(engine, forwarded_headers, allow_introspection=True),
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


def _addresses(supergraph: Supergraph) -> dict[str, str]:
    addresses = {name: info.url or "" for name, info in supergraph.subgraphs.items()}
    absent = sorted(name for name, url in addresses.items() if not url)
    if absent:
        raise SupergraphError(f"Subgraph {absent[0]} has no URL in the supergraph.")
    return addresses


def _subgraphs(addresses: Mapping[str, str], timeout: float) -> dict[str, HttpSubgraph]:
    return {
        name: HttpSubgraph(name, url, timeout=timeout, headers=dict)
        for name, url in addresses.items()
    }

"""One module as a Federation 2 subgraph of its own, for any router.

The directives of the schema are enforced here as well. A router leaves out what its caller may not
read, so a request that reaches anything else is refused whole.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from graphql import DocumentNode, parse
from starlette.applications import Starlette

from auth.errors import Forbidden, Unauthenticated
from federation.bounded_cache import BoundedCache
from federation.composition import SubgraphSource, compose
from federation.execution.response import Response, ResponseError, ResponseEvents
from federation.plan import Fetch, OperationKind
from federation.prepared import OperationParser, PreparedOperation
from federation.subgraph import SubgraphEvents, SubgraphRequest, SubgraphResponse
from federation.supergraph import Supergraph
from federation.transport.in_process import InProcessSubgraph
from gateway.application import HttpLimits, build_application
from gateway.context import ContextFactory, GatewayContext
from gateway.exchange import Exchange
from gateway.exports import export_routes
from gateway.lifespan import Opened
from gateway.live import Live, Served
from gateway.phases.authenticate import Authenticate
from gateway.phases.authorize import authorize
from gateway.phases.limit import Limit
from gateway.phases.match_method import match_method
from gateway.pipeline import Pipeline
from gateway.process import open_process
from gateway.settings import Settings
from schema.base.modules import ModuleSubgraph

__all__ = ["create_subgraph"]

_MAX_TOKENS = 50_000
"""Routers write longer documents than people."""
_KEPT = 1000


def create_subgraph(module: ModuleSubgraph, settings: Settings) -> Starlette:
    """An application that serves one module; authentication and database as the gateway's.

    Raises `SettingsError` for a missing secret.
    """
    settings.require_secrets()
    graph = _ModuleGraph(module)

    @asynccontextmanager
    async def opening() -> AsyncIterator[Opened]:
        async with open_process(settings) as process:
            pipeline = Pipeline(
                (
                    Authenticate(process.authenticator),
                    _Prepare(graph),
                    match_method,
                    Limit(settings.max_depth, settings.max_fields),
                    authorize,
                    _refuse_what_is_denied,
                    _Execute(module, ContextFactory(process.services)),
                )
            )
            yield Opened(Live(Served(pipeline, graph.digest)), process.checks, process)

    return build_application(opening, HttpLimits.of(settings), export_routes(settings.cors_origins))


class _ModuleGraph(Supergraph):
    """The module's executable schema, `_entities` and `_service` included, with its access rules.

    The rules are those of the module composed alone, so that one reader of directives serves both.
    """

    def __init__(self, module: ModuleSubgraph) -> None:
        sdl = compose([SubgraphSource(module.name, None, module.sdl)]).sdl
        super().__init__(sdl, parse(sdl, no_location=True))
        self.api_schema = module.schema


class _Prepare:
    """Fills `prepared`, as the engine's phase does for the whole graph."""

    def __init__(self, graph: _ModuleGraph) -> None:
        self._parser = OperationParser(graph, max_tokens=_MAX_TOKENS)
        self._prepared: BoundedCache[tuple[str, str | None], PreparedOperation]
        self._prepared = BoundedCache(_KEPT)

    def __call__(self, exchange: Exchange) -> None:
        key = (exchange.request.query, exchange.request.operation_name)
        prepared = self._prepared.get(key)
        if prepared is None:
            prepared = self._parser.prepare(*key)
            self._prepared.put(key, prepared)
        exchange.prepared = prepared


def _refuse_what_is_denied(exchange: Exchange) -> None:
    denied = exchange.prepared.requirements.denied(exchange.grants)
    if not denied:
        return
    sentence = f"You may not read {', '.join(sorted(denied))}."
    raise Unauthenticated(sentence) if exchange.caller is None else Forbidden(sentence)


class _Execute:
    """Fills `response` from the module's schema."""

    def __init__(self, module: ModuleSubgraph, context_of: ContextFactory) -> None:
        self._subgraph = InProcessSubgraph(module.name, module.schema)
        self._context_of = context_of

    async def __call__(self, exchange: Exchange) -> None:
        operation = exchange.prepared.operation
        document = DocumentNode(definitions=(operation.definition, *operation.fragments.values()))
        fetch = Fetch(self._subgraph.name, operation.kind, operation.text, document)

        def context() -> GatewayContext | None:
            exchange.begin_event()
            return self._context_of(exchange)

        request = SubgraphRequest(
            fetch, exchange.request.variables, self._context_of(exchange), context
        )
        if operation.kind is not OperationKind.SUBSCRIPTION:
            exchange.response = _response(await self._subgraph.execute(request))
            return
        events = await self._subgraph.subscribe(request)
        exchange.response = (
            _response(events) if isinstance(events, SubgraphResponse) else _responses(events)
        )


def _response(answer: SubgraphResponse) -> Response:
    errors = tuple(ResponseError(*error) for error in answer.errors)
    return Response(answer.data, errors, answer.extensions)


async def _responses(events: SubgraphEvents) -> ResponseEvents:
    async with aclosing(events):
        async for event in events:
            yield _response(event)

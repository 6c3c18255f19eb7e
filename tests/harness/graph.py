"""The whole graph: every module composed, asked through the engine, guards included."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from auth.caller import Caller
from auth.policy import grants_of
from datasources.database import Pool
from datasources.health import ping
from federation.engine import Engine
from federation.execution.response import Response, ResponseEvents
from federation.operation import Grants
from federation.prepared import PreparedOperation
from federation.supergraph import Supergraph
from federation.transport.in_process import InProcessSubgraph
from federation.written import read
from gateway.modules import compose_modules
from resolvers.base import Origin, RequestContext
from schema.base.modules import ModuleSubgraph
from schema.subgraphs import subgraphs
from tests.harness.services import services

__all__ = ["Graph", "supergraph"]


@cache
def _modules() -> tuple[ModuleSubgraph, ...]:
    """Built once a process: a schema holds nothing of a test."""
    return subgraphs()


@cache
def supergraph() -> Supergraph:
    """The composed graph."""
    return Supergraph.parse(compose_modules(_modules()).sdl)


@cache
def _engine() -> Engine:
    """One engine a process: what it keeps are plans, which belong to no database."""
    return Engine(
        supergraph(),
        {module.name: InProcessSubgraph(module.name, module.schema) for module in _modules()},
    )


class Graph:
    """Asks the whole graph, as any caller, on one database."""

    def __init__(self, pool: Pool, origin: Origin | None = None) -> None:
        self.services = services(pool)
        self._origin = origin or Origin()
        self._pool = pool
        self.engine = _engine()

    async def ask(self, caller: Caller | None, operation: str, **variables: Any) -> Response:
        """Run one operation; the answer is as a client reads it."""
        prepared = self.engine.prepare(operation)
        grants = Grants(**grants_of(caller)._asdict())
        context = (
            None
            if caller is None
            else RequestContext(caller, self.services, "test", prepared.habits)
        )
        if context is not None:
            context.origin = self._origin
        response = await self.engine.execute(
            prepared,
            self.engine.coerce_variables(prepared, variables),
            grants=grants,
            context=context,
        )
        return replace(response, data=read(response.data))

    def _context(self, caller: Caller | None, prepared: PreparedOperation) -> RequestContext | None:
        if caller is None:
            return None
        return RequestContext(caller, self.services, "test", prepared.habits)

    async def subscribe(
        self, caller: Caller | None, operation: str, **variables: Any
    ) -> ResponseEvents | Response:
        """Start one subscription; a response says why there are no events."""
        prepared = self.engine.prepare(operation)

        def context() -> RequestContext | None:
            return self._context(caller, prepared)

        return await self.engine.subscribe(
            prepared,
            self.engine.coerce_variables(prepared, variables),
            grants=Grants(**grants_of(caller)._asdict()),
            context_of=context,
        )

    async def followed(self, count: int = 1) -> None:
        """Wait until so many subscriptions hear what happens from then on."""
        while self.follower_count < count:
            await ping(self._pool)

    @property
    def follower_count(self) -> int:
        """How many subscriptions hear what happens."""
        return self.services.notices.follower_count + self.services.trail.follower_count

    async def aclose(self) -> None:
        """Hear nothing more."""
        await self.services.notices.aclose()
        await self.services.trail.aclose()

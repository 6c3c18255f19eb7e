"""The engine over the modules in this process, for what is measured without HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from auth.credentials import Credentials
from bench.settings import settings_of
from datasources.database import Pool
from federation.engine import Engine
from federation.execution.response import Response
from federation.supergraph import Supergraph
from federation.transport.in_process import InProcessSubgraph
from gateway.lifespan import spared
from gateway.modules import compose_modules
from gateway.phases.authorize import grants_for
from gateway.process import Process, open_process
from resolvers.base import RequestContext
from schema.subgraphs import subgraphs

__all__ = ["Local", "open_local"]


class Local(NamedTuple):
    """What is measured."""

    engine: Engine
    process: Process

    @property
    def pool(self) -> Pool:
        """The pool, which counts statements."""
        databases = self.process.services.databases
        if not isinstance(databases, Pool):
            raise TypeError("The process has no pool.")
        return databases

    async def ask(
        self, token: str, text: str, variables: Mapping[str, Any] | None = None
    ) -> Response:
        """Answer one operation for whoever the token names, all phases but HTTP's."""
        authenticator, credentials = self.process.authenticator, Credentials(token)
        caller = authenticator.remembered(credentials)
        if caller is None:
            caller = await authenticator.authenticate(credentials)
        prepared = self.engine.prepare(text)
        coerced = self.engine.coerce_variables(prepared, variables or {})
        grants = grants_for(caller)
        context = RequestContext(caller, self.process.services, "bench", prepared.habits)
        return await self.engine.execute(prepared, coerced, grants=grants, context=context)

    async def data(self, token: str, text: str) -> Any:
        """The data of an answer without errors."""
        response = await self.ask(token, text)
        if response.errors:
            raise RuntimeError(f"The operation failed: {response.errors[0].message}")
        return response.data


@asynccontextmanager
async def open_local(database_url: str, **settings: str) -> AsyncIterator[Local]:
    """Open it on a filled database for the length of a block; settings as in the environment."""
    modules = subgraphs()
    supergraph = Supergraph.parse(compose_modules(modules).sdl)
    async with open_process(settings_of(database_url, **settings)) as process:
        own = {module.name: InProcessSubgraph(module.name, module.schema) for module in modules}
        engine = Engine(supergraph, own)
        with spared():
            yield Local(engine, process)

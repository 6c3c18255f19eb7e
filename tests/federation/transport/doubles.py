"""Subgraphs that answer when told to, and a clock that goes when told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from graphql import parse

from federation.plan import Fetch, OperationKind
from federation.subgraph import SubgraphRequest, SubgraphResponse
from federation.transport.client_request import ClientRequest
from federation.transport.errors import TransportError, failed

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Outcome = SubgraphResponse | TransportError

QUERY = "query($id: ID) { me }"
MUTATION = "mutation { rename }"
OK = SubgraphResponse({"me": {"id": "1"}})


def request(text: str = QUERY, context: Any = None, **variables: Any) -> SubgraphRequest:
    kind = OperationKind(text.partition("(")[0].split()[0])
    return SubgraphRequest(Fetch("users", kind, text, parse(text)), variables, context)


def context_of(context: ClientRequest | None) -> ClientRequest:
    """Reads contexts of tests, which are what the transport wants to know."""
    return context or ClientRequest()


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Answering:
    """Gives one outcome after the other, the last one for ever."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.name = "users"
        self.calls = 0
        self.is_closed = False
        self._outcomes = list(outcomes)

    async def execute(self, _request: SubgraphRequest) -> SubgraphResponse:
        self.calls += 1
        outcome = self._outcomes[0] if len(self._outcomes) == 1 else self._outcomes.pop(0)
        return failed(self.name, outcome) if isinstance(outcome, TransportError) else outcome

    async def aclose(self) -> None:
        self.is_closed = True


class Waiting:
    """Keeps every fetch until the test answers it."""

    def __init__(self) -> None:
        self.name = "users"
        self.pending: list[asyncio.Future[SubgraphResponse]] = []
        self.cancelled = 0

    async def execute(self, _request: SubgraphRequest) -> SubgraphResponse:
        future: asyncio.Future[SubgraphResponse] = asyncio.get_running_loop().create_future()
        self.pending.append(future)
        try:
            return await future
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def aclose(self) -> None:
        """There is nothing to release."""


async def settled() -> None:
    """Let every task run as far as it can without an answer."""
    for _ in range(5):
        await asyncio.sleep(0)


@asynccontextmanager
async def server(handler: Handler, *, method: str = "POST", **options: Any) -> AsyncIterator[str]:
    """A real server; answers its address."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    app = web.Application()
    app.router.add_route(method, "/graphql", handle)
    running = TestServer(app, scheme="https" if "ssl" in options else "http")
    await running.start_server(**options)
    try:
        yield str(running.make_url("/graphql"))
    finally:
        await running.close()

"""Derived subgraphs over HTTP, and the gateways that are asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
import orjson
from aiohttp import web
from graphql import GraphQLSchema, graphql

from federation.engine import Engine
from federation.errors import EngineError, OperationError
from federation.operation import Grants
from federation.supergraph import Supergraph
from federation.transport.http import HttpSubgraph
from scripts.conformance.suites import Answer, Case

__all__ = ["EndpointGateway", "EngineGateway", "Gateway", "serving"]


class Gateway(Protocol):
    """Whoever answers the cases."""

    async def ask(self, case: Case) -> Answer:
        """Answer one case's query."""


class EngineGateway:
    """The engine in this process."""

    def __init__(self, supergraph: Supergraph, urls: Mapping[str, str]) -> None:
        subgraphs = {name: HttpSubgraph(name, url) for name, url in urls.items()}
        self._engine = Engine(supergraph, subgraphs)

    async def ask(self, case: Case) -> Answer:
        """Answer one case's query."""
        try:
            prepared = self._engine.prepare(case.query)
            variables = self._engine.coerce_variables(prepared, case.variables)
            grants = Grants(is_authenticated=True)
            response = await self._engine.execute(prepared, variables, grants=grants)
        except OperationError as error:
            return Answer(None, [entry.message for entry in error.errors])
        except EngineError as error:
            return Answer(None, [repr(error)])
        data = orjson.loads(orjson.dumps(response.data))
        return Answer(data, [f"{error.message} {error.path}" for error in response.errors])

    async def aclose(self) -> None:
        """Close the connections."""
        await self._engine.aclose()


class EndpointGateway:
    """Another gateway, over HTTP."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def ask(self, case: Case) -> Answer:
        """Answer one case's query."""
        body = {"query": case.query, "variables": dict(case.variables)}
        async with aiohttp.ClientSession() as session, session.post(self._url, json=body) as answer:
            document = await answer.json(content_type=None)
        return Answer(document.get("data"), [str(entry) for entry in document.get("errors") or ()])


@asynccontextmanager
async def serving(
    schemas: Mapping[str, GraphQLSchema], urls: Mapping[str, str], *, as_told: bool
) -> AsyncIterator[dict[str, str]]:
    """Serve subgraphs at ports of their URLs, or at any free port; yields where they are."""
    apps: dict[int, web.Application] = {}
    for name, url in urls.items():
        port = (urlsplit(url).port or 80) if as_told else 0
        app = apps.setdefault(port, web.Application())
        app.router.add_post(_path(name, url), _endpoint(schemas[name]))
    runners = {port: web.AppRunner(app) for port, app in apps.items()}
    try:
        at: dict[int, int] = {}
        for port, runner in runners.items():
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port, reuse_address=True).start()
            at[port] = runner.addresses[0][1]
        yield {
            name: f"http://127.0.0.1:{at[urlsplit(url).port or 80 if as_told else 0]}"
            f"{_path(name, url)}"
            for name, url in urls.items()
        }
    finally:
        for runner in runners.values():
            await runner.cleanup()


def _path(name: str, url: str) -> str:
    return urlsplit(url).path or f"/{name}"


def _endpoint(schema: GraphQLSchema) -> Callable[[web.Request], Any]:
    async def handle(request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        result = await graphql(schema, body["query"], variable_values=body.get("variables"))
        return web.Response(body=orjson.dumps(result.formatted), content_type="application/json")

    return handle

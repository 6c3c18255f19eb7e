"""A graph with a subscription on real ports, and clients of its streams."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp

from federation.composition import SubgraphSource, compose
from federation.supergraph import Supergraph
from federation.transport.subscriptions import SubscriptionPolicy, SubscriptionProtocol
from gateway.router import create_router
from gateway.settings import Settings
from gateway.subgraph_config import SubgraphConfigs
from tests.federation.harness import SubgraphCase, serving
from tests.federation.transport.feed import Feed, feed
from tests.gateway.harness import Client, client_of

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) '
NOTICED = "subscription { noticed { text book { title } } }"


class Stage(NamedTuple):
    """A router, the service behind its subscription, and a client."""

    client: Client
    feed: Feed


class Stream:
    """Reads server-sent events of one response."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def next(self) -> tuple[str, Any]:
        """Name and data of the next event."""
        name = ""
        async for raw in self.response.content:
            line = raw.decode().rstrip("\n")
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            if line.startswith("data:"):
                data = line.removeprefix("data:").strip()
                return name, json.loads(data) if data else None
        return "end", None


@asynccontextmanager
async def stage(protocol: str = "sse", **values: Any) -> AsyncIterator[Stage]:
    """A router over books and notices; notices are sent by the test."""
    books = SubgraphCase(
        "books",
        LINK + "type Query { books: [Book!]! } type Mutation { shelve: Int } "
        'type Book @key(fields: "id") { id: ID! title: String! }',
        rows={"Book": [{"id": "1", "title": "Middlemarch"}, {"id": "2", "title": "Ulysses"}]},
        resolvers={
            "Query.books": lambda *_: [{"id": "1", "title": "Middlemarch"}],
            "Mutation.shelve": lambda *_: 1,
        },
    )
    notices = LINK + (
        "type Query { notices: Int } type Subscription { noticed: Notice } "
        'type Notice { text: String! book: Book } type Book @key(fields: "id") { id: ID! }'
    )
    async with feed() as service, serving({"books": books.schema()}) as urls:
        sources = [
            SubgraphSource("books", urls["books"], books.sdl),
            SubgraphSource("notices", service.url + protocol, notices),
        ]
        supergraph = Supergraph.parse(compose(sources).sdl)
        kind = "websocket" if protocol == "socket" else protocol
        configs = SubgraphConfigs(
            by_name={
                "notices": {
                    "subscriptions": SubscriptionPolicy(protocol=SubscriptionProtocol(kind))
                }
            }
        )
        async with client_of(create_router(supergraph, Settings(**values), configs)) as client:
            yield Stage(client, service)


def notice(text: str, book: str = "1") -> dict[str, Any]:
    return {"text": text, "book": {"__typename": "Book", "id": book}}


@asynccontextmanager
async def sse(client: Client, query: str, **options: Any) -> AsyncIterator[Stream]:
    headers = {"accept": "text/event-stream", **options.pop("headers", {})}
    url = f"{client.url}/graphql"
    async with client.session.post(url, json={"query": query}, headers=headers, **options) as got:
        assert got.status == 200, await got.text()
        yield Stream(got)


class Socket:
    """A client of graphql-transport-ws."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def send(self, kind: str, **content: Any) -> None:
        await self.socket.send_json({"type": kind, **content})

    async def subscribe(self, id: str, query: str, **payload: Any) -> None:
        await self.send("subscribe", id=id, payload={"query": query, **payload})

    async def next(self) -> Any:
        return await asyncio.wait_for(self.socket.receive_json(), 10)

    async def closed(self) -> tuple[int | None, str]:
        """Code and reason with which the server ends the connection."""
        frame = await asyncio.wait_for(self.socket.receive(), 10)
        assert frame.type is aiohttp.WSMsgType.CLOSE, frame
        return frame.data, str(frame.extra)


@asynccontextmanager
async def connected(
    client: Client,
    *,
    init: Any = None,
    introduce: bool = True,
    protocols: tuple[str, ...] = ("graphql-transport-ws",),
    **options: Any,
) -> AsyncIterator[Socket]:
    url = f"{client.url}/graphql"
    async with client.session.ws_connect(
        url, protocols=protocols, autoclose=False, **options
    ) as ws:
        socket = Socket(ws)
        if introduce:
            await socket.send("connection_init", payload=init)
            assert await socket.next() == {"type": "connection_ack"}
        yield socket

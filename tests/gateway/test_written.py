"""JSON that a subgraph has written reaches clients on every transport."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from federation.composition import SubgraphSource, compose
from federation.engine import Engine
from federation.operation import Grants
from federation.supergraph import Supergraph
from federation.transport.in_process import InProcessSubgraph
from gateway.application import HttpLimits, build_application
from gateway.exchange import Exchange
from gateway.lifespan import Opened
from gateway.live import Live, Served
from gateway.phases.coerce_variables import CoerceVariables
from gateway.phases.execute import Execute
from gateway.phases.match_method import match_method
from gateway.phases.prepare import Prepare
from gateway.phases.share import ShareQueries
from gateway.pipeline import Phase, Pipeline
from tests.federation.harness import SubgraphCase
from tests.federation.writing import Writing
from tests.gateway.harness import Client, client_of
from tests.gateway.streaming import connected, sse

BOOKS = SubgraphCase(
    "books",
    "type Query { books: [Book!]! shelf: Shelf } type Book { title: String! } "
    "type Shelf { place: String  best: Book }",
    resolvers={
        "Query.books": lambda *_: [{"title": "Middlemarch"}, {"title": "“Ulysses”"}],
        "Query.shelf": lambda *_: {"place": "A", "best": {"title": "Middlemarch"}},
    },
)
DATA = {"books": [{"title": "Middlemarch"}, {"title": "“Ulysses”"}]}
TEXT = "{ books { title } }"


@asynccontextmanager
async def books(*, shares: bool = False) -> AsyncIterator[tuple[Client, Writing]]:
    """A client of a gateway whose only subgraph writes what it may."""
    supergraph = Supergraph.parse(compose([SubgraphSource("books", None, BOOKS.sdl)]).sdl)
    writing = Writing(InProcessSubgraph("books", BOOKS.schema()))
    engine = Engine(supergraph, {"books": writing})

    async def grant_nothing(exchange: Exchange) -> None:
        exchange.grants = Grants()

    execute: Phase = Execute(engine, lambda _exchange: None, allow_introspection=True)
    if shares:
        execute = ShareQueries(execute, 10)
    phases = (Prepare(engine), match_method, CoerceVariables(engine), grant_nothing, execute)

    @asynccontextmanager
    async def opening() -> AsyncIterator[Opened]:
        yield Opened(Live(Served(Pipeline(phases), supergraph.digest)))

    async with client_of(build_application(opening, HttpLimits())) as client:
        yield client, writing


@pytest.mark.parametrize("shares", [False, True])
async def test_one_response(shares: bool) -> None:
    async with books(shares=shares) as (client, writing):
        answer = await client.post(TEXT)
    assert answer.body == {"data": DATA}
    assert writing.requests[0].whole == {("books",)}


async def test_beside_values_that_are_looked_at() -> None:
    text = "{ shelf { place best { title } } ... { books { title } } __schema { description } }"
    async with books() as (client, _):
        answer = await client.post(text)
    shelf = {"place": "A", "best": {"title": "Middlemarch"}}
    assert answer.body["data"] == {"shelf": shelf, **DATA, "__schema": {"description": None}}
    assert list(answer.body["data"]) == ["shelf", "books", "__schema"]


async def test_server_sent_events() -> None:
    async with books() as (client, _), sse(client, TEXT) as stream:
        assert await stream.next() == ("next", {"data": DATA})


async def test_a_socket() -> None:
    async with books() as (client, _), connected(client) as socket:
        await socket.subscribe("1", TEXT)
        assert (await socket.next())["payload"] == {"data": DATA}


async def test_multipart() -> None:
    headers = {"accept": "multipart/mixed"}
    async with books() as (client, _):
        answer = await client.post(TEXT, headers=headers)
    part = answer.body.split("\r\n\r\n")[1].split("\r\n")[0]
    assert json.loads(part) == {"payload": {"data": DATA}}


async def test_what_comes_in_several_payloads_is_not_written() -> None:
    text = "{ books @stream(initialCount: 1) { title } }"
    async with books() as (client, writing), sse(client, text) as stream:
        _, first = await stream.next()
        _, second = await stream.next()
    assert first["data"] == {"books": [{"title": "Middlemarch"}]}
    assert second["incremental"][0]["items"] == [{"title": "“Ulysses”"}]
    assert [request.whole for request in writing.requests] == [frozenset()]

"""Who may listen, and for how long: rights are asked for again while a stream lives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from auth.authenticator import Authenticator, Doors
from auth.mint import mint_session
from auth.store import DirectoryRecord, Dossier
from auth.tokens import SessionTokens
from federation.composition import SubgraphSource, compose
from federation.engine import Engine
from federation.execution.response import Payload, Response, ResponseEvents
from federation.supergraph import Supergraph
from federation.transport.in_process import InProcessSubgraph
from gateway import streams
from gateway.application import HttpLimits, build_application
from gateway.exchange import Exchange
from gateway.lifespan import Opened
from gateway.live import Live, Served
from gateway.phases.authenticate import Authenticate
from gateway.phases.authorize import authorize
from gateway.phases.coerce_variables import CoerceVariables
from gateway.phases.execute import Execute
from gateway.phases.limit import Limit
from gateway.phases.match_method import match_method
from gateway.phases.prepare import Prepare
from gateway.pipeline import Pipeline
from gateway.protocol.request import GraphQLRequest
from gateway.streams import deliver
from tests.federation.harness import SubgraphCase
from tests.gateway.harness import Client, client_of
from tests.gateway.streaming import connected, sse
from tests.harness.principals import Principals, account

SECRET = "s" * 32
ADA = DirectoryRecord("a", "11111111-1111-4111-8111-111111111111", "Ada", "ADMIN", True)
SDL = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@authenticated"]) '
    "type Query { me: Int @authenticated deep: Deep @authenticated } "
    "type Deep { deep: Deep n: Int } "
    "type Subscription { ticked: Int @authenticated }"
)
TICKED = "subscription { ticked }"
TOKEN = mint_session(SECRET, subject="u1", email="ada@acme.test")
BEARER = {"authorization": f"Bearer {TOKEN}"}


class Clockwork:
    """A gateway with principals in memory, whose only event comes when a test says so."""

    def __init__(self) -> None:
        self.principals = Principals()
        self.principals.found = Dossier(accounts={"a": account()}, people=(ADA,))
        doors = Doors(sessions=SessionTokens([SECRET]))
        self.authenticator = Authenticator(self.principals, doors)
        self.ticks: asyncio.Queue[int] = asyncio.Queue()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.closed = asyncio.Event()
        case = SubgraphCase("clock", SDL, resolvers={"Query.me": lambda *_: 1})
        schema = case.schema()
        root = schema.subscription_type
        assert root is not None
        root.fields["ticked"].subscribe = lambda *_: self._ticks()
        root.fields["ticked"].resolve = lambda value, *_: value
        supergraph = Supergraph.parse(compose([SubgraphSource("clock", None, SDL)]).sdl)
        self.engine = Engine(supergraph, {"clock": InProcessSubgraph("clock", schema)})

    async def _ticks(self) -> AsyncIterator[int]:
        try:
            while True:
                yield await self.ticks.get()
        finally:
            self.closed.set()

    @asynccontextmanager
    async def opening(self) -> AsyncIterator[Opened]:
        self.loop = asyncio.get_running_loop()
        phases = (
            Authenticate(self.authenticator),
            Prepare(self.engine),
            match_method,
            CoerceVariables(self.engine),
            Limit(3, 100),
            authorize,
            Execute(self.engine, lambda _: None, allow_introspection=False),
        )
        yield Opened(Live(Served(Pipeline(phases), "digest")))

    async def do(self, work: Any) -> None:
        """In the thread of the server."""

        async def call() -> None:
            work()

        assert self.loop is not None
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call(), self.loop))

    async def tick(self, number: int) -> None:
        await self.do(lambda: self.ticks.put_nowait(number))

    async def take_rights(self) -> None:
        """Another process changes the person's role, and this one's memory of them ends."""
        changed = ADA._replace(role="MEMBER")
        self.principals.found = Dossier(accounts={"a": account()}, people=(changed,))
        await self.do(self.authenticator.forget)


@asynccontextmanager
async def clockwork() -> AsyncIterator[tuple[Client, Clockwork]]:
    state = Clockwork()
    limits = HttpLimits(cors_origins=("https://app.example",))
    async with client_of(build_application(state.opening, limits)) as client:
        yield client, state


async def test_no_event_is_sent_once_a_right_is_taken_away() -> None:
    async with clockwork() as (client, clock):
        async with sse(client, TICKED, headers=BEARER) as stream:
            await clock.tick(1)
            assert await stream.next() == ("next", {"data": {"ticked": 1}})
            await clock.take_rights()
            await clock.tick(2)
            name, body = await stream.next()
            assert (name, body["errors"][0]["extensions"]["code"]) == ("next", "FORBIDDEN")
            assert "data" not in body
            assert await stream.next() == ("complete", None)
        async with connected(client, headers=BEARER) as socket:
            await socket.subscribe("a", TICKED)
            await clock.tick(1)
            assert (await socket.next())["payload"] == {"data": {"ticked": 1}}
            clock.principals.found = Dossier(accounts={})
            await clock.do(clock.authenticator.forget)
            await clock.tick(2)
            last = await socket.next()
            assert (last["type"], last["payload"][0]["extensions"]["code"]) == (
                "error",
                "FORBIDDEN",
            )


async def test_a_silent_stream_asks_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_RECHECK_SECONDS", 0.01)
    async with clockwork() as (client, clock), sse(client, TICKED, headers=BEARER) as stream:
        await clock.take_rights()
        _, body = await stream.next()
        assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_the_guards_of_a_request_hold_on_a_socket() -> None:
    async with clockwork() as (client, _):
        async with connected(client) as socket:
            await socket.subscribe("a", TICKED)
            assert (await socket.next())["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        async with connected(client, init={"Authorization": "Bearer nonsense"}) as socket:
            await socket.subscribe("a", "{ me }")
            assert (await socket.next())["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        async with connected(client, init={"headers": BEARER, "x": 1}) as socket:
            await socket.subscribe("a", "{ me }")
            assert (await socket.next())["payload"] == {"data": {"me": 1}}
            await socket.next()
            await socket.subscribe("b", "{ deep { deep { deep { n } } } }")
            code = (await socket.next())["payload"][0]["extensions"]["code"]
            assert code == "OPERATION_TOO_COMPLEX"
            await socket.subscribe("c", "{ __schema { queryType { name } } }")
            assert (await socket.next())["payload"]["errors"][0]["extensions"][
                "code"
            ] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("origin", "is_welcome"),
    [("https://app.example", True), ("https://evil.example", False), (None, False)],
)
async def test_a_session_opens_a_socket_only_from_our_own_pages(
    origin: str | None, is_welcome: bool
) -> None:
    headers = {"cookie": f"token={TOKEN}", **({"origin": origin} if origin else {})}
    async with (
        clockwork() as (client, _),
        connected(client, headers=headers, introduce=False) as socket,
    ):
        await socket.send("connection_init")
        if is_welcome:
            assert await socket.next() == {"type": "connection_ack"}
            await socket.subscribe("a", "{ me }")
            assert (await socket.next())["payload"] == {"data": {"me": 1}}
        else:
            assert (await socket.closed())[0] == 4403


async def test_a_token_of_the_page_is_used_instead_of_the_browsers_session() -> None:
    headers = {"cookie": "token=nonsense", "origin": "https://evil.example"}
    async with (
        clockwork() as (client, _),
        connected(client, headers=headers, init=BEARER) as socket,
    ):
        await socket.subscribe("a", "{ me }")
        assert (await socket.next())["payload"] == {"data": {"me": 1}}


async def test_what_cannot_be_written_closes_the_events() -> None:
    closed = asyncio.Event()

    async def events() -> ResponseEvents:
        try:
            while True:
                yield Response({})
        finally:
            closed.set()

    async def write(_: Response | Payload) -> None:
        raise ConnectionError

    exchange = Exchange(GraphQLRequest("{ me }"), "POST", {}, {}, "id", None)
    with pytest.raises(ConnectionError):
        await deliver(exchange, events(), write, asyncio.Event())
    assert closed.is_set()

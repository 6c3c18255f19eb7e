from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from federation.subgraph import EventSource, Subgraph, SubgraphEvents, SubgraphResponse
from federation.transport.client_request import ClientRequest
from federation.transport.configuration import SubgraphConfig, http_subgraph
from federation.transport.headers import Forward
from federation.transport.signing import HmacKey
from federation.transport.subscriptions import SubscriptionPolicy, SubscriptionProtocol
from tests.federation.transport.doubles import context_of, request, server
from tests.federation.transport.feed import BREAK, COMPLETE, Feed, feed

TEXT = "subscription($id: ID) { noticed }"
PROTOCOLS = [
    SubscriptionProtocol.SSE,
    SubscriptionProtocol.MULTIPART,
    SubscriptionProtocol.WEBSOCKET,
]
PATHS = dict(zip(PROTOCOLS, ("sse", "multipart", "socket"), strict=True))


def config(url: str, protocol: SubscriptionProtocol, **values: Any) -> SubgraphConfig:
    policy = SubscriptionPolicy(protocol=protocol, **values.pop("policy", {}))
    return SubgraphConfig(url=url, subscriptions=policy, **values)


async def subscribed(
    subgraph: Subgraph, context: Any = None, **variables: Any
) -> SubgraphEvents | SubgraphResponse:
    assert isinstance(subgraph, EventSource)
    asked = request(TEXT, context, **variables)
    return await subgraph.subscribe(asked)


@asynccontextmanager
async def listening(
    protocol: SubscriptionProtocol, context: Any = None, **values: Any
) -> AsyncIterator[tuple[Feed, SubgraphEvents]]:
    async with feed() as service:
        url = service.url + PATHS[protocol]
        subgraph = http_subgraph("users", config(url, protocol, **values), context_of)
        async with aclosing(subgraph):
            events = await subscribed(subgraph, context, id="1")
            assert not isinstance(events, SubgraphResponse), events
            async with aclosing(events):
                await service.listening.wait()
                yield service, events


async def refusal(handler: Any, protocol: SubscriptionProtocol, **values: Any) -> str:
    """Message of the only error of a subscription that does not begin."""
    async with server(handler) as url:
        subgraph = http_subgraph("users", config(url, protocol, **values), context_of)
        async with aclosing(subgraph):
            answer = await subscribed(subgraph)
    assert isinstance(answer, SubgraphResponse)
    (error,) = answer.errors
    return error.message


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_events_come_in_order_until_the_subgraph_has_no_more(
    protocol: SubscriptionProtocol,
) -> None:
    async with listening(protocol) as (service, events):
        service.event(noticed="one")
        service.send({"data": None, "errors": [{"message": "no", "extensions": {"code": "GONE"}}]})
        service.event(noticed="two")
        service.send(COMPLETE)
        answers = [event async for event in events]
    assert [answer.data for answer in answers] == [{"noticed": "one"}, None, {"noticed": "two"}]
    assert [error.message for error in answers[1].errors] == ["no"]
    assert service.asked == {"query": TEXT, "variables": {"id": "1"}}


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_closing_the_events_ends_the_subscription_at_the_subgraph(
    protocol: SubscriptionProtocol,
) -> None:
    async with listening(protocol) as (service, events):
        service.event(noticed="one")
        await anext(events)
        await events.aclose()
        await asyncio.wait_for(service.gone.wait(), 10)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_cancelling_whoever_waits_ends_the_subscription_at_the_subgraph(
    protocol: SubscriptionProtocol,
) -> None:
    async with listening(protocol) as (service, events):

        async def wait() -> None:
            async with aclosing(events):
                await anext(events)

        waiting = asyncio.ensure_future(wait())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait_for(service.gone.wait(), 10)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_stream_that_breaks_off_ends_with_an_error(protocol: SubscriptionProtocol) -> None:
    async with listening(protocol) as (service, events):
        service.event(noticed="one")
        service.send(BREAK)
        first, last = [event async for event in events]
    assert first.data == {"noticed": "one"}
    (error,) = last.errors
    assert error.message in {
        "Subgraph 'users' broke off its events.",
        "Subgraph 'users' could not be reached.",
    }


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_an_event_that_is_no_response_ends_the_stream(protocol: SubscriptionProtocol) -> None:
    async with listening(protocol) as (service, events):
        service.send(["no", "response"])
        (last,) = [event async for event in events]
    (error,) = last.errors
    assert error.message == "Subgraph 'users' answered with something that is no GraphQL response."


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_an_event_that_is_too_large_ends_the_stream(protocol: SubscriptionProtocol) -> None:
    async with listening(protocol, max_bytes=1000) as (service, events):
        service.event(noticed="x" * 10_000)
        (last,) = [event async for event in events]
    (error,) = last.errors
    assert error.message == "Subgraph 'users' sent an event that is larger than it may be."


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_the_subgraph_learns_of_the_client_what_the_rules_say(
    protocol: SubscriptionProtocol,
) -> None:
    client = ClientRequest({"authorization": "Bearer t"}, {"x-tenant": "acme"})
    rules = (Forward("X-Tenant", "X-Account"),)
    async with listening(protocol, client, headers=rules) as (service, _):
        assert service.headers["authorization"] == "Bearer t"
        assert service.headers["x-account"] == "acme"
        if protocol is SubscriptionProtocol.WEBSOCKET:
            assert service.init == {"authorization": "Bearer t", "x-account": "acme"}
            assert service.pongs == [{"type": "pong"}]


async def test_subscriptions_over_http_are_signed() -> None:
    key = HmacKey("gateway-1", b"0123456789abcdef0123456789abcdef")
    async with listening(SubscriptionProtocol.SSE, signing=key) as (service, _):
        assert "signature" in service.headers


async def test_comments_unknown_fields_and_other_events_are_no_events() -> None:
    async with listening(SubscriptionProtocol.SSE) as (service, events):
        service.send(b": heartbeat\n\nid: 7\nevent: other\ndata: {}\n\n")
        service.send(b'event: next\r\ndata: {"data":\r\ndata: {"noticed": "one"}}\r\n\r\n')
        service.send(b"event: next\ndata: nonsense\n\n")
        first, last = [event async for event in events]
    assert first.data == {"noticed": "one"}
    assert last.errors[0].message == "Subgraph 'users' answered with something that is not JSON."


async def test_a_stream_that_falls_silent_is_broken_where_it_should_not_be() -> None:
    policy = {"silence_seconds": 0.1}
    async with listening(SubscriptionProtocol.SSE, policy=policy) as (_, events):
        (last,) = [event async for event in events]
    assert last.errors[0].message == "Subgraph 'users' has been silent for too long."


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (b"nonsense", "answered with something that is not JSON"),
        (b"[]", "answered with something that is no GraphQL response"),
    ],
)
async def test_a_part_that_is_no_object_ends_the_stream(part: bytes, message: str) -> None:
    async with listening(SubscriptionProtocol.MULTIPART) as (service, events):
        service.send(b"\r\nContent-Type: application/json\r\n\r\n" + part + b"\r\n--graphql")
        (last,) = [event async for event in events]
    assert last.errors[0].message == f"Subgraph 'users' {message}."


async def test_errors_beside_a_payload_are_the_last_event() -> None:
    async with listening(SubscriptionProtocol.MULTIPART) as (service, events):
        part = b'{"payload": null, "errors": [{"message": "over"}]}'
        service.send(b"\r\nContent-Type: application/json\r\n\r\n" + part + b"\r\n--graphql")
        service.send(COMPLETE)
        (last,) = [event async for event in events]
    assert (last.data, len(last.errors)) == (None, 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"type": "error", "id": "1", "payload": [{"message": "no"}]}', "The subgraph reported"),
        (b'{"type": "surprise"}', "sent a message that is none of the protocol's"),
        (b"[]", "sent a message that is none of the protocol's"),
        (b"nonsense", "answered with something that is not JSON"),
        (b'{"type": "error", "payload": 7}', "answered with errors that are no list"),
    ],
)
async def test_a_message_that_ends_a_subscription_over_websocket_is_its_last_event(
    content: bytes, message: str
) -> None:
    async with listening(SubscriptionProtocol.WEBSOCKET) as (service, events):
        service.send(b'{"type": "pong"}')
        service.send(content)
        (last,) = [event async for event in events]
    assert message in last.errors[0].message


@pytest.mark.parametrize("protocol", PROTOCOLS[:2])
async def test_what_is_no_stream_does_not_begin_one(protocol: SubscriptionProtocol) -> None:
    async def refusing(_: web.Request) -> web.StreamResponse:
        return web.json_response({"errors": [{"message": "no", "extensions": {"code": "SHUT"}}]})

    async def answering(_: web.Request) -> web.StreamResponse:
        return web.json_response({"data": {"noticed": "one"}})

    async def failing(_: web.Request) -> web.StreamResponse:
        return web.Response(status=500)

    assert await refusal(refusing, protocol) == "no"
    message = "Subgraph 'users' answered a subscription with something that is no stream."
    assert await refusal(answering, protocol) == message
    assert await refusal(failing, protocol) == "Subgraph 'users' answered with status 500."


async def test_a_subgraph_that_is_away_or_slow_does_not_begin_a_stream() -> None:
    door = asyncio.Event()

    async def waiting(_: web.Request) -> web.StreamResponse:
        await door.wait()
        return web.Response()

    policy = {"start_seconds": 0.1}
    message = await refusal(waiting, SubscriptionProtocol.SSE, policy=policy)
    assert message == "Subgraph 'users' has been silent for too long."
    door.set()
    for protocol in PROTOCOLS:
        subgraph = http_subgraph("users", config("http://127.0.0.1:1/graphql", protocol))
        async with aclosing(subgraph):
            answer = await subscribed(subgraph)
        assert isinstance(answer, SubgraphResponse)
        assert answer.errors[0].message == "Subgraph 'users' could not be reached."


async def test_variables_that_json_does_not_have_cannot_be_sent() -> None:
    async with feed() as service:
        for protocol in PROTOCOLS:
            subgraph = http_subgraph("users", config(service.url + PATHS[protocol], protocol))
            async with aclosing(subgraph):
                answer = await subscribed(subgraph, id=object())
            assert isinstance(answer, SubgraphResponse)
            assert answer.errors[0].message == "Subgraph 'users' could not be sent the request."


@pytest.mark.parametrize(
    ("subprotocols", "answer", "message"),
    [
        ((), None, "does not speak graphql-transport-ws"),
        (("graphql-transport-ws",), '{"type": "no"}', "did not accept the connection"),
        (("graphql-transport-ws",), 4403, "refused the connection"),
        (("graphql-transport-ws",), b"bytes", "sent a message that is none of the protocol's"),
    ],
)
async def test_a_server_that_does_not_acknowledge_does_not_begin_a_stream(
    subprotocols: tuple[str, ...], answer: Any, message: str
) -> None:
    async def handle(asked: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(protocols=subprotocols)
        await socket.prepare(asked)
        await socket.receive()
        if isinstance(answer, int):
            await socket.close(code=answer)
        elif isinstance(answer, bytes):
            await socket.send_bytes(answer)
        elif answer is not None:
            await socket.send_str(answer)
        await socket.receive()
        return socket

    async with server(handle, method="GET") as url:
        subgraph = http_subgraph("users", config(url, SubscriptionProtocol.WEBSOCKET))
        async with aclosing(subgraph):
            response = await subscribed(subgraph)
    assert isinstance(response, SubgraphResponse)
    assert response.errors[0].message == f"Subgraph 'users' {message}."


def test_a_subgraph_without_subscriptions_cannot_be_subscribed_to() -> None:
    subgraph = http_subgraph("users", SubgraphConfig(url="http://users.test", subscriptions=None))
    assert not isinstance(subgraph, EventSource)


async def test_queries_go_the_way_they_always_go() -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({"data": {"me": {"id": "1"}}})

    async with (
        server(answer) as url,
        aclosing(http_subgraph("users", config(url, PROTOCOLS[0]))) as users,
    ):
        assert (await users.execute(request())).data == {"me": {"id": "1"}}


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"protocol": "websocket", "url": "https://users.test"}, "must begin with ws://"),
        ({"url": "wss://users.test"}, "must begin with http://"),
    ],
)
def test_an_address_must_fit_the_protocol(policy: dict[str, Any], message: str) -> None:
    given = {**policy, "protocol": SubscriptionProtocol(policy.get("protocol", "sse"))}
    with pytest.raises(ValueError, match=message):
        SubgraphConfig(url="http://users.test", subscriptions=SubscriptionPolicy(**given))


def test_seconds_and_connections_must_be_above_0() -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        SubscriptionPolicy(start_seconds=0)

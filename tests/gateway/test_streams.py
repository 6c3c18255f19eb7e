from __future__ import annotations

import asyncio
from urllib.parse import urlencode

import aiohttp
import pytest

from tests.federation.transport.feed import BREAK, COMPLETE
from tests.gateway.streaming import NOTICED, Stream, connected, notice, sse, stage

ONE = {"data": {"noticed": {"text": "one", "book": {"title": "Middlemarch"}}}}
TWO = {"data": {"noticed": {"text": "two", "book": {"title": "Ulysses"}}}}


@pytest.mark.parametrize("protocol", ["sse", "multipart", "socket"])
async def test_events_reach_the_client_completed_by_other_services(protocol: str) -> None:
    async with stage(protocol) as (client, feed), sse(client, NOTICED) as stream:
        assert stream.response.content_type == "text/event-stream"
        feed.event(noticed=notice("one"))
        assert await stream.next() == ("next", ONE)
        feed.event(noticed=notice("two", "2"))
        assert await stream.next() == ("next", TWO)
        feed.send(COMPLETE)
        assert await stream.next() == ("complete", None)
        assert await stream.next() == ("end", None)


async def test_a_subscription_can_be_asked_for_by_get() -> None:
    async with stage() as (client, feed):
        url = f"{client.url}/graphql?{urlencode({'query': NOTICED})}"
        headers = {"accept": "text/event-stream"}
        async with client.session.get(url, headers=headers) as response:
            feed.event(noticed=notice("one"))
            assert await Stream(response).next() == ("next", ONE)


async def test_a_query_can_be_answered_as_a_stream_of_one() -> None:
    async with stage() as (client, _), sse(client, "{ books { title } }") as stream:
        assert await stream.next() == ("next", {"data": {"books": [{"title": "Middlemarch"}]}})
        assert await stream.next() == ("complete", None)


async def test_without_a_stream_to_answer_with_a_subscription_is_406() -> None:
    async with stage() as (client, _):
        answer = await client.post(NOTICED)
    assert (answer.status, answer.code) == (406, "BAD_USER_INPUT")
    assert "text/event-stream" in answer.message


async def test_what_keeps_a_stream_from_beginning_has_a_status_of_its_own() -> None:
    async with stage() as (client, _):
        headers = {"accept": "text/event-stream"}
        answer = await client.post("subscription { nothing }", headers=headers)
    assert (answer.status, answer.code) == (400, "BAD_USER_INPUT")


async def test_a_stream_that_breaks_off_ends_with_an_error() -> None:
    async with stage() as (client, feed), sse(client, NOTICED) as stream:
        await feed.listening.wait()
        feed.send(BREAK)
        name, body = await stream.next()
        assert (name, body["data"]) == ("next", {"noticed": None})
        assert body["errors"][0]["extensions"]["code"] == "UPSTREAM_ERROR"
        assert await stream.next() == ("complete", None)


async def test_a_client_that_goes_ends_the_subscription_at_the_service() -> None:
    async with stage() as (client, feed):
        async with sse(client, NOTICED) as stream:
            feed.event(noticed=notice("one"))
            await stream.next()
            stream.response.close()
        feed.event(noticed=notice("two"))
        await asyncio.wait_for(feed.gone.wait(), 10)


async def test_a_stream_outlives_the_time_of_a_request() -> None:
    async with stage(request_timeout_seconds=0.3) as (client, feed), sse(client, NOTICED) as stream:
        await asyncio.wait_for(feed.listening.wait(), 10)
        for _ in range(5):
            # Each of these takes part of the time, all together more than it.
            assert (await client.post("{ books { id } }")).status == 200
            await asyncio.sleep(0.1)
        feed.event(noticed=notice("one"))
        assert await stream.next() == ("next", ONE)


async def test_subscriptions_are_multipart_for_clients_that_ask_for_it() -> None:
    async with stage() as (client, feed):
        headers = {"accept": 'multipart/mixed;subscriptionSpec="1.0", application/json'}
        url = f"{client.url}/graphql"
        async with client.session.post(url, json={"query": NOTICED}, headers=headers) as response:
            assert response.content_type == "multipart/mixed"
            feed.event(noticed=notice("one"))
            feed.send(COMPLETE)
            body = await response.text()
    assert body.startswith("--graphql\r\n")
    assert '{"payload":{"data":{"noticed":{"text":"one","book":{"title":"Middlemarch"}}}}}' in body
    assert body.endswith("\r\n--graphql--\r\n")


async def test_a_server_that_stops_ends_its_streams() -> None:
    async with stage() as (client, feed), sse(client, NOTICED) as stream:
        feed.event(noticed=notice("one"))
        await stream.next()
        ended = asyncio.ensure_future(stream.next())
        client.stop()
        assert await asyncio.wait_for(ended, 10) == ("complete", None)
        await asyncio.wait_for(feed.gone.wait(), 10)


async def test_operations_share_a_socket() -> None:
    async with stage() as (client, feed), connected(client) as socket:
        await socket.subscribe("a", NOTICED)
        await asyncio.wait_for(feed.listening.wait(), 10)
        await socket.subscribe("b", "{ books { title } }")
        expected = {"data": {"books": [{"title": "Middlemarch"}]}}
        assert await socket.next() == {"id": "b", "type": "next", "payload": expected}
        assert await socket.next() == {"id": "b", "type": "complete"}
        await socket.subscribe("c", "mutation { shelve }")
        assert (await socket.next())["payload"] == {"data": {"shelve": 1}}
        assert await socket.next() == {"id": "c", "type": "complete"}
        feed.event(noticed=notice("one"))
        assert await socket.next() == {"id": "a", "type": "next", "payload": ONE}
        feed.send(COMPLETE)
        assert await socket.next() == {"id": "a", "type": "complete"}


async def test_completing_an_operation_ends_it_at_the_service_and_frees_its_id() -> None:
    async with stage() as (client, feed), connected(client) as socket:
        await socket.subscribe("a", NOTICED)
        await asyncio.wait_for(feed.listening.wait(), 10)
        await socket.send("complete", id="a")
        feed.event(noticed=notice("one"))
        await asyncio.wait_for(feed.gone.wait(), 10)
        await socket.subscribe("a", "{ books { id } }")
        assert (await socket.next())["payload"] == {"data": {"books": [{"id": "1"}]}}


async def test_closing_a_socket_ends_its_operations_at_the_service() -> None:
    async with stage() as (client, feed):
        async with connected(client) as socket:
            await socket.subscribe("a", NOTICED)
            await asyncio.wait_for(feed.listening.wait(), 10)
        feed.event(noticed=notice("one"))
        await asyncio.wait_for(feed.gone.wait(), 10)


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({"query": "{ nothing }"}, "Cannot query field 'nothing' on type 'Query'."),
        ({"query": 7}, "The parameter query must be a string."),
        (None, "The payload must be an object with the parameter query."),
    ],
)
async def test_an_operation_that_is_wrong_ends_with_an_error(payload: object, message: str) -> None:
    async with stage() as (client, _), connected(client) as socket:
        await socket.send("subscribe", id="a", payload=payload)
        answer = await socket.next()
    assert (answer["id"], answer["type"]) == ("a", "error")
    assert answer["payload"][0]["message"] == message
    assert answer["payload"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_pings_are_answered_before_and_after_the_introduction() -> None:
    async with stage() as (client, _), connected(client, introduce=False) as socket:
        await socket.send("pong")
        await socket.send("ping", payload={"n": 1})
        assert await socket.next() == {"type": "pong", "payload": {"n": 1}}
        await socket.send("connection_init")
        assert await socket.next() == {"type": "connection_ack"}
        await socket.send("ping")
        assert await socket.next() == {"type": "pong"}


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([{"type": "subscribe", "id": "a", "payload": {"query": "{ books { id } }"}}], 4401),
        ([{"type": "connection_init"}, {"type": "connection_init"}], 4429),
        ([{"type": "surprise"}], 4400),
        ([{"type": ["surprise"]}], 4400),
        (["text"], 4400),
        ([{"type": "subscribe", "payload": {"query": "{ books { id } }"}}], 4400),
        ([{"type": "connection_init"}, {"type": "complete", "id": 7}], 4400),
    ],
)
async def test_a_client_that_breaks_the_protocol_is_disconnected(
    messages: list[object], code: int
) -> None:
    async with stage() as (client, _), connected(client, introduce=False) as socket:
        for content in messages:
            await socket.socket.send_json(content)
        if messages[0] == {"type": "connection_init"}:
            await socket.next()
        assert (await socket.closed())[0] == code


async def test_an_id_in_use_ends_the_connection() -> None:
    async with stage() as (client, feed), connected(client) as socket:
        await socket.subscribe("a", NOTICED)
        await asyncio.wait_for(feed.listening.wait(), 10)
        await socket.subscribe("a", NOTICED)
        assert await socket.closed() == (4409, "Subscriber for a already exists")


async def test_messages_that_are_no_json_bytes_or_too_large_end_the_connection() -> None:
    async with stage(max_body_bytes=100) as (client, _):
        async with connected(client, introduce=False) as socket:
            await socket.socket.send_str("nonsense")
            assert (await socket.closed())[0] == 4400
        async with connected(client, introduce=False) as socket:
            await socket.socket.send_bytes(b"{}")
            assert (await socket.closed())[0] == 4400
        async with connected(client) as socket:
            await socket.subscribe("a", "{ books { id } }" + " " * 200)
            assert (await socket.closed())[0] == 1009


async def test_another_subprotocol_is_not_spoken() -> None:
    options = {"introduce": False, "protocols": ("graphql-ws",)}
    async with stage() as (client, _), connected(client, **options) as socket:  # type: ignore[arg-type] # as declared
        assert (await socket.closed())[0] == 4406


async def test_a_connection_carries_so_many_operations_at_a_time() -> None:
    async with stage() as (client, feed), connected(client) as socket:
        for number in range(100):
            await socket.subscribe(str(number), NOTICED)
        await socket.subscribe("more", "{ books { id } }")
        answer = await socket.next()
        assert (answer["id"], answer["type"]) == ("more", "error")
        assert answer["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert not feed.gone.is_set()


async def test_a_socket_is_closed_when_the_server_stops() -> None:
    async with stage() as (client, feed), connected(client) as socket:
        await socket.subscribe("a", NOTICED)
        await asyncio.wait_for(feed.listening.wait(), 10)
        client.stop()
        frame = await asyncio.wait_for(socket.socket.receive(), 10)
        assert frame.data in {1012, None} or frame.type is aiohttp.WSMsgType.CLOSED

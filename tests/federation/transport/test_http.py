from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from federation.subgraph import SubgraphRequest
from federation.transport.answer import ErrorPolicy
from federation.transport.errors import StatusError
from federation.transport.http import HttpSubgraph
from tests.federation.plans import fetch

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

REQUEST = SubgraphRequest(fetch("users", "query($id: ID) { me }"), {"id": "1"}, {"user": "ada"})


@asynccontextmanager
async def serving(handler: Handler, **options: Any) -> AsyncIterator[HttpSubgraph]:
    app = web.Application()
    app.router.add_post("/graphql", handler)
    server = TestServer(app)
    await server.start_server()
    subgraph = HttpSubgraph("users", str(server.make_url("/graphql")), **options)
    try:
        yield subgraph
    finally:
        await subgraph.aclose()
        await server.close()


def replying(body: bytes | str, **options: Any) -> Handler:
    async def handler(_request: web.Request) -> web.Response:
        data = body.encode() if isinstance(body, str) else body
        options.setdefault("content_type", "application/json")
        return web.Response(body=data, **options)

    return handler


async def test_a_fetch_is_posted_as_json_with_the_hosts_headers() -> None:
    seen: list[tuple[dict[str, Any], dict[str, str]]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((await request.json(), dict(request.headers)))
        return web.json_response({"data": {"me": "x"}, "extensions": {"cost": 1}})

    def headers(context: Any) -> dict[str, str]:
        return {"x-user": context["user"], "accept-language": "en"}

    async with serving(handler, headers=headers) as subgraph:
        response = await subgraph.execute(REQUEST)
    assert response.data == {"me": "x"}
    assert response.errors == ()
    assert response.extensions == {"cost": 1}
    body, sent = seen[0]
    assert body == {"query": REQUEST.fetch.operation, "variables": {"id": "1"}}
    assert sent["Content-Type"] == "application/json"
    assert sent["Accept"].startswith("application/graphql-response+json")
    assert sent["x-user"] == "ada"


REPORTED = """{"data": {"me": null}, "errors": [
    {"message": "no", "path": ["me", 0], "extensions":
        {"code": "NOT_FOUND", "stacktrace": [], "host": "db-7"}},
    {"message": "password", "path": ["me"], "extensions": {"code": "INTERNAL_SERVER_ERROR"}},
    {"message": "bare", "path": ["me", true]},
    {"message": 7, "path": "me", "extensions": []}, "nonsense"]}"""
MASKED = "The subgraph reported an error."
UPSTREAM = {"code": "UPSTREAM_ERROR"}


async def reported(policy: ErrorPolicy) -> list[tuple[Any, ...]]:
    async with serving(replying(REPORTED), errors=policy) as subgraph:
        response = await subgraph.execute(REQUEST)
    return [(error.message, error.path, error.extensions) for error in response.errors]


async def test_errors_that_state_a_code_speak_and_unforeseen_ones_are_masked() -> None:
    assert await reported(ErrorPolicy.STATED) == [
        ("no", ("me", 0), {"code": "NOT_FOUND"}),
        (MASKED, ("me",), UPSTREAM),
        (MASKED, None, UPSTREAM),
        (MASKED, None, UPSTREAM),
        (MASKED, None, UPSTREAM),
    ]


async def test_all_errors_of_a_subgraph_can_be_masked() -> None:
    assert [entry[:2] for entry in await reported(ErrorPolicy.MASKED)] == [
        (MASKED, ("me", 0)),
        (MASKED, ("me",)),
        *[(MASKED, None)] * 3,
    ]


async def test_all_errors_of_a_subgraph_can_be_shown_without_their_traces() -> None:
    assert await reported(ErrorPolicy.SHOWN) == [
        ("no", ("me", 0), {"code": "NOT_FOUND", "host": "db-7"}),
        ("password", ("me",), {"code": "INTERNAL_SERVER_ERROR"}),
        ("bare", None, UPSTREAM),
        (MASKED, None, UPSTREAM),
        (MASKED, None, UPSTREAM),
    ]


async def test_a_flood_of_errors_is_cut() -> None:
    body = '{"errors": [' + ",".join(["{}"] * 5000) + "]}"
    async with serving(replying(body)) as subgraph:
        response = await subgraph.execute(REQUEST)
    assert len(response.errors) == 1000


@pytest.mark.parametrize(("status", "counts"), [(400, False), (500, True)])
async def test_the_graphql_media_type_carries_errors_under_any_status(
    status: int, counts: bool
) -> None:
    body = '{"errors": [{"message": "bad request", "extensions": {"code": "BAD"}}]}'
    media_type = "application/graphql-response+json"
    async with serving(replying(body, status=status, content_type=media_type)) as subgraph:
        response = await subgraph.execute(REQUEST)
    assert response.data is None
    assert [error.message for error in response.errors] == ["bad request"]
    assert isinstance(response.failure, StatusError) == counts


async def test_a_value_that_json_cannot_hold_is_not_sent() -> None:
    request = SubgraphRequest(REQUEST.fetch, {"id": 2**70}, {"user": "ada"})
    async with serving(replying("{}")) as subgraph:
        response = await subgraph.execute(request)
    assert response.errors[0].message == "Subgraph 'users' could not be sent the request."


BROKEN: list[tuple[Handler, str]] = [
    (replying('{"data": {}}', status=500), "answered with status 500"),
    (replying("", status=302, headers={"location": "/elsewhere"}), "answered with status 302"),
    (replying("<html>secret</html>", content_type="text/html"), "something that is not JSON"),
    (replying(b"\xff\xfe"), "something that is not JSON"),
    (replying('{"data": NaN}'), "something that is not JSON"),
    (replying("[" * 1900), "something that is not JSON"),
    (replying("[]"), "something that is no GraphQL response"),
    (replying("{}"), "something that is no GraphQL response"),
    (replying('{"data": [1]}'), "data that is no object"),
    (replying('{"data": {}, "errors": {"message": "secret"}}'), "errors that are no list"),
    (replying('{"data": {"x": "' + "x" * 3000 + '"}}'), "more than it may"),
]


@pytest.mark.parametrize(("handler", "what"), BROKEN)
async def test_a_broken_answer_is_one_error_that_names_the_subgraph(
    handler: Handler, what: str
) -> None:
    async with serving(handler, max_bytes=2000) as subgraph:
        response = await subgraph.execute(REQUEST)
    assert response.data is None
    [error] = response.errors
    assert error.message.startswith("Subgraph 'users' answered with")
    assert error.message.endswith(what + ".")
    assert error.extensions == {"code": "UPSTREAM_ERROR"}


async def test_a_small_compressed_body_that_grows_is_refused() -> None:
    async def handler(_request: web.Request) -> web.Response:
        response = web.json_response({"data": {"x": "x" * 1_000_000}})
        response.enable_compression(web.ContentCoding.gzip)
        return response

    async with serving(handler, max_bytes=100_000) as subgraph:
        response = await subgraph.execute(REQUEST)
    assert response.errors[0].message == "Subgraph 'users' answered with more than it may."


async def test_silence_ends_in_a_timeout() -> None:
    async def handler(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async with serving(handler, timeout=0.05) as subgraph:
        response = await subgraph.execute(REQUEST)
    assert response.errors[0].message == "Subgraph 'users' did not answer in time."


async def test_a_closed_port_and_a_cut_connection_are_errors() -> None:
    async def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    subgraph = HttpSubgraph("users", f"http://127.0.0.1:{unused_port()}/graphql")
    refused = await subgraph.execute(REQUEST)
    await subgraph.aclose()
    async with serving(cut) as other:
        broken = await other.execute(REQUEST)
    for response in (refused, broken):
        assert response.data is None
        assert response.errors[0].message == "Subgraph 'users' could not be reached."


async def test_connections_are_kept_alive_and_cookies_are_not() -> None:
    peers: set[object] = set()
    cookies: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        cookies.append(request.headers.get("Cookie"))
        response = web.json_response({"data": {}})
        response.set_cookie("session", "of-somebody")
        return response

    async with serving(handler) as subgraph:
        for _ in range(3):
            await subgraph.execute(REQUEST)
    assert len(peers) == 1
    assert cookies == [None, None, None]


async def test_a_shared_pool_stays_open() -> None:
    async with aiohttp.ClientSession() as session:
        async with serving(replying('{"data": {}}'), session=session) as subgraph:
            assert (await subgraph.execute(REQUEST)).data == {}
        assert not session.closed


async def test_a_shared_pool_brings_no_more_than_may_come() -> None:
    async with (
        aiohttp.ClientSession() as session,
        serving(replying("x" * 3000), session=session, max_bytes=2000) as subgraph,
    ):
        response = await subgraph.execute(REQUEST)
    assert response.errors[0].message == "Subgraph 'users' answered with more than it may."

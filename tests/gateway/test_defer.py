"""`@defer` and `@stream` over every transport that can carry them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gateway.protocol.media import defers_formerly
from gateway.router import create_router
from gateway.settings import Settings
from tests.gateway.harness import Client, client_of
from tests.gateway.library import SDL, library
from tests.gateway.streaming import connected, sse

DEFER = '{ books { title ... @defer(label: "stars") { stars } } }'
FIRST = {"books": [{"title": "Middlemarch"}, {"title": "Ulysses"}]}
STREAM = "{ books @stream(initialCount: 1) { title } }"


@asynccontextmanager
async def router(sdl: str = SDL) -> AsyncIterator[Client]:
    async with (
        library(sdl) as (_, supergraph),
        client_of(create_router(supergraph, Settings())) as client,
    ):
        yield client


async def parts(client: Client, query: str, accept: str) -> tuple[str, list[Any]]:
    """Content type and parts of an answer in multipart/mixed."""
    answer = await client.post(query, headers={"accept": accept})
    assert answer.status == 200
    content_type = answer.headers["content-type"]
    assert content_type.startswith("multipart/mixed; boundary=graphql")
    begin, *found, end = answer.body.split("--graphql")
    assert (begin, end) == ("", "--\r\n")
    return content_type, [json.loads(part.partition("\r\n\r\n")[2]) for part in found]


async def test_payloads_announce_what_is_pending_and_refer_to_it() -> None:
    async with router() as client:
        _, (first, last) = await parts(client, DEFER, "multipart/mixed, application/json")
    assert first == {
        "data": FIRST,
        "pending": [
            {"id": "0", "path": ["books", 0], "label": "stars"},
            {"id": "1", "path": ["books", 1], "label": "stars"},
        ],
        "hasNext": True,
    }
    assert last == {
        "incremental": [{"id": "0", "data": {"stars": 5}}, {"id": "1", "data": {"stars": 4}}],
        "completed": [{"id": "0"}, {"id": "1"}],
        "hasNext": False,
    }


async def test_clients_of_the_form_of_2022_get_paths_and_labels() -> None:
    accept = "multipart/mixed;deferSpec=20220824,application/graphql-response+json"
    async with router() as client:
        content_type, (first, last) = await parts(client, DEFER, accept)
        assert "deferSpec=20220824" in content_type
        assert first == {"data": FIRST, "hasNext": True}
        assert last["incremental"] == [
            {"data": {"stars": 5}, "path": ["books", 0], "label": "stars"},
            {"data": {"stars": 4}, "path": ["books", 1], "label": "stars"},
        ]
        _, (first, last) = await parts(client, STREAM, accept)
        assert first["data"] == {"books": [{"title": "Middlemarch"}]}
        assert last["incremental"] == [{"items": [{"title": "Ulysses"}], "path": ["books", 1]}]


async def test_errors_of_a_payload_are_masked_like_any_other() -> None:
    sdl = SDL.replace("http://reviews.test/graphql", "http://127.0.0.1:1/graphql")
    async with router(sdl) as client:
        _, (_, last) = await parts(client, DEFER, "multipart/mixed")
    (error,) = last["incremental"][0]["errors"]
    assert error["path"] == ["books", 0, "stars"]
    assert error["extensions"] == {"code": "UPSTREAM_ERROR"}


async def test_without_a_stream_everything_is_one_answer() -> None:
    async with router() as client:
        answer = await client.post(DEFER)
        assert answer.body["data"]["books"][0] == {"title": "Middlemarch", "stars": 5}
        answer = await client.post(STREAM)
        assert answer.body == {"data": FIRST}
        headers = {"accept": "multipart/mixed, application/json"}
        answer = await client.post("{ books { title } }", headers=headers)
        assert answer.headers["content-type"].startswith("application/json")


async def test_payloads_travel_as_events_and_over_a_socket() -> None:
    async with router() as client:
        async with sse(client, DEFER) as stream:
            name, first = await stream.next()
            assert (name, first["data"], first["hasNext"]) == ("next", FIRST, True)
            _, last = await stream.next()
            assert [part["data"] for part in last["incremental"]] == [{"stars": 5}, {"stars": 4}]
            assert (await stream.next())[0] == "complete"
        async with connected(client) as socket:
            await socket.subscribe("a", DEFER)
            assert (await socket.next())["payload"]["data"] == FIRST
            assert (await socket.next())["payload"]["hasNext"] is False
            assert await socket.next() == {"id": "a", "type": "complete"}


async def test_introspection_does_not_show_what_not_every_client_may_use() -> None:
    async with router() as client:
        answer = await client.post("{ __schema { directives { name } } }")
    names = {directive["name"] for directive in answer.body["data"]["__schema"]["directives"]}
    assert not names & {"defer", "stream"}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("multipart/mixed;deferSpec=20220824, application/json", True),
        ("multipart/mixed", False),
        (None, False),
    ],
)
def test_the_accept_header_chooses_the_form(accept: str | None, expected: bool) -> None:
    assert defers_formerly(accept) is expected

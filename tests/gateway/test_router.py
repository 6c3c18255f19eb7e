from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from federation.supergraph import Supergraph
from federation.transport.deadline import DEADLINE_HEADER
from gateway.router import create_router
from gateway.settings import Settings
from gateway.subgraph_config import SubgraphConfigError, SubgraphConfigs, read_subgraph_configs
from tests.gateway.harness import Client, client_of
from tests.gateway.library import SDL, Library, library

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"


@asynccontextmanager
async def router(
    sdl: str = SDL, configs: SubgraphConfigs | None = None, **values: Any
) -> AsyncIterator[tuple[Client, Library]]:
    async with (
        library(sdl) as (state, supergraph),
        client_of(create_router(supergraph, Settings(**values), configs)) as client,
    ):
        yield client, state


async def test_a_query_over_two_services_is_one_answer() -> None:
    async with router() as (client, _):
        answer = await client.post("{ books { title stars } }")
    assert answer.status == 200
    assert answer.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert answer.body == {
        "data": {"books": [{"title": "Middlemarch", "stars": 5}, {"title": "Ulysses", "stars": 4}]}
    }


async def test_variables_and_operation_name_are_used() -> None:
    async with router() as (client, _):
        answer = await client.post(
            "query One($id: ID!) { book(id: $id) { id } } query All { books { id } }",
            parameters={"variables": {"id": "2"}, "operationName": "One"},
        )
    assert answer.body == {"data": {"book": {"id": "2"}}}


async def test_queries_can_be_asked_by_get() -> None:
    async with router() as (client, _):
        query = urlencode(
            {"query": "query Q($id: ID!) { book(id: $id) { id } }", "variables": '{"id": "7"}'}
        )
        answer = await client.request("GET", f"/graphql?{query}")
    assert (answer.status, answer.body) == (200, {"data": {"book": {"id": "7"}}})


async def test_a_mutation_by_get_is_refused_and_changes_nothing() -> None:
    async with router() as (client, state):
        query = urlencode({"query": 'mutation { shelve(title: "Emma") { id } }'})
        refused = await client.request("GET", f"/graphql?{query}")
        assert (refused.status, refused.headers["allow"]) == (405, "POST")
        assert refused.message == "Send mutations by POST: GET runs queries only."
        assert state.shelved == []
        done = await client.post('mutation { shelve(title: "Emma") { title } }')
    assert done.body == {"data": {"shelve": {"title": "Emma"}}}
    assert state.shelved == ["Emma"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_refused_with_those_that_work(method: str) -> None:
    async with router() as (client, _):
        answer = await client.request(method, "/graphql")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, POST")
    assert answer.code == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("query", "parameters", "sentence"),
    [
        ("{ books {", {}, "Syntax Error"),
        ("{ films { id } }", {}, "Cannot query field 'films' on type 'Query'."),
        ("{ books { id } }", {"operationName": "Nope"}, "no operation named 'Nope'"),
        ("query A { __typename } query B { __typename }", {}, "several operations"),
        ("query ($id: ID!) { book(id: $id) { id } }", {}, "'$id'"),
        (
            "query ($id: ID!) { book(id: $id) { id } }",
            {"variables": {"id": {"no": 1}}},
            "'$id'",
        ),
        ("subscription { books }", {}, "subscription"),
    ],
)
async def test_a_wrong_document_is_400_or_200_by_media_type(
    query: str, parameters: dict[str, Any], sentence: str
) -> None:
    async with router() as (client, _):
        strict = await client.post(query, parameters=parameters, headers={"accept": GRAPHQL})
        lenient = await client.post(query, parameters=parameters, headers={"accept": JSON})
    assert (strict.status, lenient.status) == (400, 200)
    assert strict.headers["content-type"] == f"{GRAPHQL}; charset=utf-8"
    assert lenient.headers["content-type"] == f"{JSON}; charset=utf-8"
    assert strict.body == lenient.body
    assert "data" not in strict.body
    assert strict.code == "BAD_USER_INPUT"
    assert sentence in strict.message


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (400, {"content-type": JSON}, b""),
        (400, {"content-type": JSON}, b"{"),
        (400, {"content-type": JSON}, b"[]"),
        (400, {"content-type": JSON}, b'{"query": "{ books { id } }", "query": "{ a }"}'),
        (400, {"content-type": JSON}, b'{"query": "\xff"}'),
        (400, {"content-type": JSON}, b'{"query": "{ books { id } }", "variables": 1}'),
        (415, {"content-type": "text/plain"}, b'{"query": "{ books { id } }"}'),
        (415, {"content-type": f"{JSON}; charset=latin1"}, b'{"query": "{ books { id } }"}'),
        (406, {"content-type": JSON, "accept": "text/html"}, b'{"query": "{ books { id } }"}'),
    ],
)
async def test_a_malformed_request_is_4xx_under_both_media_types(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    async with router() as (client, _):
        for accept in (GRAPHQL, JSON):
            answer = await client.request(
                "POST", "/graphql", data=body, headers={"accept": accept, **headers}
            )
            assert answer.status == status
            assert answer.code == "BAD_USER_INPUT"


async def test_an_announced_body_above_the_limit_is_413() -> None:
    async with router(max_body_bytes=100) as (client, _):
        answer = await client.post("{ books { id } }" + " " * 100)
        assert (answer.status, answer.message) == (413, "The body is larger than 100 bytes.")
        assert (await client.post("{ books { id } }")).status == 200


async def test_a_streamed_body_above_the_limit_is_413() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"query": "{ books { id } }"'
        for _ in range(20):
            yield b" " * 10

    async with router(max_body_bytes=100) as (client, _):
        answer = await client.request(
            "POST", "/graphql", data=chunks(), headers={"content-type": JSON}
        )
    assert (answer.status, answer.message) == (413, "The body is larger than 100 bytes.")


async def test_a_request_past_its_time_is_504() -> None:
    async with router(request_timeout_seconds=0.2) as (client, _):
        answer = await client.post("{ slow }")
        assert (answer.status, answer.code) == (504, "TIMEOUT")
        assert answer.message == "The request took longer than 0.2 seconds and was stopped."
        assert (await client.post("{ books { id } }")).status == 200


async def test_an_operation_nested_too_deep_is_refused() -> None:
    async with router(max_depth=1) as (client, _):
        answer = await client.post("{ books { id } }")
    assert (answer.status, answer.code) == (400, "OPERATION_TOO_COMPLEX")
    assert answer.message == "The operation is nested 2 fields deep; 1 are allowed."


async def test_fragments_that_multiply_are_counted_without_writing_them_out() -> None:
    fragments = "".join(
        f"fragment F{n} on Book {{ a: id ...F{n + 1} ...F{n + 1} }} " for n in range(30)
    )
    async with router() as (client, _):
        answer = await client.post(
            "{ books { ...F0 } } " + fragments + "fragment F30 on Book { id }"
        )
    assert (answer.status, answer.code) == (400, "OPERATION_TOO_COMPLEX")


async def test_a_failing_field_keeps_the_rest_and_says_where() -> None:
    async with router() as (client, _):
        answer = await client.post("{ broken books { id } }")
    assert answer.status == 200
    assert answer.body["data"] == {"broken": None, "books": [{"id": "1"}, {"id": "2"}]}
    [error] = answer.body["errors"]
    assert (error["message"], error["path"]) == ("The shelf fell over.", ["broken"])
    assert list(answer.body) == ["data", "errors"]


async def test_a_service_that_is_away_is_named_and_its_address_is_not() -> None:
    sdl = SDL.replace("http://reviews.test/graphql", "http://127.0.0.1:1/graphql")
    async with router(sdl) as (client, _):
        answer = await client.post("{ books { title stars } }")
    assert answer.body["data"]["books"][0] == {"title": "Middlemarch", "stars": None}
    assert answer.code == "UPSTREAM_ERROR"
    assert "reviews" in answer.message
    assert "127.0.0.1" not in str(answer.body)


async def test_the_services_see_the_authorization_and_the_request_id() -> None:
    async with router() as (client, state):
        headers = {"authorization": "Bearer abc", "x-request-id": "trace-0001", "cookie": "a=b"}
        answer = await client.post('{ book(id: "1") { id } }', headers=headers)
    [seen] = state.headers
    assert (seen["authorization"], seen["x-request-id"]) == ("Bearer abc", "trace-0001")
    assert "cookie" not in seen
    assert answer.headers["x-request-id"] == "trace-0001"


@pytest.mark.parametrize("given", ["", "short", "a" * 200, "has spaces in it", "né-utf-8-id"])
async def test_a_request_id_that_would_harm_a_log_is_replaced(given: str) -> None:
    async with router() as (client, _):
        answer = await client.post("{ __typename }", headers={"x-request-id": given})
    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 32


async def test_introspection_answers_the_schema_clients_see() -> None:
    async with router() as (client, _):
        answer = await client.post('{ __type(name: "Book") { description fields { name } } }')
    assert answer.body["data"]["__type"] == {
        "description": "A book on the shelf.",
        "fields": [{"name": "id"}, {"name": "title"}, {"name": "stars"}],
    }


async def test_fields_that_ask_who_is_calling_stay_closed() -> None:
    sdl = SDL.replace(
        '@link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)',
        '@link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)'
        ' @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)',
    ).replace("books: [Book!]! @join", "books: [Book!] @authenticated @join")
    sdl += "\ndirective @authenticated on FIELD_DEFINITION | OBJECT\n"
    async with router(sdl) as (client, state):
        answer = await client.post('{ books { id } book(id: "1") { id } }')
    assert answer.body["data"] == {"books": None, "book": {"id": "1"}}
    assert answer.code == "UNAUTHENTICATED"
    assert len(state.headers) == 1


async def test_browsers_of_other_origins_get_no_permission_by_default() -> None:
    preflight = {
        "origin": "https://app.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    async with router() as (client, _):
        refused = await client.request("OPTIONS", "/graphql", headers=preflight)
        assert "access-control-allow-origin" not in refused.headers
    async with router(cors_origins=("https://app.example",)) as (client, _):
        allowed = await client.request("OPTIONS", "/graphql", headers=preflight)
        assert allowed.headers["access-control-allow-origin"] == "https://app.example"
        assert allowed.headers["access-control-allow-credentials"] == "true"
        other = {**preflight, "origin": "https://evil.example"}
        refused = await client.request("OPTIONS", "/graphql", headers=other)
        assert "access-control-allow-origin" not in refused.headers


async def test_health_and_readiness_tell_which_schema_is_live() -> None:
    async with router() as (client, _):
        health = await client.request("GET", "/health")
        ready = await client.request("GET", "/ready")
    assert (health.status, health.body) == (200, {"status": "alive"})
    assert (ready.status, ready.body["status"]) == (200, "ready")
    assert len(ready.body["supergraph"]) == 64


async def test_another_path_is_not_found_in_json() -> None:
    async with router() as (client, _):
        answer = await client.request("GET", "/nowhere")
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


async def test_the_playground_needs_no_other_host() -> None:
    async with router() as (client, _):
        page = await client.request("GET", "/", headers={"accept": "text/html"})
        script = await client.request("GET", "/playground/main.js")
        style = await client.request("GET", "/playground/main.css")
    assert (page.status, script.status, style.status) == (200, 200, 200)
    assert "http" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "http" not in page.body
    assert 'data-example="query Example' in page.body
    assert "url(http" not in style.body


def test_a_subgraph_without_an_address_stops_the_start() -> None:
    supergraph = Supergraph.parse(SDL.replace("http://books.test/graphql", ""))
    with pytest.raises(SubgraphConfigError, match="Subgraph books has no URL"):
        create_router(supergraph, Settings())


async def test_the_file_of_subgraphs_decides_what_services_see(tmp_path: Path) -> None:
    file = tmp_path / "subgraphs.yaml"
    file.write_text("subgraphs: {books: {headers: [{forward: X-Tenant}, {remove: Authorization}]}}")
    headers = {"authorization": "Bearer abc", "x-tenant": "acme"}
    async with router(configs=read_subgraph_configs(file)) as (client, state):
        await client.post('{ book(id: "1") { id } }', headers=headers)
    [seen] = state.headers
    assert seen["x-tenant"] == "acme"
    assert "authorization" not in seen


@pytest.mark.parametrize(
    ("announced", "least", "most"),
    [("4000", 1, 4000), ("60000", 4001, 9000), ("soon", 4001, 9000), ("", 4001, 9000)],
)
async def test_a_deadline_of_the_client_shrinks_on_its_way(
    announced: str, least: int, most: int
) -> None:
    async with router(request_timeout_seconds=9) as (client, state):
        headers = {DEADLINE_HEADER: announced}
        await client.post('{ book(id: "1") { id } }', headers=headers)
    [seen] = state.headers
    assert least <= int(seen[DEADLINE_HEADER]) <= most


async def test_a_deadline_of_the_client_ends_what_takes_longer() -> None:
    async with router() as (client, _):
        answer = await client.post("{ slow }", headers={DEADLINE_HEADER: "200"})
    assert (answer.status, answer.body["data"]) == (200, {"slow": None})
    assert answer.code == "UPSTREAM_ERROR"

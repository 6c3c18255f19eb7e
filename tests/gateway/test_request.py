from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import BadRequest, UnsupportedMediaType
from gateway.protocol.request import (
    GraphQLRequest,
    check_content_type,
    from_body,
    from_query_string,
)


def test_a_body_with_every_parameter() -> None:
    body = (
        b'{"query": "query Q { a }", "operationName": "Q", "variables": {"x": [1, {"y": null}]},'
        b' "extensions": {"trace": true}, "unknown": 1}'
    )
    assert from_body(body) == GraphQLRequest(
        "query Q { a }", "Q", {"x": [1, {"y": None}]}, {"trace": True}
    )


def test_null_means_absent() -> None:
    body = b'{"query": "{ a }", "operationName": null, "variables": null, "extensions": null}'
    assert from_body(body) == GraphQLRequest("{ a }")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The body is empty"),
        (b" \n", "The body is empty"),
        (b"{", "The body is not valid JSON"),
        (b"query { a }", "The body is not valid JSON"),
        (b'{"query": "{ a }"} x', "The body is not valid JSON"),
        (b'{"query": NaN}', "The body is not valid JSON"),
        (b'{"query": "\\ud800"}', "The body is not valid JSON"),
        (b'{"query": "{ a }", "variables": ' + b"[" * 5000 + b"]" * 5000 + b"}", "not valid JSON"),
        (b'{"query": "{ a }", "variables": {"x": 1e999}}', "The body is not valid JSON"),
        (b'{"query": "\xff"}', "The body must be UTF-8."),
        (b'"{ a }"', "The body must be a JSON object."),
        (b"null", "The body must be a JSON object."),
        (b'[{"query": "{ a }"}]', "Batches are not supported"),
        (b"{}", "The parameter query is missing"),
        (b'{"query": null}', "The parameter query is missing"),
        (b'{"query": 1}', "The parameter query must be a string."),
        (b'{"query": ""}', "The parameter query is empty"),
        (b'{"query": "{ a }", "operationName": 1}', "operationName must be a string."),
        (b'{"query": "{ a }", "variables": []}', "variables must be an object."),
        (b'{"query": "{ a }", "variables": "{}"}', "variables must be an object."),
        (b'{"query": "{ a }", "extensions": 0}', "extensions must be an object."),
        (b'{"query": "{ a }", "query": "{ b }"}', 'The body repeats the name "query".'),
        (b'{"query": "{ a }", "variables": {"x": {"y": 1, "y": 2}}}', 'repeats the name "y".'),
    ],
)
def test_a_malformed_body_is_refused_with_what_is_wrong(body: bytes, sentence: str) -> None:
    with pytest.raises(BadRequest) as raised:
        from_body(body)
    assert sentence in raised.value.message


@pytest.mark.parametrize(
    "body",
    [
        b'{"query": "{ a(b: \\"c\\": 1) }"}',
        b'{"query": "{ a }", "variables": {"text": "says \\"query\\": twice"}}',
        b'{"query" \t\r\n : "{ a }", "variables":{"x":[{"y":1},{"y":2}]}}',
    ],
)
def test_names_are_told_from_what_looks_like_them(body: bytes) -> None:
    parsed = json.loads(body)
    assert from_body(body) == GraphQLRequest(parsed["query"], None, parsed.get("variables", {}))


names = st.sampled_from(["a", "b", "\\u0061", "c d", "\\\\", '\\":'])
spaces = st.sampled_from(["", " ", "\n\t"])
values = st.recursive(
    st.sampled_from(["1", "null", '"x"', '"\\":"', '"\\\\\\":"']),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]"),
        st.lists(st.tuples(names, spaces, inner), max_size=3).map(
            lambda pairs: (
                "{" + ",".join(f'"{name}"{space}:{value}' for name, space, value in pairs) + "}"
            )
        ),
    ),
    max_leaves=8,
)


@given(values)
def test_no_repeated_name_is_overlooked(value: str) -> None:
    repeats: list[bool] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        repeats.append(len(dict(pairs)) < len(pairs))

    json.loads(value, object_pairs_hook=look)
    body = f'{{"query": "{{ a }}", "variables": {{"x": {value}}}}}'.encode()
    if any(repeats):
        with pytest.raises(BadRequest, match="repeats the name"):
            from_body(body)
    else:
        assert from_body(body).variables == {"x": json.loads(value)}


def test_a_url_with_every_parameter() -> None:
    query = urlencode(
        {"query": "query Q { a }", "operationName": "Q", "variables": '{"x": "ü"}', "other": "1"}
    )
    assert from_query_string(query.encode()) == GraphQLRequest("query Q { a }", "Q", {"x": "ü"})


def test_an_empty_parameter_of_a_url_is_absent() -> None:
    query = urlencode({"query": "{ a }", "operationName": "", "variables": "", "extensions": ""})
    assert from_query_string(query.encode()) == GraphQLRequest("{ a }")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "The parameter query is missing"),
        ("query=", "The parameter query is missing"),
        ("query=%7Ba%7D&query=%7Bb%7D", "The parameter query stands in the URL twice."),
        ("query=%7Ba%7D&variables=%7B", "The parameter variables is not valid JSON"),
        ("query=%7Ba%7D&variables=[]", "The parameter variables must be an object."),
        ("query=%7Ba%7D&extensions=1", "The parameter extensions must be an object."),
        ("query=%ff", "The URL's query must be percent-encoded UTF-8."),
        ("&".join(f"a{n}=1" for n in range(200)), "The URL's query must be percent-encoded UTF-8."),
    ],
)
def test_a_malformed_url_is_refused_with_what_is_wrong(query: str, sentence: str) -> None:
    with pytest.raises(BadRequest) as raised:
        from_query_string(query.encode())
    assert sentence in raised.value.message


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", "application/json; charset=utf-8"],
)
def test_json_in_utf_8_is_read(content_type: str) -> None:
    check_content_type(content_type, None)
    check_content_type(content_type, "identity")


@pytest.mark.parametrize(
    ("content_type", "encoding", "sentence"),
    [
        (None, None, "Send the header Content-Type: application/json."),
        ("", None, "Send the header Content-Type: application/json."),
        ("text/plain", None, "A POST body must be application/json"),
        ("application/x-www-form-urlencoded", None, "A POST body must be application/json"),
        ("multipart/form-data; boundary=x", None, "A POST body must be application/json"),
        ("application/graphql", None, "A POST body must be application/json"),
        ("nonsense", None, "A POST body must be application/json"),
        ("application/json; charset=utf-16", None, "The body must be encoded in UTF-8."),
        ("application/json", "gzip", "Compressed request bodies are not read"),
    ],
)
def test_other_bodies_are_refused(
    content_type: str | None, encoding: str | None, sentence: str
) -> None:
    with pytest.raises(UnsupportedMediaType) as raised:
        check_content_type(content_type, encoding)
    assert sentence in raised.value.message

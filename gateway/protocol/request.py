"""GraphQL requests as they arrive over HTTP (GraphQL over HTTP, section 5)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson

from gateway.errors import BadRequest, UnsupportedMediaType
from gateway.protocol.media import MediaType, parse_media_type

__all__ = [
    "GraphQLRequest",
    "check_content_type",
    "from_body",
    "from_parameters",
    "from_query_string",
]

_PARAMETERS = ("query", "operationName", "variables", "extensions")
_MAX_QUERY_FIELDS = 100


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """The parameters of one request, of the right types, not yet looked into."""

    query: str
    operation_name: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)


def check_content_type(content_type: str | None, content_encoding: str | None) -> None:
    """Refuse bodies we do not read. Raises `UnsupportedMediaType`."""
    if content_type == MediaType.JSON and content_encoding is None:
        return
    if not content_type:
        raise UnsupportedMediaType("Send the header Content-Type: application/json.")
    name, parameters = parse_media_type(content_type)
    if name != MediaType.JSON:
        raise UnsupportedMediaType(
            "A POST body must be application/json; this one is of another Content-Type."
        )
    if parameters.get("charset", "utf-8") not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType("The body must be encoded in UTF-8.")
    if content_encoding not in {None, "", "identity"}:
        raise UnsupportedMediaType("Compressed request bodies are not read: send it uncompressed.")


def from_body(body: bytes) -> GraphQLRequest:
    """The request in a JSON body. Raises `BadRequest` with what is wrong with it."""
    if not body.strip():
        raise BadRequest('The body is empty: send a JSON object such as {"query": "{ viewer }"}.')
    parameters = _json(body, "body")
    if isinstance(parameters, list):
        raise BadRequest("Batches are not supported: send one JSON object a request.")
    if not isinstance(parameters, dict):
        raise BadRequest("The body must be a JSON object.")
    return from_parameters(parameters)


def from_query_string(query_string: bytes) -> GraphQLRequest:
    """The request in a URL's query. Raises `BadRequest` with what is wrong with it."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_QUERY_FIELDS,
        )
    except ValueError as error:
        raise BadRequest("The URL's query must be percent-encoded UTF-8.") from error
    texts: dict[str, str] = {}
    for name, text in pairs:
        if name in texts and name in _PARAMETERS:
            raise BadRequest(f"The parameter {name} stands in the URL twice.")
        texts[name] = text
    return from_parameters(_decoded(texts))


def _decoded(texts: Mapping[str, str]) -> dict[str, Any]:
    """Parameters of a URL: objects are JSON, an empty text means absent."""
    parameters: dict[str, Any] = {name: texts[name] for name in _PARAMETERS if texts.get(name)}
    for name in ("variables", "extensions"):
        if name in parameters:
            parameters[name] = _json(parameters[name].encode(), f"parameter {name}")
    return parameters


def _json(content: bytes, place: str) -> Any:
    """The JSON value, every object with distinct names: what others on the way read is what runs.

    orjson is strict about text (UTF-8, surrogates, infinite numbers) and keeps the last of several
    equal names; where some may be, json shows them.
    """
    try:
        value = orjson.loads(content)
        if len(_AFTER_NAME(content)) != _names_in(value):
            json.loads(content, object_pairs_hook=_distinct)
    except _RepeatedName as error:
        raise BadRequest(f"The {place} repeats the name {error}.") from error
    except (ValueError, RecursionError) as error:
        raise BadRequest(_mistake(content, place, error)) from error
    return value


_AFTER_NAME = re.compile(rb'"[ \t\r\n]*:').findall
"""After every name stands one of these; inside of texts may be more, but never fewer."""


def _names_in(value: Any) -> int:
    """How many names the objects of a JSON value have."""
    found = 0
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if type(value) is dict:
            found += len(value)
            waiting.extend(value.values())
        elif type(value) is list:
            waiting.extend(value)
    return found


def _mistake(content: bytes, place: str, error: Exception) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return f"The {place} must be UTF-8."
    return f"The {place} is not valid JSON: {_first_line(error)}."


class _RepeatedName(Exception):  # noqa: N818 - never leaves this module
    pass


def _distinct(pairs: list[tuple[str, Any]]) -> None:
    names = {name for name, _ in pairs}
    if len(names) == len(pairs):
        return
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise _RepeatedName(json.dumps(name[:50]))
        seen.add(name)


def _first_line(error: Exception) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)


def from_parameters(parameters: Mapping[str, Any]) -> GraphQLRequest:
    """The request its parameters make. Raises `BadRequest` with what is wrong with them."""
    query = parameters.get("query")
    if query is None:
        raise BadRequest("The parameter query is missing: it holds the GraphQL document.")
    if not isinstance(query, str):
        raise BadRequest("The parameter query must be a string.")
    if not query.strip():
        raise BadRequest("The parameter query is empty: it holds the GraphQL document.")
    operation_name = parameters.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise BadRequest("The parameter operationName must be a string.")
    return GraphQLRequest(
        query,
        operation_name or None,
        _object(parameters, "variables"),
        _object(parameters, "extensions"),
    )


def _object(parameters: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = parameters.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequest(f"The parameter {name} must be an object.")
    return value

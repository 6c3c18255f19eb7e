"""A subgraph's body as a response: whatever it holds, only what has the right form goes on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import islice
from typing import Any

import orjson

from federation.subgraph import SubgraphError, SubgraphResponse
from federation.transport.errors import UPSTREAM_ERROR, AnswerError, StatusError

__all__ = ["RESPONSE_TYPE", "ErrorPolicy", "read_answer", "read_event", "response_of"]

RESPONSE_TYPE = "application/graphql-response+json"
_INSIDES = frozenset({"exception", "stacktrace", "debugMessage", "trace"})
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,63}\Z")
_FAULTS = frozenset({"INTERNAL", "INTERNAL_ERROR", "INTERNAL_SERVER_ERROR", "DOWNSTREAM_ERROR"})
_MASKED = "The subgraph reported an error."
_MOST_ERRORS = 1000


class ErrorPolicy(StrEnum):
    """What clients see of the errors that a subgraph reports; their paths stay in any case."""

    MASKED = "masked"
    """That there was one."""
    STATED = "stated"
    """Message and code of errors that state a code, which servers add to what they mean to say;
    others are unforeseen and may show a server's insides."""
    SHOWN = "shown"
    """Everything but stack traces."""


def read_answer(
    status: int, content_type: str, body: bytes, policy: ErrorPolicy
) -> SubgraphResponse:
    """Read the body of a complete HTTP response.

    Under its own media type a GraphQL response may have any status; as plain JSON only success is
    known to come from the GraphQL server and not from something before it. Raises `AnswerError`
    and `StatusError`.
    """
    if not 200 <= status < 300 and content_type != RESPONSE_TYPE:
        raise StatusError(status)
    return _response(_parsed(body), policy, StatusError(status) if status >= 500 else None)


def read_event(content: bytes | str, policy: ErrorPolicy) -> SubgraphResponse:
    """Read one event of a subscription as it came over the wire. Raises `AnswerError`."""
    return response_of(_parsed(content), policy)


def response_of(document: Any, policy: ErrorPolicy) -> SubgraphResponse:
    """The same of JSON that has been parsed. Raises `AnswerError`."""
    return _response(document, policy, None)


def _response(document: Any, policy: ErrorPolicy, failure: StatusError | None) -> SubgraphResponse:
    document = _document(document)
    extensions = document.get("extensions")
    return SubgraphResponse(
        _data(document),
        tuple(_error(entry, policy) for entry in islice(_errors(document), _MOST_ERRORS)),
        extensions if isinstance(extensions, dict) else {},
        failure,
    )


def _parsed(body: bytes | str) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise AnswerError("answered with something that is not JSON") from None


def _document(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict) or not ("data" in document or "errors" in document):
        raise AnswerError("answered with something that is no GraphQL response")
    return document


def _data(document: dict[str, Any]) -> dict[str, Any] | None:
    data = document.get("data")
    if data is not None and not isinstance(data, dict):
        raise AnswerError("answered with data that is no object")
    return data


def _errors(document: dict[str, Any]) -> list[Any]:
    errors = document.get("errors")
    if errors is not None and not isinstance(errors, list):
        raise AnswerError("answered with errors that are no list")
    return errors or []


def _error(entry: object, policy: ErrorPolicy) -> SubgraphError:
    fields = entry if isinstance(entry, dict) else {}
    message, extensions = _stated(fields, policy)
    return SubgraphError(message, _path(fields.get("path")), extensions)


def _stated(fields: dict[str, Any], policy: ErrorPolicy) -> tuple[str, dict[str, Any]]:
    """Message and extensions that clients may see."""
    message, given = fields.get("message"), fields.get("extensions")
    extensions = given if isinstance(given, dict) else {}
    if policy is ErrorPolicy.MASKED or not isinstance(message, str):
        return _MASKED, {"code": UPSTREAM_ERROR}
    if policy is ErrorPolicy.SHOWN:
        shown = {key: value for key, value in extensions.items() if key not in _INSIDES}
        return message, {"code": UPSTREAM_ERROR, **shown}
    code = extensions.get("code")
    if isinstance(code, str) and _CODE.match(code) and code not in _FAULTS:
        return message, {"code": code}
    return _MASKED, {"code": UPSTREAM_ERROR}


def _path(value: object) -> tuple[str | int, ...] | None:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    if any(isinstance(step, bool) or not isinstance(step, (str, int)) for step in value):
        return None
    return tuple(value)

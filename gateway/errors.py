"""Errors of the gateway, and the one table from error to response.

GatewayError                    a request refused before any GraphQL is executed
├── BadRequest                  400: body, parameter or header is malformed
├── MethodNotAllowed            405: the method does not fit the operation
├── NotAcceptable               406: the client wants a media type we do not write
├── ContentTooLarge             413: the body exceeds the limit
├── UnsupportedMediaType        415: the body is of a type we do not read
├── CrossSiteRequest            403: another site may have made the browser send this
├── OperationTooComplex         400: the operation is deeper or wider than the limits
├── TooManyOperations           429: a connection carries as many operations as it may
└── RequestTimeout              504: the time for one request is used up

Client errors speak for themselves; everything that is not in the table is logged with the request
id and answered as `INTERNAL`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from auth.errors import Forbidden, KeysUnavailable, Unauthenticated
from datasources.errors import DatabaseUnavailable, NoticesMissed, StatementTimeout
from federation.errors import OperationError, OperationTooComplexError
from federation.execution.response import ResponseError

__all__ = [
    "CODES",
    "BadRequest",
    "ContentTooLarge",
    "CrossSiteRequest",
    "GatewayError",
    "MethodNotAllowed",
    "NotAcceptable",
    "OperationTooComplex",
    "Refusal",
    "RequestTimeout",
    "TooManyOperations",
    "UnsupportedMediaType",
    "entry_of",
    "refusal_of",
]

_log = logging.getLogger(__name__)

CODES: Mapping[str, str] = {
    "UNAUTHENTICATED": "No credentials, or credentials that cannot be verified.",
    "FORBIDDEN": "The caller is known and may not do this.",
    "NOT_FOUND": "The object does not exist, or not for this caller.",
    "BAD_USER_INPUT": "The request, the document or an argument is wrong.",
    "CONFLICT": "The object has changed or exists already.",
    "RATE_LIMITED": "Too many requests; the answer says when to come back.",
    "OPERATION_TOO_COMPLEX": "The operation is deeper or wider than the limits allow.",
    "PERSISTED_DOCUMENT_NOT_FOUND": "No document is stored under this id.",
    "TIMEOUT": "The time for one request is used up.",
    "UPSTREAM_ERROR": "Another service that answers a part of the graph failed.",
    "INTERNAL": "A fault of the gateway; the log holds the cause under the request id.",
}
"""Every `extensions.code`, and what it means."""


class GatewayError(Exception):
    """A request refused before any GraphQL is executed; `message` is written for the client."""

    def __init__(self, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        self.message = message
        self.headers = dict(headers or {})
        super().__init__(message)


class BadRequest(GatewayError):  # noqa: N818 - named for its HTTP status
    """Body, parameter or header is malformed."""


class MethodNotAllowed(GatewayError):  # noqa: N818 - named for its HTTP status
    """The method does not fit; `Allow` names those that do."""

    def __init__(self, message: str, allow: str) -> None:
        super().__init__(message, headers={"Allow": allow})


class NotAcceptable(GatewayError):  # noqa: N818 - named for its HTTP status
    """The client wants a media type we do not write."""


class ContentTooLarge(GatewayError):  # noqa: N818 - named for its HTTP status
    """The body exceeds the limit."""


class UnsupportedMediaType(GatewayError):  # noqa: N818 - named for its HTTP status
    """The body is of a type we do not read."""


class CrossSiteRequest(GatewayError):  # noqa: N818 - named for what it refuses
    """Another site may have made the browser send this request."""


class OperationTooComplex(GatewayError):  # noqa: N818 - named as the code it becomes
    """The operation is deeper or wider than the limits allow."""


class TooManyOperations(GatewayError):  # noqa: N818 - named for what it refuses
    """A connection carries as many operations as it may."""


class RequestTimeout(GatewayError):  # noqa: N818 - named for what happened
    """The time for one request is used up."""


class Refusal(NamedTuple):
    """A request that is answered with errors and no data."""

    status: int
    """HTTP status under the GraphQL media type."""
    errors: tuple[Mapping[str, Any], ...]
    """Entries of `errors`, as they are sent."""
    headers: Mapping[str, str] = {}
    is_document: bool = False
    """Whether the HTTP request was well formed and only its document or variables are refused;
    `application/json` then answers 200 (GraphQL over HTTP, section 6.4.1)."""


class _Rule(NamedTuple):
    status: int
    code: str
    message: str | None = None
    """What the client reads; None shows the error's own sentence, written for it."""
    headers: Mapping[str, str] = {}
    is_document: bool = False
    is_fault: bool = False
    """Whether the log must hold it, with the request id that the client is given."""


_DATABASE_AWAY = "The database cannot be reached right now. Try again in a few seconds."

_TABLE: Mapping[type[BaseException], _Rule] = {
    BadRequest: _Rule(400, "BAD_USER_INPUT"),
    MethodNotAllowed: _Rule(405, "BAD_USER_INPUT"),
    NotAcceptable: _Rule(406, "BAD_USER_INPUT"),
    ContentTooLarge: _Rule(413, "BAD_USER_INPUT"),
    UnsupportedMediaType: _Rule(415, "BAD_USER_INPUT"),
    CrossSiteRequest: _Rule(403, "FORBIDDEN"),
    OperationTooComplex: _Rule(400, "OPERATION_TOO_COMPLEX", is_document=True),
    OperationTooComplexError: _Rule(
        400,
        "OPERATION_TOO_COMPLEX",
        "The operation is too complex to be planned. Ask for less at once.",
        is_document=True,
    ),
    TooManyOperations: _Rule(429, "RATE_LIMITED"),
    RequestTimeout: _Rule(504, "TIMEOUT"),
    Unauthenticated: _Rule(401, "UNAUTHENTICATED", headers={"WWW-Authenticate": "Bearer"}),
    Forbidden: _Rule(403, "FORBIDDEN"),
    KeysUnavailable: _Rule(503, "UPSTREAM_ERROR", headers={"Retry-After": "5"}, is_fault=True),
    StatementTimeout: _Rule(
        504,
        "TIMEOUT",
        "The database took too long. Ask for less at once, or try again.",
        is_fault=True,
    ),
    NoticesMissed: _Rule(
        429,
        "RATE_LIMITED",
        "More happened than was read in time. Read what stands now, and subscribe again.",
    ),
    DatabaseUnavailable: _Rule(
        503, "INTERNAL", _DATABASE_AWAY, headers={"Retry-After": "2"}, is_fault=True
    ),
    BaseException: _Rule(500, "INTERNAL", "Internal error.", is_fault=True),
}


def refusal_of(error: BaseException, request_id: str) -> Refusal:
    """What a client is told about an error that ended its request; faults are logged."""
    if isinstance(error, OperationError):
        return Refusal(400, tuple(entry.formatted for entry in error.errors), is_document=True)
    rule = _rule_of(error)
    headers = {**rule.headers, **getattr(error, "headers", {})}
    return Refusal(rule.status, (_entry(error, rule, request_id),), headers, rule.is_document)


def entry_of(error: ResponseError, request_id: str) -> Mapping[str, Any]:
    """What a client is told about an error in a part of its answer; faults are logged.

    Errors with a public code were written for clients, and what another service reported keeps its
    words; what one of ours raised without meaning it for the client loses them.
    """
    code = error.extensions.get("code")
    if error.cause is None or (code in CODES and code != "INTERNAL"):
        entry = error.formatted()
        entry["extensions"] = {"code": "INTERNAL", **entry.get("extensions", {})}
        return entry
    entry = _entry(error.cause, _rule_of(error.cause), request_id)
    if error.path is not None:
        entry["path"] = list(error.path)
    return entry


def _rule_of(error: BaseException) -> _Rule:
    return next(_TABLE[kind] for kind in type(error).__mro__ if kind in _TABLE)


def _entry(error: BaseException, rule: _Rule, request_id: str) -> dict[str, Any]:
    message = rule.message if rule.message is not None else str(error)
    extensions = {"code": rule.code}
    if rule.is_fault:
        _log.error("%s in request %s", rule.code, request_id, exc_info=error)
        extensions["requestId"] = request_id
    return {"message": message, "extensions": extensions}

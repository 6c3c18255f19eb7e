"""The head of an HTTP request, read once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from os import urandom
from typing import NamedTuple

from starlette.requests import cookie_parser
from starlette.types import Scope

__all__ = ["REQUEST_ID", "Head", "head_of", "request_id_of"]

REQUEST_ID = "x-request-id"
"""The header, in both directions."""

_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,127}").fullmatch
_NO_COOKIES: Mapping[str, str] = {}


class Head(NamedTuple):
    """Everything of a request but its body."""

    method: str
    headers: dict[str, str]
    """By lower-case name; of several with one name the first, but cookies joined."""
    cookies: Mapping[str, str]
    request_id: str


def head_of(scope: Scope) -> Head:
    """Read the head; the request's id is the one that `request_id_of` tells."""
    headers: dict[str, str] = {}
    for raw_name, raw in scope["headers"]:
        name = raw_name.decode("latin-1")
        if name not in headers:
            headers[name] = raw.decode("latin-1")
        elif name == "cookie":
            headers[name] += "; " + raw.decode("latin-1")
    cookie = headers.get("cookie")
    cookies = _NO_COOKIES if cookie is None else cookie_parser(cookie)
    return Head(scope["method"], headers, cookies, request_id_of(scope, headers))


def request_id_of(scope: Scope, headers: Mapping[str, str]) -> str:
    """The id under which the log holds this request, the same however often it is asked for.

    It is the one a proxy gave where that is harmless in a log, and otherwise made.
    """
    state: dict[str, str] = scope["state"]
    known = state.get("request_id")
    if known is None:
        given = headers.get(REQUEST_ID, "")
        known = state["request_id"] = given if _SANE_ID(given) else urandom(16).hex()
    return known

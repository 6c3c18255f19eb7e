"""Which headers a subgraph receives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from federation.transport.client_request import ClientRequest

__all__ = ["Forward", "HeaderRule", "Remove", "Set", "outgoing_headers"]

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_VALUE = re.compile(r"[\t\x20-\x7e]*\Z")
_TRANSPORTS_OWN = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-digest",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "signature",
        "signature-input",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers of one connection or one body (RFC 9110 section 7.6.1), which no rule may touch."""


@dataclass(frozen=True, slots=True)
class Forward:
    """Sends on a header of the client's request, where it has one."""

    name: str
    rename: str | None = None
    """Name towards the subgraph; None keeps the client's."""

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_name(self.rename or self.name)


@dataclass(frozen=True, slots=True)
class Set:
    """Sends a fixed value, whatever the client sent."""

    name: str
    value: str

    def __post_init__(self) -> None:
        _check_name(self.name)
        if not _VALUE.match(self.value):
            raise ValueError(f"the value of header {self.name} must be printable ASCII text")


@dataclass(frozen=True, slots=True)
class Remove:
    """Holds back a header that is sent otherwise."""

    name: str

    def __post_init__(self) -> None:
        _check_name(self.name)


HeaderRule: TypeAlias = Forward | Set | Remove


def outgoing_headers(client: ClientRequest, rules: Sequence[HeaderRule]) -> dict[str, str]:
    """What the subgraph receives of the client's request; later rules win.

    Names are in lower case.
    """
    headers = dict(client.headers)
    for rule in rules:
        _apply(rule, client, headers)
    return headers


def _apply(rule: HeaderRule, client: ClientRequest, headers: dict[str, str]) -> None:
    name = rule.name.lower()
    if isinstance(rule, Set):
        headers[name] = rule.value
    elif isinstance(rule, Remove):
        headers.pop(name, None)
    elif name in client.received:
        headers[(rule.rename or name).lower()] = client.received[name]


def _check_name(name: str) -> None:
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is no name of a header")
    if name.lower() in _TRANSPORTS_OWN:
        raise ValueError(f"header {name} belongs to the connection and follows no rule")

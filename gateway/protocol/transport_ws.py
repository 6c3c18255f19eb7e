"""Messages of the protocol graphql-transport-ws (GraphQL over WebSocket)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

import orjson

from gateway.errors import BadRequest
from gateway.protocol.request import GraphQLRequest, from_parameters

__all__ = [
    "SUBPROTOCOL",
    "ClientMessage",
    "Close",
    "Kind",
    "message",
    "parse_message",
    "request_of",
]

SUBPROTOCOL = "graphql-transport-ws"


class Kind(StrEnum):
    """Types of message, in both directions."""

    INIT = "connection_init"
    ACK = "connection_ack"
    PING = "ping"
    PONG = "pong"
    SUBSCRIBE = "subscribe"
    NEXT = "next"
    ERROR = "error"
    COMPLETE = "complete"


class Close(Exception):  # noqa: N818 - named for what it does
    """Ends the connection with a code of the protocol."""

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


class ClientMessage(NamedTuple):
    """A message of a client, its payload not yet looked into."""

    kind: Kind
    id: str
    """The operation it concerns; empty for those that concern the connection."""
    payload: Any


def parse_message(text: str) -> ClientMessage:
    """Read one message. Raises `Close` for anything that is none."""
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Close(4400, "A message must be JSON.") from None
    if not isinstance(content, dict):
        raise Close(4400, "A message must be a JSON object.")
    kind, id = content.get("type"), content.get("id", "")
    if not isinstance(kind, str) or kind not in _FROM_CLIENTS:
        raise Close(4400, "The type of the message is unknown.")
    if not isinstance(id, str) or (kind in _OF_OPERATIONS and not id):
        raise Close(4400, "The id of an operation must be a text.")
    return ClientMessage(Kind(kind), id, content.get("payload"))


def message(kind: Kind, id: str | None = None, payload: object = None) -> str:
    """A message as it is sent."""
    content: dict[str, object] = {} if id is None else {"id": id}
    content["type"] = kind
    if payload is not None:
        content["payload"] = payload
    return orjson.dumps(content).decode()


def request_of(payload: Any) -> GraphQLRequest:
    """The operation a client subscribes to. Raises `BadRequest`."""
    if not isinstance(payload, Mapping):
        raise BadRequest("The payload must be an object with the parameter query.")
    return from_parameters(payload)


_OF_OPERATIONS = frozenset({Kind.SUBSCRIBE, Kind.COMPLETE})
_FROM_CLIENTS = _OF_OPERATIONS | {Kind.INIT, Kind.PING, Kind.PONG}

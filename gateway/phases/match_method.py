"""Hold the HTTP method against the kind of operation."""

from __future__ import annotations

from federation.plan import OperationKind
from gateway.errors import MethodNotAllowed, NotAcceptable
from gateway.exchange import Exchange
from gateway.protocol.media import StreamType

__all__ = ["match_method"]


def match_method(exchange: Exchange) -> None:
    """GET runs queries only (GraphQL over HTTP, section 5.3): it must change nothing.

    Raises `MethodNotAllowed` for a mutation over GET, `NotAcceptable` for a subscription whose
    client takes no stream.
    """
    kind = exchange.prepared.kind
    if kind is OperationKind.SUBSCRIPTION and not exchange.streams:
        raise NotAcceptable(
            f"A subscription is answered with a stream: accept {' or '.join(StreamType)}, or use "
            "a WebSocket."
        )
    if kind is OperationKind.MUTATION and exchange.method != "POST":
        raise MethodNotAllowed("Send mutations by POST: GET runs queries only.", allow="POST")

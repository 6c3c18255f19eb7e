"""Hold the HTTP method against the kind of operation."""

from __future__ import annotations

from federation.plan import OperationKind
from gateway.errors import BadRequest, MethodNotAllowed
from gateway.exchange import Exchange

__all__ = ["match_method"]


async def match_method(exchange: Exchange) -> None:
    """GET runs queries only (GraphQL over HTTP, section 5.3): it must change nothing.

    Raises `MethodNotAllowed` for a mutation over GET, `BadRequest` for a subscription, whose
    answer is no single response.
    """
    kind = exchange.prepared.kind
    if kind is OperationKind.SUBSCRIPTION:
        raise BadRequest("A subscription cannot be answered with a single response.")
    if kind is OperationKind.MUTATION and exchange.method != "POST":
        raise MethodNotAllowed("Send mutations by POST: GET runs queries only.", allow="POST")

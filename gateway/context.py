"""The context of one request: what resolvers read, and what other services are told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property

from auth.caller import Caller
from federation.transport.client_request import ClientRequest
from federation.transport.deadline import DEADLINE_HEADER
from gateway.exchange import Exchange
from resolvers.base import Origin, RequestContext, Services

__all__ = ["ContextFactory", "GatewayContext", "client_request_of"]

_FORWARDED = ("authorization", "traceparent", "tracestate")
_CREDENTIALS = ("authorization", "cookie")
_MILLISECONDS = re.compile(r"[0-9]{1,9}\Z")


class GatewayContext(RequestContext):
    """The context of a caller's request, with what other services may be told of it."""

    def __init__(
        self, caller: Caller, services: Services, exchange: Exchange, seconds: float | None
    ) -> None:
        super().__init__(caller, services, exchange.request_id, exchange.prepared.habits)
        self._exchange = exchange
        self._seconds = seconds
        self.origin = Origin(exchange.peer_address, exchange.headers.get("user-agent"))

    @cached_property
    def client_request(self) -> ClientRequest:
        """What other services may be told."""
        return client_request_of(self._exchange, self._seconds)


class ContextFactory:
    """Makes the context of an exchange; None where nobody is signed in.

    Nothing is granted to nobody, so no fetch of such a request ever asks for its context.
    """

    def __init__(self, services: Services, seconds: float | None = None) -> None:
        """Take the services, and the seconds a request may take."""
        self._services = services
        self._seconds = seconds

    def __call__(self, exchange: Exchange) -> GatewayContext | None:
        """The context, with fresh loaders."""
        if exchange.caller is None:
            return None
        return GatewayContext(exchange.caller, self._services, exchange, self._seconds)


def client_request_of(exchange: Exchange, seconds: float | None) -> ClientRequest:
    """What the transport to other services may know of a request that may take so many seconds.

    A deadline that the client announces can only shorten the time. It leaves a hole in the answer
    where the application's own bound is answered with 504: two ends of one wait must not race.
    """
    credentials = tuple(exchange.headers.get(name) for name in _CREDENTIALS)
    announced = _announced(exchange.headers.get(DEADLINE_HEADER, ""))
    bounds = [bound for bound in (seconds, announced) if bound is not None]
    return ClientRequest(
        headers=_forwarded_headers(exchange),
        received=exchange.headers,
        identity=(exchange.caller, credentials),
        deadline=exchange.received_at + min(bounds) if bounds else None,
        is_ended_by_host=bool(bounds) and min(bounds) != announced and not exchange.is_event,
    )


def _forwarded_headers(exchange: Exchange) -> Mapping[str, str]:
    headers = {name: exchange.headers[name] for name in _FORWARDED if name in exchange.headers}
    return {**headers, "x-request-id": exchange.request_id}


def _announced(milliseconds: str) -> float | None:
    return int(milliseconds) / 1000 if _MILLISECONDS.match(milliseconds) else None

"""The context of one request: what resolvers read, and what other services are told."""

from __future__ import annotations

from collections.abc import Mapping

from auth.caller import Caller
from gateway.exchange import Exchange
from resolvers.base import RequestContext, Services

__all__ = ["ContextFactory", "GatewayContext", "forwarded_headers"]

_FORWARDED = ("authorization", "traceparent", "tracestate")


class GatewayContext(RequestContext):
    """The context of a caller's request, with the headers that go on to other services."""

    def __init__(self, caller: Caller, services: Services, exchange: Exchange) -> None:
        super().__init__(caller, services, exchange.request_id)
        self.forwarded = forwarded_headers(exchange)


class ContextFactory:
    """Makes the context of an exchange; None where nobody is signed in.

    Nothing is granted to nobody, so no fetch of such a request ever asks for its context.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def __call__(self, exchange: Exchange) -> GatewayContext | None:
        """The context, with fresh loaders."""
        if exchange.caller is None:
            return None
        return GatewayContext(exchange.caller, self._services, exchange)


def forwarded_headers(exchange: Exchange) -> Mapping[str, str]:
    """What another service is told about the client's request."""
    headers = {name: exchange.headers[name] for name in _FORWARDED if name in exchange.headers}
    return {**headers, "x-request-id": exchange.request_id}

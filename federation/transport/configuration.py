"""How one subgraph is asked over HTTP: the whole of it as one value, and the layers it means."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from federation.subgraph import Subgraph
from federation.transport.answer import ErrorPolicy
from federation.transport.breaker import BreakerPolicy, CircuitBreaker
from federation.transport.client_request import ClientRequest, ClientRequestOf, no_client_request
from federation.transport.deadline import DEADLINE_HEADER, Deadline, announced_milliseconds
from federation.transport.deduplication import Deduplication
from federation.transport.headers import HeaderRule, outgoing_headers
from federation.transport.http import HttpSubgraph
from federation.transport.http_events import HttpWire, MultipartFormat, SseFormat
from federation.transport.pool import PoolLimits
from federation.transport.retry import Retry, RetryPolicy
from federation.transport.signing import HmacKey, Signer
from federation.transport.socket_events import SocketWire, socket_url
from federation.transport.subscriptions import (
    NetworkEvents,
    Subscribable,
    SubscriptionPolicy,
    SubscriptionProtocol,
    Wire,
)
from federation.transport.tls import Tls

__all__ = ["SubgraphConfig", "http_subgraph"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubgraphConfig:
    """How one subgraph is asked; the defaults suit a subgraph one knows nothing about."""

    url: str
    timeout: float = 10.0
    """Seconds for one try. Shorter than the client's time, so that a slow subgraph costs its own
    fields and not the whole answer."""
    max_bytes: int = 64 * 1024 * 1024
    """Largest body accepted, after decompression."""
    errors: ErrorPolicy = ErrorPolicy.STATED
    deduplicate: bool = True
    """Whether identical queries of one caller in flight share an answer."""
    pool: PoolLimits = field(default_factory=PoolLimits)
    retry: RetryPolicy | None = field(default_factory=RetryPolicy)
    breaker: BreakerPolicy | None = field(default_factory=BreakerPolicy)
    headers: tuple[HeaderRule, ...] = ()
    """Applied in order to what every subgraph is sent."""
    subscriptions: SubscriptionPolicy | None = field(default_factory=SubscriptionPolicy)
    """How it is subscribed to; None where it has no subscriptions."""
    signing: HmacKey | None = None
    tls: Tls | None = None

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ValueError("url must begin with http:// or https://")
        if self.tls is not None and not self.url.startswith("https://"):
            raise ValueError("tls needs a url that begins with https://")
        events = self.subscriptions
        if events is not None and events.url is not None:
            known = ("ws://", "wss://") if events.is_socket else ("http://", "https://")
            if not events.url.startswith(known):
                raise ValueError(f"the url of subscriptions must begin with {' or '.join(known)}")
        if self.timeout <= 0 or self.max_bytes < 1:
            raise ValueError("timeout and max_bytes must be above 0")


def http_subgraph(
    name: str,
    config: SubgraphConfig,
    client_request_of: ClientRequestOf = no_client_request,
    clock: Callable[[], float] = time.monotonic,
) -> Subgraph:
    """The subgraph with every behaviour its configuration asks for, the outermost last.

    Each try passes the circuit breaker, tries together are one shared query, and the client's
    deadline stands around all of it.
    """
    outgoing = _Outgoing(config, client_request_of, clock)
    signer = None if config.signing is None else Signer(config.signing)
    subgraph: Subgraph = HttpSubgraph(
        name,
        config.url,
        timeout=config.timeout,
        headers=outgoing.with_deadline,
        max_bytes=config.max_bytes,
        errors=config.errors,
        pool=config.pool,
        tls=config.tls,
        signer=signer,
    )
    if config.breaker is not None:
        subgraph = CircuitBreaker(subgraph, config.breaker, clock)
    if config.retry is not None:
        subgraph = Retry(subgraph, config.retry)
    if config.deduplicate:
        subgraph = Deduplication(subgraph, client_request_of, outgoing.of, clock)
    subgraph = Deadline(subgraph, client_request_of, clock)
    if config.subscriptions is None:
        return subgraph
    wire = _wire(config, config.subscriptions, outgoing, signer)
    return Subscribable(subgraph, NetworkEvents(name, wire))


def _wire(
    config: SubgraphConfig, policy: SubscriptionPolicy, outgoing: _Outgoing, signer: Signer | None
) -> Wire:
    """What carries subscriptions."""
    url = policy.url or config.url
    if policy.is_socket:
        return SocketWire(
            socket_url(url),
            policy,
            headers=outgoing.without_deadline,
            max_bytes=config.max_bytes,
            errors=config.errors,
            pool=config.pool,
            tls=config.tls,
        )
    return HttpWire(
        url,
        SseFormat() if policy.protocol is SubscriptionProtocol.SSE else MultipartFormat(),
        policy,
        headers=outgoing.without_deadline,
        max_bytes=config.max_bytes,
        errors=config.errors,
        pool=config.pool,
        tls=config.tls,
        signer=signer,
    )


class _Outgoing:
    """The headers that one subgraph is sent."""

    def __init__(
        self,
        config: SubgraphConfig,
        client_request_of: ClientRequestOf,
        clock: Callable[[], float],
    ) -> None:
        self._config = config
        self._client_request_of = client_request_of
        self._clock = clock

    def of(self, client: ClientRequest) -> Mapping[str, str]:
        return outgoing_headers(client, self._config.headers)

    def without_deadline(self, context: Any) -> Mapping[str, str]:
        return self.of(self._client_request_of(context))

    def with_deadline(self, context: Any) -> Mapping[str, str]:
        client = self._client_request_of(context)
        left = announced_milliseconds(client.deadline, self._config.timeout, self._clock())
        return {**self.of(client), DEADLINE_HEADER: left}

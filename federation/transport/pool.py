"""Kept-alive connections to one subgraph."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp

from federation.transport.tls import Tls

__all__ = ["PoolLimits", "open_pool"]


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Bounds of a pool; fetches beyond them wait for a connection, within their timeout."""

    connections_per_host: int = 100
    keepalive_seconds: float = 30.0
    """How long a connection that nobody uses stays open."""
    connect_seconds: float = 5.0
    """Longest wait for a new connection, TLS included."""

    def __post_init__(self) -> None:
        if self.connections_per_host < 1:
            raise ValueError("connections_per_host must be 1 or more")
        if self.keepalive_seconds < 0 or self.connect_seconds <= 0:
            raise ValueError("keepalive_seconds and connect_seconds must be above 0")


def open_pool(limits: PoolLimits, tls: Tls | None = None) -> aiohttp.ClientSession:
    """A pool of its own for one subgraph, so that a slow one takes no connection of another's.

    Needs a running event loop. Raises `OSError` for certificates that cannot be read.
    """
    connector = aiohttp.TCPConnector(
        limit=0,
        limit_per_host=limits.connections_per_host,
        keepalive_timeout=limits.keepalive_seconds,
        ssl=True if tls is None else tls.context(),
    )
    # Cookies of one caller's answer must not go out with another caller's request.
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), connector=connector)

"""GraphiQL for browsers, served from the package: it works with no internet."""

from __future__ import annotations

from gateway.playground.page import playground_routes

__all__ = ["playground_routes"]

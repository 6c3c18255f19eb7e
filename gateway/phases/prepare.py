"""Parse and validate the document, or find it prepared already."""

from __future__ import annotations

from federation.engine import Engine
from gateway.exchange import Exchange

__all__ = ["Prepare"]


class Prepare:
    """Fills `prepared`. Raises `OperationError` for a document that is wrong."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, exchange: Exchange) -> None:
        """Parse, validate, and choose the operation."""
        request = exchange.request
        exchange.prepared = self._engine.prepare(request.query, request.operation_name)

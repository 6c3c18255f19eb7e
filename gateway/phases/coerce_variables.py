"""Bring the variables into the types the operation declares."""

from __future__ import annotations

from federation.engine import Engine
from gateway.exchange import Exchange

__all__ = ["CoerceVariables"]


class CoerceVariables:
    """Fills `variables`. Raises `OperationError` for values that do not fit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, exchange: Exchange) -> None:
        """Check each value, and fill in defaults."""
        exchange.variables = self._engine.coerce_variables(
            exchange.prepared, exchange.request.variables
        )

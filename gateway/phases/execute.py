"""Plan the operation for what this caller may read, and run the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from federation.engine import Engine
from federation.execution.response import Response, ResponseEvents
from federation.plan import OperationKind
from gateway.exchange import Exchange

__all__ = ["Execute"]


class Execute:
    """Fills `response`; raises only for what keeps the whole operation from being planned."""

    def __init__(
        self,
        engine: Engine,
        context_of: Callable[[Exchange], Any],
        *,
        allow_introspection: bool,
    ) -> None:
        """Take what makes the subgraphs' context of an exchange."""
        self._engine = engine
        self._context_of = context_of
        self._allow_introspection = allow_introspection

    async def __call__(self, exchange: Exchange) -> None:
        """Run the operation; errors in parts of it become part of the response."""
        if exchange.prepared.kind is OperationKind.SUBSCRIPTION:
            exchange.response = await self._subscribe(exchange)
            return
        if exchange.streams and exchange.prepared.deferral is not None:
            # Its own bound ends with the first payload: from then on each fetch has one.
            exchange.begin_event()
            execute = self._engine.execute_incrementally
        else:
            execute = self._engine.execute
        exchange.response = await execute(
            exchange.prepared,
            exchange.variables,
            grants=exchange.grants,
            context=self._context_of(exchange),
            allow_introspection=self._allow_introspection,
        )

    async def _subscribe(self, exchange: Exchange) -> Response | ResponseEvents:
        def context() -> Any:
            exchange.begin_event()
            return self._context_of(exchange)

        return await self._engine.subscribe(
            exchange.prepared, exchange.variables, grants=exchange.grants, context_of=context
        )

"""The state of one execution."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, NamedTuple

from graphql import GraphQLError
from graphql.execution.values import VariableValues
from graphql.type.definition import GraphQLResolveInfoHelpers

from federation.compiled.places import Place

__all__ = ["Run"]

Keys = tuple[str | int, ...]


class Caught(NamedTuple):
    """An error, and the position that is null because of it."""

    error: GraphQLError
    position: Keys


class Run:
    """What one request brings, and the errors met on the way."""

    __slots__ = ("_caught", "context", "pending", "root_value", "variables")

    def __init__(self, variables: VariableValues, context: Any, root_value: Any) -> None:
        self.variables = variables
        self.context = context
        self.root_value = root_value
        self.pending: list[Awaitable[Any]] = []
        """Work that resolvers asked to have waited for at the end."""
        self._caught: list[Caught] = []

    @property
    def helpers(self) -> GraphQLResolveInfoHelpers:
        """What resolvers may use to wait for something."""
        return GraphQLResolveInfoHelpers(_gather, self.pending.extend)

    def catch(self, error: GraphQLError, place: Place, index: int) -> None:
        """Record an error, of which the value at this position is null."""
        path = place.path(index)
        self._caught.append(Caught(error, () if path is None else tuple(path.as_list())))

    @property
    def failures(self) -> int:
        """How many errors were recorded so far."""
        return len(self._caught)

    @property
    def errors(self) -> list[GraphQLError]:
        """The errors, but for those below a position that another has made null.

        The response has nothing left to which they would belong.
        """
        if len(self._caught) < 2:
            return [error for error, _ in self._caught]
        nulled = {position for _, position in self._caught}
        return [
            error
            for error, position in self._caught
            if not any(position[:length] in nulled for length in range(len(position)))
        ]

    async def settle(self) -> None:
        """Wait for what resolvers left behind; its errors are nobody's."""
        if self.pending:
            await asyncio.gather(*self.pending, return_exceptions=True)


async def _gather(awaitables: Sequence[Awaitable[Any]]) -> list[Any]:
    return list(await asyncio.gather(*awaitables))

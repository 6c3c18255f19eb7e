"""What the steps of one running plan share."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from federation.execution.response import ResponsePath
from federation.execution.types import AbstractTypes
from federation.plan import Fetch
from federation.subgraph import Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse

__all__ = ["Execution", "Occurrence"]


class Occurrence(NamedTuple):
    """A subgraph's error at one position of the data tree."""

    error: SubgraphError
    path: ResponsePath | None


class Execution:
    """The data tree of one request as it grows, and the errors met on the way."""

    __slots__ = ("abstract", "context", "data", "errors", "shares", "subgraphs", "variables")

    def __init__(
        self,
        *,
        data: dict[str, Any],
        variables: Mapping[str, Any],
        context: Any,
        subgraphs: Mapping[str, Subgraph],
        abstract: AbstractTypes,
        shares: bool = True,
    ) -> None:
        self.data = data
        self.variables = variables
        self.context = context
        self.subgraphs = subgraphs
        self.abstract = abstract
        self.shares = shares
        """Whether equal entities may share what they hold: all is the same wherever they stand."""
        self.errors: list[Occurrence] = []

    async def ask(
        self, fetch: Fetch, own: Mapping[str, Any] = MappingProxyType({})
    ) -> SubgraphResponse:
        """Send one fetch with the client's variables that it uses, and variables of its own."""
        given = self.variables
        variables = {name: given[name] for name in fetch.variables if name in given}
        variables.update(own)
        request = SubgraphRequest(fetch, variables, self.context)
        try:
            return await self.subgraphs[fetch.subgraph].execute(request)
        except Exception as error:  # noqa: BLE001 - a host's transport must not end the request
            failure = SubgraphError("Internal error.", None, {"code": "INTERNAL"}, error)
            return SubgraphResponse(None, (failure,))

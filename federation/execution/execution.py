"""What the steps of one running plan share."""

from __future__ import annotations

from collections.abc import Mapping
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

    __slots__ = ("abstract", "context", "data", "errors", "subgraphs", "variables")

    def __init__(
        self,
        *,
        data: dict[str, Any],
        variables: Mapping[str, Any],
        context: Any,
        subgraphs: Mapping[str, Subgraph],
        abstract: AbstractTypes,
    ) -> None:
        self.data = data
        self.variables = variables
        self.context = context
        self.subgraphs = subgraphs
        self.abstract = abstract
        self.errors: list[Occurrence] = []

    async def ask(
        self, fetch: Fetch, representations: list[dict[str, Any]] | None = None
    ) -> SubgraphResponse:
        """Send one fetch with the client's variables that it uses."""
        given = self.variables
        variables = {name: given[name] for name in fetch.variables if name in given}
        if representations is not None:
            variables[fetch.representations] = representations
        request = SubgraphRequest(fetch, variables, self.context)
        try:
            return await self.subgraphs[fetch.subgraph].execute(request)
        except Exception as error:  # noqa: BLE001 - a host's transport must not end the request
            failure = SubgraphError("Internal error.", None, {"code": "INTERNAL"}, error)
            return SubgraphResponse(None, (failure,))

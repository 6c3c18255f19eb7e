"""The shop's subgraphs in this process, and how often plans ask them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from federation.engine import Engine
from federation.execution.response import Response
from federation.operation import Grants
from federation.subgraph import Subgraph, SubgraphRequest, SubgraphResponse
from federation.supergraph import Supergraph
from federation.transport.in_process import InProcessSubgraph
from federation.written import read
from tests.federation import shop

__all__ = ["Far", "LocalShop"]


class Counted(InProcessSubgraph):
    """Counts what it is asked by plans."""

    asked = 0

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        self.asked += 1
        return await super().execute(request)


class Far:
    """A subgraph that shows nothing of how it answers."""

    def __init__(self, subgraph: InProcessSubgraph) -> None:
        self.name = subgraph.name
        self._subgraph = subgraph

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        return await self._subgraph.execute(request)

    async def aclose(self) -> None:
        await self._subgraph.aclose()


class LocalShop:
    """The engine over the shop's subgraphs."""

    def __init__(self, graph: Supergraph) -> None:
        self._graph = graph
        self.subgraphs = {case.name: Counted(case.name, case.schema()) for case in shop.subgraphs()}
        self.engine = Engine(graph, dict(self.subgraphs))

    def move_away(self, name: str) -> None:
        """Have one subgraph answer from elsewhere."""
        subgraphs: dict[str, Subgraph] = dict(self.subgraphs)
        subgraphs[name] = Far(self.subgraphs[name])
        self.engine = Engine(self._graph, subgraphs)

    async def ask(self, text: str, values: Mapping[str, Any] | None = None) -> Response:
        """Run one operation; the answer is as a client reads it."""
        prepared = self.engine.prepare(text)
        coerced = self.engine.coerce_variables(prepared, values or {})
        response = await self.engine.execute(prepared, coerced, grants=Grants())
        return replace(response, data=read(response.data))

    @property
    def planned(self) -> int:
        """Requests that plans have made."""
        return sum(each.asked for each in self.subgraphs.values())

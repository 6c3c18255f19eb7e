"""A behaviour around a subgraph: the seam is one method, so behaviours stack."""

from __future__ import annotations

from federation.subgraph import Subgraph, SubgraphRequest, SubgraphResponse

__all__ = ["Layer"]


class Layer:
    """A subgraph that asks another one; each kind overrides `execute` to add one behaviour."""

    def __init__(self, inner: Subgraph) -> None:
        self.name = inner.name
        self._inner = inner

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answer one fetch."""
        return await self._inner.execute(request)

    async def aclose(self) -> None:
        """Close the subgraph inside."""
        await self._inner.aclose()

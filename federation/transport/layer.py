"""A behaviour around a subgraph: the seam is one method, so behaviours stack."""

from __future__ import annotations

from abc import ABC, abstractmethod

from federation.subgraph import Subgraph, SubgraphRequest, SubgraphResponse

__all__ = ["Layer"]


class Layer(ABC):
    """A subgraph that asks another one; each kind adds one behaviour in `execute`."""

    def __init__(self, inner: Subgraph) -> None:
        self.name = inner.name
        self._inner = inner

    @abstractmethod
    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answer one fetch."""

    async def aclose(self) -> None:
        """Close the subgraph inside."""
        await self._inner.aclose()

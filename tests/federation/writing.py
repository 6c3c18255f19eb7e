"""Subgraphs that write as JSON whatever of their answers they may."""

from __future__ import annotations

from typing import Any

import orjson

from federation.execution.comparing import Path
from federation.subgraph import Subgraph, SubgraphRequest, SubgraphResponse
from federation.written import Written

__all__ = ["Writing", "written"]


class Writing:
    """Asks another subgraph, and answers whole parts as written JSON."""

    answers_exactly = True

    def __init__(self, subgraph: Subgraph, depth: int = 0) -> None:
        """Write what is so many objects or lists below the beginning of each whole part."""
        self.name = subgraph.name
        self.requests: list[SubgraphRequest] = []
        self._subgraph = subgraph
        self._depth = depth

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        self.requests.append(request)
        response = await self._subgraph.execute(request)
        data = written(response.data, request.whole, self._depth)
        return response._replace(data=data)

    async def aclose(self) -> None:
        await self._subgraph.aclose()


def written(value: Any, whole: frozenset[Path], depth: int = 0, path: Path = ()) -> Any:
    """A value with what is below whole paths as JSON."""
    if path in whole:
        return _written(value, depth)
    if isinstance(value, list):
        return [written(item, whole, depth, path) for item in value]
    if isinstance(value, dict):
        return {key: written(item, whole, depth, (*path, key)) for key, item in value.items()}
    return value


def _written(value: Any, depth: int) -> Any:
    if value is None:
        return None
    if depth and isinstance(value, list):
        return [_written(item, depth - 1) for item in value]
    if depth and isinstance(value, dict):
        return {key: _written(item, depth - 1) for key, item in value.items()}
    return Written(orjson.dumps(value))

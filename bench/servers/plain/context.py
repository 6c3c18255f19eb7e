"""What a request of the plain server carries: its account, the pool, its loaders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar

import asyncpg
import strawberry
from strawberry.dataloader import DataLoader

__all__ = ["Connection", "Context", "Info"]

NodeT = TypeVar("NodeT")

Load = Callable[["Context", int, list[str]], Awaitable[Sequence[Any]]]


class Context:
    """One request."""

    def __init__(self, pool: asyncpg.Pool, account: str) -> None:
        self.pool = pool
        self.account = account
        self._loaders: dict[tuple[Load, int], DataLoader[str, Any]] = {}

    def loader(self, load: Load, size: int = 0) -> DataLoader[str, Any]:
        """The request's loader of a function; of `size` rows a key where keys have lists."""
        loader = self._loaders.get((load, size))
        if loader is None:
            loader = DataLoader(partial(load, self, size))
            self._loaders[load, size] = loader
        return loader


Info: TypeAlias = strawberry.Info[Context, None]


@strawberry.type
class Connection(Generic[NodeT]):
    nodes: list[NodeT]

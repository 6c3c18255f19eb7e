"""What is opened when the application starts, and closed when it ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import NamedTuple, TypedDict

from starlette.applications import Starlette
from starlette.types import Lifespan, Scope

from gateway.pipeline import Pipeline

__all__ = ["Check", "Opened", "Opening", "lifespan_of", "opened_of"]

Check = Callable[[], Awaitable[None]]
"""Returns when a dependency answers, raises when it does not."""


class Opened(NamedTuple):
    """What requests need: it lives as long as the application."""

    pipeline: Pipeline
    supergraph: str
    """Digest of the schema being served."""
    checks: Mapping[str, Check] = {}
    """Dependencies without which no request can be answered, by name."""


Opening = Callable[[], AbstractAsyncContextManager[Opened]]


class _State(TypedDict):
    opened: Opened


def lifespan_of(opening: Opening) -> Lifespan[Starlette]:
    """The ASGI lifespan that hands what was opened to every request."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[_State]:
        async with opening() as opened:
            yield {"opened": opened}

    return lifespan


def opened_of(scope: Scope) -> Opened:
    """What the application of this request has opened."""
    opened: Opened = scope["state"]["opened"]
    return opened

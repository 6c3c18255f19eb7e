from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from gateway.lifespan import Opened, lifespan_of
from gateway.live import Live, Served
from gateway.pipeline import Pipeline


@asynccontextmanager
async def _opening() -> AsyncIterator[Opened]:
    yield Opened(Live(Served(Pipeline(()), "digest")))


async def test_what_is_made_at_the_start_is_spared_the_garbage_collector_until_the_end() -> None:
    frozen, threshold = gc.get_freeze_count(), gc.get_threshold()
    async with lifespan_of(_opening)(Starlette()):
        assert gc.get_freeze_count() > frozen
        assert gc.get_threshold() > threshold
    assert gc.get_freeze_count() == 0
    assert gc.get_threshold() == threshold

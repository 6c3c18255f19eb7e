"""Scheduled work goes on beside the requests until the process ends."""

from __future__ import annotations

import asyncio

import pytest

from gateway.scheduler import scheduled


async def test_work_is_done_again_also_when_it_failed(caplog: pytest.LogCaptureFixture) -> None:
    done = asyncio.Event()
    times = 0

    async def work() -> None:
        nonlocal times
        times += 1
        if times == 1:
            raise ValueError
        done.set()

    async with scheduled(work, 0.001):
        await asyncio.wait_for(done.wait(), 5)
    counted = times
    await asyncio.wait_for(asyncio.to_thread(lambda: None), 5)

    assert times == counted
    assert "tried again" in caplog.text

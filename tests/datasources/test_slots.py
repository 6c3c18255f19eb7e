"""Slots go to who asked first, and none is lost, however waiting ends."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datasources.slots import Slots

LONG = 60.0


async def _begun(*waits: asyncio.Task[None]) -> None:
    """Let every task come to where it waits."""
    for _ in range(len(waits) + 1):
        await asyncio.sleep(0)


async def test_as_many_as_there_are_are_taken_at_once() -> None:
    slots = Slots(2)
    assert [slots.take_at_once() for _ in range(3)] == [True, True, False]
    slots.give()
    assert slots.take_at_once()


async def test_who_waits_longest_comes_first_and_before_who_asks_now() -> None:
    slots, order = Slots(1), list[str]()

    async def wait(name: str) -> None:
        await slots.take(LONG)
        order.append(name)

    assert slots.take_at_once()
    waits = [asyncio.create_task(wait(name)) for name in ("first", "second")]
    await _begun(*waits)
    slots.give()
    assert not slots.take_at_once()
    await waits[0]
    assert order == ["first"]
    slots.give()
    await waits[1]
    assert order == ["first", "second"]


async def test_waiting_ends() -> None:
    slots = Slots(1)
    await slots.take(LONG)
    with pytest.raises(TimeoutError):
        await slots.take(0)
    slots.give()
    assert slots.take_at_once()


async def test_a_slot_that_comes_to_who_is_cancelled_goes_on() -> None:
    slots = Slots(1)
    await slots.take(LONG)
    cancelled = asyncio.create_task(slots.take(LONG))
    next_one = asyncio.create_task(slots.take(LONG))
    await _begun(cancelled, next_one)
    slots.give()
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    await next_one
    slots.give()
    assert slots.take_at_once()


@settings(deadline=None)
@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["", "cancel", "late"])), max_size=12),
)
async def test_none_is_lost_and_none_too_many(number: int, users: list[tuple[int, str]]) -> None:
    slots, using, most = Slots(number), 0, 0

    async def use(steps: int, end: str) -> None:
        nonlocal using, most
        await slots.take(0 if end == "late" else LONG)
        using += 1
        most = max(most, using)
        try:
            for _ in range(steps):
                await asyncio.sleep(0)
        finally:
            using -= 1
            slots.give()

    tasks = [asyncio.create_task(use(steps, end)) for steps, end in users]
    await _begun(*tasks[:1])
    for task, (_, end) in zip(tasks, users, strict=True):
        if end == "cancel":
            task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert most <= number
    assert [slots.take_at_once() for _ in range(number + 1)] == [True] * number + [False]

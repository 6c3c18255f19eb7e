"""What takes too long ends as under `asyncio.timeout`, however many there are."""

from __future__ import annotations

import asyncio

import pytest

from gateway.deadlines import Deadlines

SHORT = 0.02


async def _forever(deadlines: Deadlines) -> None:
    with deadlines.bound():
        await asyncio.Event().wait()


async def test_what_takes_too_long_ends() -> None:
    with pytest.raises(TimeoutError):
        await _forever(Deadlines(SHORT))


async def test_each_of_many_ends() -> None:
    deadlines = Deadlines(SHORT)
    ends = await asyncio.gather(*[_forever(deadlines) for _ in range(50)], return_exceptions=True)
    assert {type(end) for end in ends} == {TimeoutError}


async def test_one_that_begins_after_another_has_ended_ends_too() -> None:
    deadlines = Deadlines(SHORT)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await _forever(deadlines)


async def test_what_is_done_in_time_is_left_alone() -> None:
    deadlines = Deadlines(SHORT)
    with deadlines.bound() as bound:
        pass
    with pytest.raises(TimeoutError):
        await _forever(deadlines)
    assert not bound.is_over


async def test_a_lifted_bound_never_ends() -> None:
    deadlines, goes_on = Deadlines(SHORT), asyncio.Event()

    async def lifted() -> str:
        with deadlines.bound() as bound:
            bound.lift()
            await goes_on.wait()
        return "done"

    task = asyncio.create_task(lifted())
    with pytest.raises(TimeoutError):
        await _forever(deadlines)
    goes_on.set()
    assert await task == "done"


async def test_an_error_of_the_block_is_its_own() -> None:
    with pytest.raises(LookupError), Deadlines(SHORT).bound():
        raise LookupError


async def test_whoever_else_cancels_the_task_means_it() -> None:
    task = asyncio.create_task(_forever(Deadlines(60)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_together_with_the_end_is_not_lost() -> None:
    deadlines = Deadlines(60)

    async def both() -> None:
        with deadlines.bound() as bound:
            bound.expire()
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
            await asyncio.Event().wait()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(both())


def test_another_event_loop_is_served_too() -> None:
    deadlines = Deadlines(SHORT)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            asyncio.run(_forever(deadlines))

"""Keys asked for in many places are read together, and none twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.collecting import Collector


class Source:
    """Doubles numbers, and notes which it was asked for at once."""

    def __init__(self, turns: Callable[[], int] = lambda: 0) -> None:
        self.calls: list[list[int]] = []
        self._turns = turns

    async def read(self, keys: list[int]) -> list[int]:
        self.calls.append(keys)
        for _ in range(self._turns()):
            await asyncio.sleep(0)
        return [2 * key for key in keys]


async def test_lists_of_one_turn_are_one_read() -> None:
    source = Source()
    collector = Collector()
    found = await asyncio.gather(
        collector.load(source.read, [1, 2]), collector.load(source.read, [3, 1])
    )
    assert list(found) == [[2, 4], [6, 2]]
    assert source.calls == [[1, 2, 3]]


async def test_results_are_in_the_order_of_the_keys_repetitions_included() -> None:
    source = Source()
    assert await Collector().load(source.read, [3, 1, 3, 2]) == [6, 2, 6, 4]
    assert source.calls == [[3, 1, 2]]


async def test_what_is_known_is_not_read_again() -> None:
    source = Source()
    collector = Collector()
    await collector.load(source.read, [1, 2])
    assert await collector.load(source.read, [2, 1]) == [4, 2]
    assert await collector.load(source.read, [2, 3]) == [4, 6]
    assert source.calls == [[1, 2], [3]]


async def test_nothing_is_read_for_nothing() -> None:
    source = Source()
    assert await Collector().load(source.read, []) == []
    assert source.calls == []


async def test_keys_of_a_read_under_way_are_waited_for() -> None:
    begun, go = asyncio.Event(), asyncio.Event()
    calls: list[list[int]] = []

    async def read(keys: list[int]) -> list[int]:
        calls.append(keys)
        if len(calls) == 1:
            begun.set()
            await go.wait()
        return [2 * key for key in keys]

    collector = Collector()
    first = asyncio.create_task(collector.load(read, [1, 2]))
    await begun.wait()
    second = asyncio.create_task(collector.load(read, [2, 3]))
    await asyncio.sleep(0)
    go.set()
    assert (await first, await second) == ([2, 4], [4, 6])
    assert calls == [[1, 2], [3]]


async def test_everyone_who_asked_learns_that_a_read_failed() -> None:
    async def read(keys: list[int]) -> list[int]:
        raise LookupError(f"no {keys}")

    collector = Collector()
    asked = [collector.load(read, [1]), collector.load(read, [1, 2]), collector.load(read, [2])]
    failed = await asyncio.gather(*asked, return_exceptions=True)
    assert [str(error) for error in failed] == ["no [1, 2]"] * 3


async def test_whoever_waits_for_a_read_learns_that_it_was_cancelled() -> None:
    begun = asyncio.Event()

    async def read(keys: list[int]) -> list[int]:
        begun.set()
        return await asyncio.Future()

    collector = Collector()
    reader = asyncio.create_task(collector.load(read, [1]))
    await begun.wait()
    waiting = asyncio.create_task(collector.load(read, [1]))
    await asyncio.sleep(0)
    reader.cancel()
    ended = await asyncio.gather(reader, waiting, return_exceptions=True)
    assert [type(one) for one in ended] == [asyncio.CancelledError] * 2


async def test_who_is_cancelled_before_reading_leaves_the_next_read_to_others() -> None:
    source = Source()
    collector = Collector()
    asked = asyncio.create_task(collector.load(source.read, [1]))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    assert await collector.load(source.read, [2]) == [4]
    assert source.calls == [[2]]


async def test_a_read_that_answers_too_little_is_a_fault() -> None:
    async def read(keys: list[int]) -> list[int]:
        return keys[1:]

    with pytest.raises(ValueError, match="zip"):
        await Collector().load(read, [1, 2])


KEYS = st.lists(st.integers(0, 6), max_size=5)


@settings(deadline=None)
@given(
    asked=st.lists(st.tuples(st.integers(0, 4), KEYS), max_size=12),
    lasting=st.lists(st.integers(0, 3), min_size=12, max_size=12),
)
async def test_whoever_asks_when_gets_their_keys_and_no_key_is_read_twice(
    asked: Sequence[tuple[int, list[int]]], lasting: list[int]
) -> None:
    source = Source(iter(lasting).__next__)
    collector = Collector()

    async def ask(turns: int, keys: list[int]) -> list[int]:
        for _ in range(turns):
            await asyncio.sleep(0)
        return await collector.load(source.read, keys)

    found = await asyncio.gather(*[ask(turns, keys) for turns, keys in asked])
    assert found == [[2 * key for key in keys] for _, keys in asked]
    read = [key for call in source.calls for key in call]
    assert len(read) == len(set(read))
    assert set(read) == {key for _, keys in asked for key in keys}
    assert len(source.calls) <= len(asked)

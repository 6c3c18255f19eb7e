from __future__ import annotations

import pytest

from auth.cache import ExpiringCache
from tests.harness.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cache(clock: Clock) -> ExpiringCache[str, int]:
    return ExpiringCache(2, clock.seconds)


def test_a_value_lasts_as_long_as_asked_for(cache: ExpiringCache[str, int], clock: Clock) -> None:
    cache.put("a", 1, 10)
    clock.advance(9)
    assert cache.get("a") == 1
    clock.advance(1)
    assert cache.get("a") is None
    assert len(cache) == 0


@pytest.mark.parametrize("seconds", [0, -5])
def test_for_no_time_nothing_is_held(cache: ExpiringCache[str, int], seconds: float) -> None:
    cache.put("a", 1, seconds)
    assert len(cache) == 0


def test_it_never_grows_beyond_its_size_and_drops_what_is_unused(
    cache: ExpiringCache[str, int],
) -> None:
    cache.put("a", 1, 10)
    cache.put("b", 2, 10)
    assert cache.get("a") == 1
    cache.put("c", 3, 10)
    assert [cache.get(key) for key in "abc"] == [1, None, 3]


def test_values_can_be_dropped_by_what_they_are(cache: ExpiringCache[str, int]) -> None:
    cache.put("a", 1, 10)
    cache.put("b", 2, 10)
    cache.drop(lambda value: value > 1)
    assert [cache.get(key) for key in "ab"] == [1, None]
    cache.clear()
    assert len(cache) == 0

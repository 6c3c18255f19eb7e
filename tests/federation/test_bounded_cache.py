from __future__ import annotations

import pytest

from federation.bounded_cache import BoundedCache


def test_the_value_used_longest_ago_is_forgotten() -> None:
    cache: BoundedCache[str, int] = BoundedCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)
    assert len(cache) == 2


def test_a_value_can_be_replaced_and_all_forgotten() -> None:
    cache: BoundedCache[str, int] = BoundedCache(1)
    cache.put("a", 1)
    cache.put("a", 2)
    assert cache.get("a") == 2
    cache.clear()
    assert len(cache) == 0


def test_a_cache_holds_at_least_one_value() -> None:
    with pytest.raises(ValueError, match="at least one"):
        BoundedCache(0)

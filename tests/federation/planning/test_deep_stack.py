"""Work that goes deeper than the usual stack."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from federation.planning.deep_stack import with_deep_stack


def depth(levels: int) -> int:
    return 0 if levels == 0 else 1 + depth(levels - 1)


def test_shallow_work_is_done_where_it_is() -> None:
    assert with_deep_stack(threading.get_ident) == threading.get_ident()


def test_deep_work_is_done_all_the_same() -> None:
    limit = sys.getrecursionlimit()
    assert with_deep_stack(lambda: depth(10 * limit)) == 10 * limit
    assert sys.getrecursionlimit() == limit


def test_errors_of_deep_work_are_its_callers() -> None:
    def fail() -> None:
        depth(5000)
        raise LookupError

    with pytest.raises(LookupError):
        with_deep_stack(fail)


def test_endless_work_ends() -> None:
    with pytest.raises(RecursionError):
        with_deep_stack(lambda: depth(-1))


def test_deep_work_may_be_asked_for_from_many_threads() -> None:
    limit, levels = sys.getrecursionlimit(), range(2000, 2020)
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda n: with_deep_stack(lambda: depth(n)), levels)) == [*levels]
    assert sys.getrecursionlimit() == limit

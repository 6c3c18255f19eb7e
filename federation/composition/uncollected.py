"""Composing without the cyclic garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["uncollected"]


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector out of a block that makes many objects, all alive until its end.

    PERF: composing 13,000 lines makes millions of nodes; scanning them again and again took a
    third of the time (tests/federation/composition/test_size.py).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()

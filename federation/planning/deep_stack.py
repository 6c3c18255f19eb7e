"""A stack for operations that are nested deeper than the interpreter's own allows.

Planning follows an operation downwards, some frames a level. Few operations need more than the
usual thousand frames, so the work is done again, in a thread with a larger stack, only when one
does. The planner's budget bounds it either way.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

__all__ = ["with_deep_stack"]

_ResultT = TypeVar("_ResultT")

_FRAMES = 60_000
_BYTES = 512 * 1024 * 1024
"""Reserved, not used: pages of a stack are taken as they are touched."""

_TURN = threading.Lock()
"""Size of a stack and limit of frames are the interpreter's, so one deep work is done at a time."""


def with_deep_stack(work: Callable[[], _ResultT]) -> _ResultT:
    """Do some work, again with a deep stack if the usual one is too small.

    Raises:
        RecursionError: even that is too small.
    """
    try:
        return work()
    except RecursionError:
        return _in_thread(work)


def _in_thread(work: Callable[[], _ResultT]) -> _ResultT:
    results: list[_ResultT] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again by the caller's thread
            errors.append(error)

    with _TURN:
        frames, size = sys.getrecursionlimit(), threading.stack_size(_BYTES)
        sys.setrecursionlimit(_FRAMES)
        try:
            thread = threading.Thread(target=run, name="deep-planning")
            thread.start()
            thread.join()
        finally:
            sys.setrecursionlimit(frames)
            threading.stack_size(size)
    if errors:
        raise errors[0]
    return results[0]

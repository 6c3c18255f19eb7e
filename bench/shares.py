"""Where the CPU time of an operation goes, by sampling: whose code runs when the clock ticks.

The time since the last tick falls to the innermost Python function, so that C code counts for
whoever called it. The cyclic garbage collector runs inside whatever allocates; its time is taken
out and shown by itself.
"""

from __future__ import annotations

import gc
import signal
import sysconfig
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

__all__ = ["Profile", "profile"]

_TICK_SECONDS = 0.001
_REPOSITORY = Path(__file__).parents[1]
_LIBRARIES = Path(sysconfig.get_paths()["purelib"])
_STANDARD = Path(sysconfig.get_paths()["stdlib"])
_COLLECTOR = "garbage collector"
_GENERATED = "named tuples"


class Profile(NamedTuple):
    """One operation's shares."""

    query: str
    shares: Mapping[str, float]
    """Part of the CPU time, by the package whose code ran."""


async def profile(query: str, step: Callable[[], Awaitable[Any]], seconds: float) -> Profile:
    """Repeat a step for so many seconds of CPU time."""
    sampler = _Sampler()
    with sampler.running():
        end = time.process_time() + seconds
        while time.process_time() < end:
            await step()
    total = sum(sampler.seconds.values())
    return Profile(query, {owner: part / total for owner, part in sampler.seconds.items()})


class _Sampler:
    """CPU seconds by package, while it runs."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._last = 0.0
        self._collecting_since = 0.0
        self._collected = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        before = signal.signal(signal.SIGPROF, self._tick)
        gc.callbacks.append(self._collect)
        self._last = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, _TICK_SECONDS, _TICK_SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            gc.callbacks.remove(self._collect)
            signal.signal(signal.SIGPROF, before)

    def _tick(self, number: int, frame: FrameType | None) -> None:
        now = time.process_time()
        # A tick that came while the collector ran finds the call-back below, not who allocated.
        while frame is not None and frame.f_code.co_filename == __file__:
            frame = frame.f_back
        owner = _GENERATED if frame is None else _owner(frame.f_code.co_filename)
        self.seconds[owner] += max(now - self._last - self._collected, 0.0)
        self.seconds[_COLLECTOR] += self._collected
        self._collected = 0.0
        self._last = time.process_time()

    def _collect(self, phase: str, info: Mapping[str, int]) -> None:
        if phase == "start":
            self._collecting_since = time.process_time()
        else:
            self._collected += time.process_time() - self._collecting_since


@cache
def _owner(source: str) -> str:
    """The package a source file belongs to: ours, a library, or the standard library's module.

    What has no file was generated: most of it makes named tuples, such as the paths of fields.
    """
    file = Path(source)
    for root in (_LIBRARIES, _REPOSITORY, _STANDARD):
        if file.is_relative_to(root):
            return file.relative_to(root).parts[0].removesuffix(".py")
    return _GENERATED

"""Calls that would wait for one another anyway, made together.

Where calls on one account must happen one after another, those that come in while one is under way
are collected and made as one, each with its own answer. Nobody waits to be collected: a call that
meets none under way starts at once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Any, NamedTuple, TypeVar

__all__ = ["Coalescer"]

ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")

_MOST = 64
"""Calls made together, at most."""


class _Waiting(NamedTuple):
    item: Any
    answer: asyncio.Future[Any]


class Coalescer:
    """Makes calls of one kind on one key one after another, those that wait together."""

    def __init__(self) -> None:
        """Begin with nothing under way."""
        self._waiting: dict[Hashable, deque[_Waiting]] = {}
        self._working: set[asyncio.Task[None]] = set()

    async def call(
        self,
        run: Callable[[Sequence[ItemT]], Awaitable[Sequence[AnswerT]]],
        key: Hashable,
        item: ItemT,
    ) -> AnswerT:
        """The answer to one item; `run` is given it, and all others of the key that wait.

        A caller who is cancelled leaves the others' work alone.
        """
        answer: asyncio.Future[AnswerT] = asyncio.get_running_loop().create_future()
        identity = (run, key)
        queue = self._waiting.get(identity)
        if queue is not None:
            queue.append(_Waiting(item, answer))
            return await answer
        self._waiting[identity] = deque([_Waiting(item, answer)])
        task = asyncio.create_task(self._work(run, identity))
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return await answer

    async def _work(self, run: Callable[[Sequence[Any]], Awaitable[Any]], identity: Any) -> None:
        queue = self._waiting[identity]
        try:
            while queue:
                together = [queue.popleft() for _ in range(min(len(queue), _MOST))]
                await _answer(run, together)
        finally:
            del self._waiting[identity]
            for waiting in queue:
                waiting.answer.cancel()


async def _answer(
    run: Callable[[Sequence[Any]], Awaitable[Any]], together: Sequence[_Waiting]
) -> None:
    """Run what waits together; when that fails, each alone, so that none fails for another."""
    try:
        answers = await run([waiting.item for waiting in together])
    except Exception as error:  # noqa: BLE001 - handed to whoever called
        if len(together) > 1:
            for waiting in together:
                await _answer(run, [waiting])
        elif not together[0].answer.done():
            together[0].answer.set_exception(error)
        return
    for waiting, answer in zip(together, answers, strict=True):
        if not waiting.answer.done():
            waiting.answer.set_result(answer)

"""Values that may have to be awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any

from graphql.pyutils import is_awaitable

__all__ = ["awaited", "holds_awaitables", "settled"]


def holds_awaitables(values: Sequence[Any]) -> bool:
    """Whether any of the values is awaitable; one look at each type among them."""
    if len(values) == 1:
        return hasattr(type(values[0]), "__await__")
    return any(hasattr(kind, "__await__") for kind in set(map(type, values)))


async def awaited(values: Sequence[Any]) -> list[Any]:
    """The values, those that are awaitable awaited at once; an exception stands for itself."""
    waiting = [index for index, value in enumerate(values) if is_awaitable(value)]
    if len(waiting) == 1:
        return await _alone(values, waiting[0])
    results = await asyncio.gather(*[values[i] for i in waiting], return_exceptions=True)
    found = list(values)
    for index, result in zip(waiting, results, strict=True):
        found[index] = _checked(result)
    return found


async def _alone(values: Sequence[Any], index: int) -> list[Any]:
    """The same where only one is awaitable. PERF: bench/access; no task is made for it."""
    found = list(values)
    try:
        found[index] = await values[index]
    except Exception as error:  # noqa: BLE001 - whatever a host's code raises is the field's error
        found[index] = error
    return found


def _checked(result: Any) -> Any:
    if isinstance(result, BaseException) and not isinstance(result, Exception):
        raise result
    return result


async def settled(awaitable: Awaitable[Sequence[Any]], size: int) -> Sequence[Any]:
    """What a batch answers, or the exception it failed with for every row."""
    try:
        return await awaitable
    except Exception as error:  # noqa: BLE001 - whatever a host's code raises is the field's error
        return [error] * size

"""Work that may only be tried: done as ever, and then taken back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from resolvers.writing import WriteContext

__all__ = ["tried"]

T = TypeVar("T")


class _TakenBack(Exception):  # noqa: N818 - not an error: leaves a savepoint without keeping it
    pass


async def tried(context: WriteContext, work: Callable[[], Awaitable[T]], *, dry_run: bool) -> T:
    """What some work answers; a dry run keeps nothing of it. Raises what the work raises."""
    with suppress(_TakenBack):
        async with context.transaction.transaction():
            answer = await work()
            _keep(dry_run=dry_run)
    return answer


def _keep(*, dry_run: bool) -> None:
    if dry_run:
        raise _TakenBack

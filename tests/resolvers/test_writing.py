"""Mutations that PostgreSQL takes back because of another: how often they are tried."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from datasources.database import Pool
from datasources.errors import Deadlock
from resolvers.writing import Reach, WriteContext, run
from tests.harness.callers import super_admin
from tests.harness.services import context_of


class Tried(NamedTuple):
    """How often."""

    times: int


class Waiting:
    """A writer that is in somebody's way so many times."""

    def __init__(self, deadlocks: int) -> None:
        self._left = deadlocks
        self.seen: list[WriteContext] = []

    async def __call__(self, context: WriteContext) -> Tried:
        """Each time in a transaction of its own."""
        self.seen.append(context)
        if self._left:
            self._left -= 1
            raise Deadlock("They waited for each other.")
        context.changed_nothing()
        return Tried(len(self.seen))


async def test_it_is_tried_in_new_transactions_until_it_is_done(pool: Pool) -> None:
    writer = Waiting(2)
    context = context_of(super_admin(), pool)
    written = await run(context, writer, {}, operation="wait", reach=Reach.PLATFORM)
    assert written.result == Tried(3)
    assert len({id(seen.database) for seen in writer.seen}) == 3


async def test_it_is_not_tried_for_ever(pool: Pool) -> None:
    writer = Waiting(100)
    context = context_of(super_admin(), pool)
    with pytest.raises(Deadlock):
        await run(context, writer, {}, operation="wait", reach=Reach.PLATFORM)
    assert len(writer.seen) == 3

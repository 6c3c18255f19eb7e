"""Effective access in this process against the statements alone that it takes by hand.

CPU time of this process and of the database's, in turns so that all meet the same machine. What is
compared is what answering costs beside its statements: no HTTP on either side.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import cycle
from statistics import median
from typing import NamedTuple

import psutil

from bench.data import Account
from bench.local import Local, open_local
from bench.processes import FORGETFUL
from bench.queries.access import ACCESS, statements_of
from bench.rounds import cpu_seconds_below
from bench.servers.serving import open_pool

__all__ = ["Bare", "bare"]

_AT_ONCE = 8
_TIMES = 400
"""Calls of one turn."""

Step = Callable[[Account], Awaitable[object]]


class Bare(NamedTuple):
    """One way to answer, a call: medians over the turns, times in microseconds."""

    what: str
    statements: float
    cpu: float
    database_cpu: float
    ratio: float
    """CPU of both relative to the bare statements' in the same turn."""


class _Turn(NamedTuple):
    cpu: float
    database_cpu: float


async def bare(
    url: str, tenants: Sequence[Account], database: psutil.Process, *, number: int
) -> list[Bare]:
    """Measure so many turns of: the bare statements, what is remembered, what is decided anew."""
    async with open_local(url) as remembering, open_local(url, **FORGETFUL) as forgetful:
        pool = await open_pool(url)
        steps: Mapping[str, Step] = {
            "the four statements by hand, nothing made of them": lambda tenant: statements_of(
                pool, tenant.id
            ),
            "effectiveAccess, remembered": _asking(remembering),
            "effectiveAccess, anew": _asking(forgetful),
        }
        counts = [4.0, *[await _statements(local, tenants) for local in (remembering, forgetful)]]
        turns = await _turns(list(steps.values()), tenants, database, number)
        await pool.close()
    return [
        _summary(what, count, own, turns[0])
        for what, count, own in zip(steps, counts, turns, strict=True)
    ]


def _asking(local: Local) -> Step:
    return lambda tenant: local.ask(tenant.token, ACCESS.text)


async def _statements(local: Local, tenants: Sequence[Account]) -> float:
    """Statements a call, once every account has been asked about."""
    for tenant in tenants:
        await local.data(tenant.token, ACCESS.text)
    before = local.pool.statements
    for tenant in tenants:
        await local.data(tenant.token, ACCESS.text)
    return (local.pool.statements - before) / len(tenants)


async def _turns(
    steps: Sequence[Step], tenants: Sequence[Account], database: psutil.Process, number: int
) -> list[list[_Turn]]:
    found: list[list[_Turn]] = [[] for _ in steps]
    for turn in range(-1, number):
        for step, own in zip(steps, found, strict=True):
            measured = await _turn(step, tenants, database)
            if turn >= 0:  # the one before prepares statements
                own.append(measured)
    return found


async def _turn(step: Step, tenants: Sequence[Account], database: psutil.Process) -> _Turn:
    async def worker(number: int) -> None:
        start = number * len(tenants) // _AT_ONCE
        chosen = cycle([*tenants[start:], *tenants[:start]])
        for _ in range(_TIMES // _AT_ONCE):
            await step(next(chosen))

    before, database_before = time.process_time(), cpu_seconds_below(database)
    await asyncio.gather(*map(worker, range(_AT_ONCE)))
    return _Turn(
        (time.process_time() - before) / _TIMES * 1e6,
        (cpu_seconds_below(database) - database_before) / _TIMES * 1e6,
    )


def _summary(what: str, statements: float, own: Sequence[_Turn], base: Sequence[_Turn]) -> Bare:
    ratios = [sum(one) / sum(other) for one, other in zip(own, base, strict=True)]
    return Bare(
        what,
        statements,
        median(turn.cpu for turn in own),
        median(turn.database_cpu for turn in own),
        median(ratios),
    )

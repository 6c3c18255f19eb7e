"""What single steps cost, measured in this process: at start-up, a new operation, a known one."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from statistics import median
from typing import Any, NamedTuple

from auth.credentials import Credentials
from auth.policy import grants_of
from bench.local import Local
from bench.queries import QUERIES
from federation.operation import Grants
from federation.planning import Planner
from federation.prepared import OperationParser, PlanKey
from federation.supergraph import Supergraph
from gateway.modules import compose_modules
from schema.subgraphs import subgraphs

__all__ = ["Cost", "costs"]

_MAX_TOKENS = 15_000


class Cost(NamedTuple):
    """One step."""

    what: str
    seconds: float
    """Median of the repetitions."""
    repetitions: int


class _Stopwatch(NamedTuple):
    most: int
    """Bound on the repetitions of any step."""

    def time(self, what: str, step: Callable[[], object], repetitions: int) -> Cost:
        taken = []
        for _ in range(min(repetitions, self.most)):
            start = time.perf_counter()
            step()
            taken.append(time.perf_counter() - start)
        return Cost(what, median(taken), len(taken))

    async def wait(self, what: str, step: Callable[[], Awaitable[Any]], repetitions: int) -> Cost:
        taken = []
        for _ in range(min(repetitions, self.most)):
            start = time.perf_counter()
            await step()
            taken.append(time.perf_counter() - start)
        return Cost(what, median(taken), len(taken))


async def costs(local: Local, token: str, *, most: int = 2000) -> list[Cost]:
    """Every step, the rarest first; none is repeated more than `most` times."""
    watch = _Stopwatch(most)
    return [
        *_starting(watch),
        *_new_operation(watch, local),
        *await _known_operation(watch, local, token),
    ]


def _starting(watch: _Stopwatch) -> Iterator[Cost]:
    modules = subgraphs()
    sdl = compose_modules(modules).sdl
    yield watch.time("start: build the modules' schemas", subgraphs, 3)
    yield watch.time("start: compose the modules", lambda: compose_modules(modules), 3)
    yield watch.time("start: read the supergraph", lambda: Supergraph.parse(sdl), 3)


def _new_operation(watch: _Stopwatch, local: Local) -> Iterator[Cost]:
    supergraph = local.engine.supergraph
    parser = OperationParser(supergraph, max_tokens=_MAX_TOKENS)
    planner = Planner(supergraph)
    for query in QUERIES:
        prepared = parser.prepare(query.text, None)
        yield watch.time(
            f"new operation, {query.name}: parse and validate",
            partial(parser.prepare, query.text, None),
            20,
        )
        yield watch.time(
            f"new operation, {query.name}: plan",
            partial(planner.plan, prepared.operation),
            20,
        )


async def _known_operation(watch: _Stopwatch, local: Local, token: str) -> list[Cost]:
    authenticator = local.process.authenticator
    credentials = Credentials(token)
    caller = await authenticator.authenticate(credentials)
    grants = Grants(**grants_of(caller)._asdict())
    for query in QUERIES:
        await local.data(token, query.text)

    def find_plan() -> None:
        prepared = local.engine.prepare(QUERIES[0].text)
        key = PlanKey(prepared.requirements.denied(grants), frozenset())
        if prepared.executors.get(key) is None:
            raise LookupError("The plan of a known operation was not kept.")

    return [
        await watch.wait(
            "every request: authenticate a known token",
            partial(authenticator.authenticate, credentials),
            2000,
        ),
        watch.time(
            "every request: collect the caller's grants",
            lambda: Grants(**grants_of(caller)._asdict()),
            2000,
        ),
        watch.time("every request: find operation and plan", find_plan, 2000),
        *[
            await watch.wait(
                f"every request, {query.name}: engine and database, without HTTP",
                partial(local.data, token, query.text),
                50,
            )
            for query in QUERIES
        ],
    ]

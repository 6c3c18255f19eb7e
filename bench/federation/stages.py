"""Where a request's CPU time goes: each stage by itself, in this process.

Subgraphs are asked once over HTTP; from then on what they answered is at hand, so that each stage
runs on what it gets in a real request and nothing else is in the figure.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from statistics import median
from typing import Any, NamedTuple

import orjson

from bench.federation.composing import large_graph
from bench.federation.load import Job, run
from bench.federation.processes import Shop, gateway
from bench.federation.shop import QUERY, supergraph_sdl
from federation.composition import compose
from federation.engine import Engine
from federation.execution.completion import Completion
from federation.execution.execution import Execution
from federation.execution.project import Projection
from federation.execution.sharing import Sharing
from federation.execution.steps import Step, StepFactory
from federation.operation import Grants
from federation.plan import Defer, Subscription
from federation.planning import Planner
from federation.prepared import OperationParser
from federation.subgraph import Subgraph, SubgraphRequest, SubgraphResponse
from federation.supergraph import Supergraph
from federation.transport.configuration import SubgraphConfig, http_subgraph

__all__ = ["Stage", "http_stage", "stages"]

_MAX_TOKENS = 15_000


class Stage(NamedTuple):
    """One stage of a request, or a piece of work that is done once."""

    what: str
    seconds: float
    """CPU time, median of the repetitions."""
    repetitions: int


class _Known:
    """A subgraph that asks once and then answers the same at once."""

    def __init__(self, inner: Subgraph) -> None:
        self.name = inner.name
        self._inner = inner
        self.requests: dict[str, SubgraphRequest] = {}
        self.bodies: dict[str, bytes] = {}

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        body = self.bodies.get(request.fetch.operation)
        if body is None:
            response = await self._inner.execute(request)
            body = orjson.dumps(response.data)
            self.requests[request.fetch.operation] = request
            self.bodies[request.fetch.operation] = body
        return SubgraphResponse(orjson.loads(body))

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Local(NamedTuple):
    """The engine over the shop, in this process."""

    supergraph: Supergraph
    subgraphs: list[_Known]
    http: dict[str, Subgraph]
    engine: Engine

    async def ask(self) -> Any:
        """One request, all but HTTP's own."""
        engine = self.engine
        prepared = engine.prepare(QUERY)
        variables = engine.coerce_variables(prepared, {})
        response = await engine.execute(prepared, variables, grants=Grants())
        if response.errors or response.data is None:
            raise RuntimeError(f"The shop's query failed: {response.errors}")
        return response.data

    async def fetch(self) -> None:
        """Every fetch of a request, over HTTP."""
        for known in self.subgraphs:
            for request in known.requests.values():
                await self.http[known.name].execute(request)

    def parse(self) -> None:
        """Every subgraph's answer from JSON."""
        for known in self.subgraphs:
            for body in known.bodies.values():
                orjson.loads(body)


def _open(shop: Shop) -> _Local:
    supergraph = Supergraph.parse(supergraph_sdl(shop.urls))
    http = {
        name: http_subgraph(name, SubgraphConfig(url=url, deduplicate=False))
        for name, url in shop.urls.items()
    }
    subgraphs = [_Known(one) for one in http.values()]
    return _Local(supergraph, subgraphs, http, Engine(supergraph, {s.name: s for s in subgraphs}))


async def stages(shop: Shop, repetitions: int = 300) -> list[Stage]:
    """Every stage, those of every request first."""
    local = _open(shop)
    try:
        data = await local.ask()
        return [*await _every_request(local, data, repetitions), *_once(local, repetitions)]
    finally:
        await local.engine.aclose()


async def _every_request(local: _Local, data: Any, repetitions: int) -> list[Stage]:
    fetch = await _wait("", local.fetch, repetitions)
    parse = _time("read the subgraphs' JSON", local.parse, repetitions)
    calls = sum(len(known.bodies) for known in local.subgraphs)
    parts = await _Parts.of(local)
    run = await _wait("", parts.run, repetitions)
    return [
        _time("find operation and plan", partial(local.engine.prepare, QUERY), repetitions),
        Stage(f"fetch client, {calls} calls", fetch.seconds - parse.seconds, repetitions),
        parse,
        Stage("engine: represent and merge", run.seconds - parse.seconds, repetitions),
        _time("engine: project", parts.project, repetitions),
        _time("write the answer's JSON", partial(orjson.dumps, {"data": data}), repetitions),
    ]


class _Parts(NamedTuple):
    """What an executor does one after the other."""

    local: _Local
    step: Step
    projection: Projection
    merged: dict[str, Any]

    @classmethod
    async def of(cls, local: _Local) -> _Parts:
        operation = local.engine.prepare(QUERY).operation
        node = Planner(local.supergraph).plan(operation).node
        if node is None or isinstance(node, (Defer, Subscription)):
            raise RuntimeError("The shop's query is no query of subgraphs.")
        sharing = Sharing.of(node)
        step = StepFactory(sharing, local.supergraph.possible).step(node)
        projection = Projection(
            operation, local.supergraph.api_schema, denied=frozenset(), truth={}, sharing=sharing
        )
        parts = cls(local, step, projection, {})
        parts.merged.update(await parts.run())
        return parts

    async def run(self) -> dict[str, Any]:
        """Fetch, represent, merge."""
        execution = Execution(
            data={},
            variables={},
            context=None,
            subgraphs={known.name: known for known in self.local.subgraphs},
            abstract=self.local.supergraph.possible,
        )
        await self.step.run(execution)
        return execution.data

    def project(self) -> None:
        """Bring what was merged into the client's shape."""
        self.projection.project(self.merged, Completion((), is_authenticated=True))


def http_stage(subgraphs: Shop, seconds: float = 2.0) -> Stage:
    """What HTTP and the pipeline take of a request that no subgraph is asked for."""
    with gateway("router", subgraphs) as router:
        job = Job(router.port, router.path, "{ __typename }", 50, seconds)
        run(job)
        before = router.cpu_seconds
        tally = run(job)
        taken = (router.cpu_seconds - before) / tally.requests
    return Stage("HTTP server and pipeline, `{ __typename }`", taken, tally.requests)


def _once(local: _Local, repetitions: int) -> Iterator[Stage]:
    few = min(repetitions, 20)
    parser = OperationParser(local.supergraph, max_tokens=_MAX_TOKENS)
    prepared = parser.prepare(QUERY, None)
    yield _time("new operation: parse and validate", partial(parser.prepare, QUERY, None), few)
    planner = Planner(local.supergraph)
    yield _time("new operation: plan, the first of all", partial(planner.plan, prepared.operation))
    yield _time("new operation: plan", partial(planner.plan, prepared.operation), few)
    sources = large_graph()
    yield _time("compose 100 types in 20 subgraphs", partial(compose, sources), min(few, 3))


def _time(what: str, step: Callable[[], object], repetitions: int = 1) -> Stage:
    taken = []
    for _ in range(repetitions):
        start = time.process_time()
        step()
        taken.append(time.process_time() - start)
    return Stage(what, median(taken), repetitions)


async def _wait(what: str, step: Callable[[], Awaitable[Any]], repetitions: int) -> Stage:
    taken = []
    for _ in range(repetitions):
        start = time.process_time()
        await step()
        taken.append(time.process_time() - start)
    return Stage(what, median(taken), repetitions)

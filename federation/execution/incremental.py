"""Runs an operation with `@defer` or `@stream` and answers it payload by payload.

The payloads have the form of the incremental delivery of graphql-core 3.3: `pending` announces,
`incremental` adds, `completed` ends. Merged in order, they are what one response would have been.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from graphql import GraphQLSchema

from federation.deferral import Deferral, condition_of
from federation.execution.client_paths import ClientPaths
from federation.execution.completion import Completion, LinkedPath
from federation.execution.conditions import condition_variables
from federation.execution.delays import Delays, Fragment, Place, Tree, places
from federation.execution.execution import Execution, Occurrence
from federation.execution.project import Projection
from federation.execution.response import (
    Completed,
    IncrementalPayloads,
    Patch,
    Payload,
    Pending,
    Response,
    ResponseError,
    ResponsePath,
)
from federation.execution.sharing import NOWHERE
from federation.execution.steps import Step, StepFactory
from federation.execution.types import AbstractTypes
from federation.plan import Defer, PlanNode, QueryPlan, Subscription
from federation.subgraph import Subgraph

__all__ = ["IncrementalExecutor"]


class IncrementalExecutor:
    """One operation with its plan, ready to be run any number of times."""

    def __init__(
        self,
        deferral: Deferral,
        plan: QueryPlan,
        schema: GraphQLSchema,
        abstract: AbstractTypes,
        *,
        denied: frozenset[str] = frozenset(),
    ) -> None:
        """Prepare to run; as `Executor`, with the operation's plan for deferring."""
        self.plan = plan
        self.deferral = deferral
        self.schema = schema
        self.abstract = abstract
        self.denied = denied
        primary, parts = _parts(plan.node)
        factory = StepFactory(NOWHERE, abstract)
        self.primary = None if primary is None else factory.step(primary)
        self.parts = [(numbers, factory.step(node)) for numbers, node in parts]
        self.fetched = frozenset[int]().union(*(numbers for numbers, _ in parts))
        self.conditions = condition_variables(deferral.operation)

    async def execute(
        self,
        variables: Mapping[str, Any],
        subgraphs: Mapping[str, Subgraph],
        *,
        context: Any,
        is_authenticated: bool,
        introspection: Mapping[str, Any] | None = None,
    ) -> IncrementalPayloads | Response:
        """Fetch what the first payload needs; as `Executor.execute`.

        Returns:
            The payloads, the first of which is there already; or a response, when nothing in it
            is to come later.
        """
        execution = Execution(
            data=dict(introspection or {}),
            variables=variables,
            context=context,
            subgraphs=subgraphs,
            abstract=self.abstract,
            shares=False,
        )
        run = _Run(self, execution, is_authenticated=is_authenticated)
        first = await run.begin()
        if not first.has_next and first.initial is not None:
            return first.initial
        payloads = run.payloads(first)
        # Only a generator that has begun ends its fetches when it is closed.
        await anext(payloads)
        return payloads


class _Run:
    """One request on its way."""

    def __init__(
        self, executor: IncrementalExecutor, execution: Execution, *, is_authenticated: bool
    ) -> None:
        self._executor = executor
        self._execution = execution
        self._is_authenticated = is_authenticated
        variables, defers = execution.variables, executor.deferral.defers
        active = {n for n in executor.fetched if defers[n].holds(variables)}
        self._active = frozenset(active)
        truth = {name: variables.get(name) is True for name in executor.conditions}
        every = {condition_of(number): True for number in range(len(defers))}
        self._truth = {**truth, **every, **{condition_of(number): False for number in active}}
        operation = executor.deferral.operation
        self._paths = ClientPaths(operation, {**truth, **every})
        self._first_paths = ClientPaths(operation, self._truth)
        self._projection = Projection(
            operation, executor.schema, denied=executor.denied, truth=self._truth
        )
        self._root = Delays(executor.deferral, executor.schema, self._truth, variables).root
        self._errors: list[tuple[frozenset[int], Occurrence]] = []
        """Errors met, with the conditions of the fragments they may belong to."""
        self._fetches: list[tuple[frozenset[int], asyncio.Task[None]]] = []
        self._waiting: dict[asyncio.Task[None], list[tuple[Pending, Fragment, Place]]] = {}
        self._ready: list[Patch] = []
        """Items of streamed lists: they are there, and only wait for their payload."""
        self._count = 0

    async def begin(self) -> Payload:
        """The first payload."""
        executor, execution = self._executor, self._execution
        if executor.primary is not None:
            await executor.primary.run(execution)
        later: list[tuple[frozenset[int], Step]] = []
        for numbers, step in executor.parts:
            if numbers & self._active:
                later.append((numbers & self._active, step))
            else:
                await step.run(execution)
        self._errors.extend((frozenset(), error) for error in execution.errors)
        errors = [error for error in execution.errors if self._is_in_first(error)]
        completion = self._completion(errors, self._first_paths)
        data = self._projection.project(execution.data, completion)
        found = self._in_order(completion.told(data))
        tree = Tree((), data, execution.data)
        self._start(later)
        pending = self._announce(self._root, tree, found)
        return Payload(Response(data, tuple(found)), pending, has_next=bool(pending))

    async def payloads(self, first: Payload) -> IncrementalPayloads:
        """What stands for nothing, the first payload, then the others as they become complete."""
        try:
            yield first
            yield first
            while self._waiting or self._ready:
                if not self._ready:
                    await asyncio.wait(self._waiting, return_when=asyncio.FIRST_COMPLETED)
                yield self._next()
        finally:
            await self._stop()

    def _start(self, later: Iterable[tuple[frozenset[int], Step]]) -> None:
        """Fetch for deferred fragments, those within others after the others."""
        for numbers, step in sorted(later, key=lambda part: len(part[0])):
            before = [task for inside, task in self._fetches if inside < numbers]
            task = asyncio.ensure_future(self._fetch(numbers, step, before))
            self._fetches.append((numbers, task))

    async def _fetch(
        self, numbers: frozenset[int], step: Step, before: Iterable[asyncio.Task[None]]
    ) -> None:
        await asyncio.gather(*before)
        given = self._execution
        own = Execution(
            data=given.data,
            variables=given.variables,
            context=given.context,
            subgraphs=given.subgraphs,
            abstract=given.abstract,
            shares=False,
        )
        await step.run(own)
        self._errors.extend((numbers, error) for error in own.errors)

    def _announce(
        self, fragment: Fragment, tree: Tree, errors: list[ResponseError]
    ) -> tuple[Pending, ...]:
        """Everything that comes later within what has just been completed."""
        pending: list[Pending] = []
        for inner in fragment.fragments:
            found = list(places(tree, inner.path, inner.conditions, self._executor.abstract))
            new = [(self._pending(place.path, inner.label), inner, place) for place in found]
            if new:
                self._waiting[self._wait_for(inner.numbers)] = new
                pending.extend(entry[0] for entry in new)
        for stream in fragment.streams:
            *above, last = stream.path
            count = stream.delay.count(self._execution.variables)
            for place in places(tree, tuple(above), last.conditions, self._executor.abstract):
                items = place.shown.get(last.key)
                if isinstance(items, list) and len(items) > count:
                    at = self._pending((*place.path, last.key), stream.delay.label)
                    place.shown[last.key] = items[:count]
                    own = [error for error in errors if _is_of_items(error, at.path, count)]
                    errors[:] = [error for error in errors if error not in own]
                    self._ready.append(Patch(at, None, items[count:], count, tuple(own)))
                    pending.append(at)
        return tuple(pending)

    def _wait_for(self, numbers: frozenset[int]) -> asyncio.Task[None]:
        tasks = [task for inside, task in self._fetches if inside <= numbers]

        async def wait() -> None:
            await asyncio.gather(*tasks)

        return asyncio.ensure_future(wait())

    def _next(self) -> Payload:
        """Whatever has become complete."""
        patches, self._ready = self._ready, []
        completed = [Completed(patch.pending) for patch in patches]
        pending: list[Pending] = []
        for task in [task for task in self._waiting if task.done()]:
            task.result()
            for at, fragment, place in self._waiting.pop(task):
                data, errors = self._complete(fragment, place)
                if data is None:
                    completed.append(Completed(at, tuple(errors)))
                    continue
                tree = Tree(place.path, data, place.source)
                pending.extend(self._announce(fragment, tree, errors))
                patches.append(Patch(at, data, errors=tuple(errors)))
                completed.append(Completed(at))
        has_next = bool(self._waiting or self._ready)
        return Payload(None, tuple(pending), tuple(patches), tuple(completed), has_next)

    def _complete(
        self, fragment: Fragment, place: Place
    ) -> tuple[dict[str, Any] | None, list[ResponseError]]:
        """The data of a deferred fragment; null does not reach what is around it."""
        complete = self._projection.fragment(fragment.type, fragment.selection)
        errors = [
            error
            for numbers, error in self._errors
            if numbers <= fragment.numbers and self._is_within(error, numbers, place.path)
        ]
        completion = self._completion(errors, self._paths)
        data: dict[str, Any] | None = complete(place.source, _linked(place.path), completion)
        found = completion.errors
        if data is not None:
            found = [e for e in found if e.path is None or _is_in(e.path, place.path, data)]
        return data, self._in_order(found)

    def _is_within(self, error: Occurrence, numbers: frozenset[int], path: ResponsePath) -> bool:
        """Whether an error belongs below a path, and has not been told with the first payload."""
        if error.path is None or error.path[: len(path)] != path:
            return False
        return bool(numbers) or not self._is_in_first(error)

    def _is_in_first(self, error: Occurrence) -> bool:
        """Whether the first payload has the position of an error."""
        path = error.path or ()
        return self._first_paths.nearest(path) == self._paths.nearest(path)

    def _completion(self, errors: Iterable[Occurrence], paths: ClientPaths) -> Completion:
        seen: dict[tuple[str, ResponsePath | None], ResponseError] = {}
        for error, path in errors:
            nearest = paths.nearest(path) or None if path else None
            entry = ResponseError(error.message, nearest, error.extensions, error.cause)
            seen.setdefault((entry.message, nearest), entry)
        return Completion(seen.values(), is_authenticated=self._is_authenticated)

    def _in_order(self, errors: Iterable[ResponseError]) -> list[ResponseError]:
        return sorted(errors, key=lambda error: (self._paths.rank(error.path or ()), error.message))

    def _pending(self, path: ResponsePath, label: str | None) -> Pending:
        self._count += 1
        return Pending(str(self._count - 1), path, label)

    async def _stop(self) -> None:
        tasks = [*self._waiting, *(task for _, task in self._fetches)]
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


def _parts(
    node: PlanNode | Subscription | Defer | None,
) -> tuple[PlanNode | None, list[tuple[frozenset[int], PlanNode]]]:
    if isinstance(node, Defer):
        return node.primary, [(part.numbers, part.node) for part in node.deferred]
    assert not isinstance(node, Subscription)  # noqa: S101 - validation refuses to defer there
    return node, []


def _linked(path: ResponsePath) -> LinkedPath:
    linked: LinkedPath = None
    for step in path:
        linked = (linked, step)
    return linked


def _is_in(path: ResponsePath, above: ResponsePath, data: dict[str, Any]) -> bool:
    """Whether an error belongs to the data of an object, and not to what is beside it."""
    return len(path) <= len(above) or path[len(above)] in data


def _is_of_items(error: ResponseError, path: ResponsePath, count: int) -> bool:
    """Whether an error belongs to an item of a list that comes later."""
    at = error.path
    if at is None or len(at) <= len(path) or at[: len(path)] != path:
        return False
    index = at[len(path)]
    return isinstance(index, int) and index >= count

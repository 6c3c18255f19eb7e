"""Runs the plan of one operation and shapes the response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import Any

from graphql import GraphQLSchema

from federation.bounded_cache import BoundedCache
from federation.execution.client_paths import ClientPaths
from federation.execution.completion import Completion
from federation.execution.conditions import condition_variables
from federation.execution.execution import Execution, Occurrence, fault
from federation.execution.project import Projection
from federation.execution.response import (
    Response,
    ResponseError,
    ResponseEvents,
    ResponsePath,
)
from federation.execution.sharing import NOWHERE, Sharing
from federation.execution.steps import StepFactory, has_contexts
from federation.execution.types import AbstractTypes
from federation.operation import Operation
from federation.plan import Defer, PlanNode, QueryPlan, Sequence, Subscription
from federation.subgraph import Subgraph, SubgraphEvents, SubgraphResponse

__all__ = ["Executor"]

_HOT = 10
"""Uses of an operation after which code is generated for its projection."""

_PROJECTIONS = 16
"""Projections kept for one operation: one for each combination of its conditions' values."""


class Executor:
    """One operation with its plan, ready to be run any number of times."""

    def __init__(
        self,
        operation: Operation,
        plan: QueryPlan,
        schema: GraphQLSchema,
        abstract: AbstractTypes,
        *,
        denied: frozenset[str] = frozenset(),
    ) -> None:
        """Prepare to run.

        Args:
            operation: What the client asked for.
            plan: How to fetch it, without the denied fields.
            schema: The API schema.
            abstract: Possible types in the whole supergraph.
            denied: Coordinates that read as null with an error.
        """
        self.plan = plan
        self._operation = operation
        self._schema = schema
        self._abstract = abstract
        self._denied = denied
        node = _whole(plan)
        self._shares = node is None or not has_contexts(node)
        self._sharing = Sharing.of(node) if self._shares else NOWHERE
        factory = StepFactory(self._sharing, abstract)
        self._step = None if node is None else factory.step(node)
        self._conditions = condition_variables(operation)
        self._uses = 0
        self._projections: BoundedCache[tuple[bool, ...], Projection] = BoundedCache(_PROJECTIONS)

    async def execute(
        self,
        variables: Mapping[str, Any],
        subgraphs: Mapping[str, Subgraph],
        *,
        context: Any,
        is_authenticated: bool,
        introspection: Mapping[str, Any] | None = None,
    ) -> Response:
        """Fetch, merge and project.

        Args:
            variables: Coerced values.
            subgraphs: Who answers, by the names the plan uses.
            context: The host's value, handed to every subgraph.
            is_authenticated: Whether a refusal means "not you" or "sign in first".
            introspection: Values of the introspection fields at the root, by response key.
        """
        execution = self._execution(variables, subgraphs, context)
        execution.data.update(introspection or {})
        await self._run(execution)
        return self._respond(execution, is_authenticated=is_authenticated)

    async def subscribe(
        self,
        variables: Mapping[str, Any],
        subgraphs: Mapping[str, Subgraph],
        *,
        context_of: Callable[[], Any],
        is_authenticated: bool,
    ) -> ResponseEvents | Response:
        """Start a subscription (specification section 6.2.3).

        Args:
            variables: Coerced values.
            subgraphs: Who answers, by the names the plan uses.
            context_of: Makes the host's value: once for the trigger and once for each event.
            is_authenticated: Whether a refusal means "not you" or "sign in first".

        Returns:
            The events; or a response without data, when there is nothing to wait for.
        """

        async def respond(event: SubgraphResponse | None) -> Response:
            execution = self._execution(variables, subgraphs, context_of())
            execution.event = event
            await self._run(execution)
            return self._respond(execution, is_authenticated=is_authenticated)

        plan = self.plan.node
        if not isinstance(plan, Subscription):
            return Response(None, (await respond(None)).errors)
        execution = self._execution(variables, subgraphs, context_of())
        events = await execution.subscribe(plan.primary, context_of)
        if isinstance(events, SubgraphResponse):
            return Response(None, (await respond(events)).errors)
        responses = _responses(events, respond)
        await anext(responses)
        return responses

    async def _run(self, execution: Execution) -> None:
        if self._step is not None:
            await self._step.run(execution)

    def _execution(
        self, variables: Mapping[str, Any], subgraphs: Mapping[str, Subgraph], context: Any
    ) -> Execution:
        return Execution(
            data={},
            variables=variables,
            context=context,
            subgraphs=subgraphs,
            abstract=self._abstract,
            shares=self._shares,
        )

    def _respond(self, execution: Execution, *, is_authenticated: bool) -> Response:
        truth = {name: execution.variables.get(name) is True for name in self._conditions}
        errors: Iterable[ResponseError] = ()
        if execution.errors:
            errors = _client_errors(execution.errors, ClientPaths(self._operation, truth))
        completion = Completion(errors, is_authenticated=is_authenticated)
        data = self._projection(truth).project(execution.data, completion)
        found = completion.errors
        if len(found) > 1:
            found = _in_order(found, ClientPaths(self._operation, truth))
        return Response(data, tuple(found))

    def _projection(self, truth: dict[str, bool]) -> Projection:
        self._uses += 1
        if self._uses == _HOT:
            self._projections.clear()
        key = tuple(truth.values())
        projection = self._projections.get(key)
        if projection is None:
            projection = Projection(
                self._operation,
                self._schema,
                denied=self._denied,
                truth=truth,
                sharing=self._sharing if self._uses >= _HOT else None,
            )
            self._projections.put(key, projection)
        return projection


def _whole(plan: QueryPlan) -> PlanNode | None:
    """What is run for a response; a subscription's trigger is then answered by the event."""
    node = plan.node
    assert not isinstance(node, Defer)  # noqa: S101 - such plans are for payload by payload
    if not isinstance(node, Subscription):
        return node
    return node.primary if node.rest is None else Sequence((node.primary, node.rest))


async def _responses(
    events: SubgraphEvents, respond: Callable[[SubgraphResponse], Awaitable[Response]]
) -> ResponseEvents:
    """One response an event; what fails is only its own event's.

    A transport that raises, as none should, ends its events with one more. What comes first stands
    for nothing: only a generator that has begun closes what is below when it is closed.
    """
    async with aclosing(events):
        yield Response(None)
        while True:
            try:
                event = await anext(events)
            except StopAsyncIteration:
                return
            except Exception as error:  # noqa: BLE001 - a host's transport must not end the request
                yield await respond(fault(error))
                return
            yield await respond(event)


def _client_errors(
    occurrences: Iterable[Occurrence], paths: ClientPaths
) -> Iterable[ResponseError]:
    """Errors at the positions the client can see, each once."""
    seen: dict[tuple[str, ResponsePath | None], ResponseError] = {}
    for error, path in occurrences:
        nearest = paths.nearest(path) or None if path else None
        entry = ResponseError(error.message, nearest, error.extensions, error.cause)
        seen.setdefault((entry.message, nearest), entry)
    return seen.values()


def _in_order(errors: Iterable[ResponseError], paths: ClientPaths) -> list[ResponseError]:
    """In the order of the response, however the subgraphs' answers came in."""
    return sorted(errors, key=lambda error: (paths.rank(error.path or ()), error.message))

"""Runs the plan of one operation and shapes the response."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from types import MappingProxyType
from typing import Any

from graphql import GraphQLSchema

from federation.execution.client_paths import ClientPaths
from federation.execution.comparing import Path
from federation.execution.completion import Completion
from federation.execution.direct import DirectAnswers
from federation.execution.execution import Execution, Occurrence, fault
from federation.execution.forms import Form, Forms
from federation.execution.response import (
    Response,
    ResponseError,
    ResponseEvents,
    ResponsePath,
)
from federation.execution.sharing import NOWHERE, Sharing
from federation.execution.steps import StepFactory, has_contexts
from federation.execution.types import AbstractTypes
from federation.execution.whole import Exactness
from federation.operation import Operation
from federation.plan import Defer, PlanNode, QueryPlan, Sequence, Subscription
from federation.subgraph import Subgraph, SubgraphEvents, SubgraphResponse

__all__ = ["Executor"]

_NOBODY = Exactness()


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
        exactness: Exactness = _NOBODY,
        direct: DirectAnswers | None = None,
    ) -> None:
        """Prepare to run.

        Args:
            operation: What the client asked for.
            plan: How to fetch it, without the denied fields.
            schema: The API schema.
            abstract: Possible types in the whole supergraph.
            denied: Coordinates that read as null with an error.
            exactness: Whose answers need no second look; nobody's, unless it is said.
            direct: Who may answer without the plan.
        """
        self.plan = plan
        self._operation = operation
        self._abstract = abstract
        node = _whole(plan)
        self._shares = node is None or not has_contexts(node)
        sharing = Sharing.of(node) if self._shares else NOWHERE
        factory = StepFactory(sharing, abstract)
        self._step = None if node is None else factory.step(node)
        self._forms = Forms(
            operation, node, schema, sharing, exactness, denied=denied, direct=direct
        )

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
        form = self._forms.of(variables)
        if form.direct is not None:
            data = await form.direct.data(variables, context)
            if data is not None:
                return Response(data)
        execution = self._execution(variables, subgraphs, context, form.whole.paths)
        execution.data.update(introspection or {})
        await self._run(execution)
        return self._respond(execution, form, is_authenticated=is_authenticated)

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
            form = self._forms.of(variables)
            return self._respond(execution, form, is_authenticated=is_authenticated)

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
        self,
        variables: Mapping[str, Any],
        subgraphs: Mapping[str, Subgraph],
        context: Any,
        whole: Mapping[int, frozenset[Path]] = MappingProxyType({}),
    ) -> Execution:
        return Execution(
            data={},
            variables=variables,
            context=context,
            subgraphs=subgraphs,
            abstract=self._abstract,
            shares=self._shares,
            whole=whole,
        )

    def _respond(self, execution: Execution, form: Form, *, is_authenticated: bool) -> Response:
        errors: Iterable[ResponseError] = ()
        if execution.errors:
            errors = _client_errors(execution.errors, ClientPaths(self._operation, form.truth))
        completion = Completion(errors, is_authenticated=is_authenticated)
        data: dict[str, Any] | None = execution.data
        # Without any data the fetch has failed, and its fields must be accounted for.
        if not (form.whole.is_everything and data):
            data = form.projection.project(execution.data, completion)
        found = completion.told(data)
        if len(found) > 1:
            found = _in_order(found, ClientPaths(self._operation, form.truth))
        return Response(data, tuple(found))


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

"""Runs the plan of one operation and shapes the response."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLSchema

from federation.bounded_cache import BoundedCache
from federation.execution.client_paths import ClientPaths
from federation.execution.completion import Completion
from federation.execution.conditions import condition_variables
from federation.execution.execution import Execution, Occurrence
from federation.execution.project import Projection
from federation.execution.response import Response, ResponseError, ResponsePath
from federation.execution.sharing import NOWHERE, Sharing
from federation.execution.steps import StepFactory, has_contexts
from federation.execution.types import AbstractTypes
from federation.operation import Operation
from federation.plan import QueryPlan
from federation.subgraph import Subgraph

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
        self._shares = plan.node is None or not has_contexts(plan.node)
        self._sharing = Sharing.of(plan.node) if self._shares else NOWHERE
        factory = StepFactory(self._sharing, abstract)
        self._step = None if plan.node is None else factory.step(plan.node)
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
        execution = Execution(
            data=dict(introspection or {}),
            variables=variables,
            context=context,
            subgraphs=subgraphs,
            abstract=self._abstract,
            shares=self._shares,
        )
        if self._step is not None:
            await self._step.run(execution)
        return self._respond(execution, is_authenticated=is_authenticated)

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

"""The engine behind one object: prepare an operation once, execute it many times."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from federation.bounded_cache import BoundedCache
from federation.errors import EngineError, OperationError, PlanningError, SupergraphError
from federation.execution.direct import DirectAnswers
from federation.execution.executor import Executor
from federation.execution.incremental import IncrementalExecutor
from federation.execution.response import (
    IncrementalPayloads,
    Response,
    ResponseError,
    ResponseEvents,
)
from federation.execution.whole import Exactness
from federation.operation import Grants
from federation.overrides import OverrideLabels
from federation.plan import OperationKind
from federation.planning import Planner
from federation.prepared import MAX_SELECTIONS, OperationParser, PlanKey, PreparedOperation, coded
from federation.subgraph import ExactSubgraph, Subgraph, WithSchema
from federation.supergraph import Supergraph

__all__ = ["Engine"]


class Engine:
    """Answers operations on a supergraph by asking its subgraphs."""

    def __init__(
        self,
        supergraph: Supergraph,
        subgraphs: Mapping[str, Subgraph],
        *,
        cache_size: int = 1000,
        max_tokens: int = 15_000,
        max_selections: int = MAX_SELECTIONS,
    ) -> None:
        """Bind a supergraph to who answers for its subgraphs.

        Args:
            supergraph: The composed schema.
            subgraphs: By the names the supergraph knows them by. The engine closes them.
            cache_size: Operations kept ready, with their plans.
            max_tokens: Longest document accepted.
            max_selections: Most fields, arguments and fragments a document may hold, as written.

        Raises:
            SupergraphError: A subgraph of the supergraph is not among `subgraphs`.
        """
        absent = sorted(supergraph.subgraphs.keys() - subgraphs.keys())
        if absent:
            raise SupergraphError(f"Nobody answers for subgraph {', '.join(absent)}.")
        self.supergraph = supergraph
        self._subgraphs = dict(subgraphs)
        exact = (name for name, each in subgraphs.items() if _is_exact(each))
        self._exactness = Exactness(frozenset(exact), supergraph.opaque)
        self._direct = _direct(supergraph, subgraphs)
        self._planner = Planner(supergraph)
        self._labels = OverrideLabels(supergraph)
        self._parser = OperationParser(
            supergraph, max_tokens=max_tokens, max_selections=max_selections
        )
        self._prepared: BoundedCache[tuple[str, str | None], PreparedOperation]
        self._prepared = BoundedCache(cache_size)
        self._by_form: BoundedCache[str, PreparedOperation] = BoundedCache(cache_size)

    def prepare(self, text: str, operation_name: str | None = None) -> PreparedOperation:
        """Parse and validate a document and choose its operation; cached by both arguments.

        Documents whose operation is the same, however it is written, share what is prepared.

        Raises:
            OperationError: The document is wrong; one error per mistake.
            OperationTooComplexError: It is too large to be validated in reasonable time.
        """
        key = (text, operation_name)
        prepared = self._prepared.get(key)
        if prepared is None:
            operation = self._parser.parse(text, operation_name)
            form = operation.form
            prepared = self._by_form.get(form) or self._parser.ready(operation)
            self._by_form.put(form, prepared)
            self._prepared.put(key, prepared)
        return prepared

    def coerce_variables(
        self, prepared: PreparedOperation, variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Values as the operation declares them, defaults filled in (specification 6.1.2).

        Raises `OperationError` with code BAD_USER_INPUT for values that do not fit.
        """
        values = prepared.variables.coerce(variables)
        if isinstance(values, list):
            raise OperationError(coded(values, "BAD_USER_INPUT"))
        return values.coerced

    async def execute(
        self,
        prepared: PreparedOperation,
        variables: Mapping[str, Any],
        *,
        grants: Grants,
        context: Any = None,
        allow_introspection: bool = True,
        labels: frozenset[str] = frozenset(),
    ) -> Response:
        """Answer a query or mutation.

        Args:
            prepared: From `prepare`.
            variables: From `coerce_variables`.
            grants: What the caller may read; denied fields are null with an error each, and
                neither fetched nor resolved.
            context: The host's value, handed to every subgraph.
            allow_introspection: Whether the caller may see the schema.
            labels: Labels of progressive overrides that hold for this request; those of the form
                `percent(N)` hold for their share of requests without being named.

        Raises:
            OperationTooComplexError: The planner's budget is used up.
            PlanningError: No plan exists.
        """
        if prepared.kind is OperationKind.SUBSCRIPTION:
            return Response(None, (_SUBSCRIPTION,))
        if prepared.introspection.keys and not allow_introspection:
            return Response(None, (_INTROSPECTION_OFF,))
        key = PlanKey(prepared.requirements.denied(grants), self._labels.holding(labels))
        executor = self._executor(prepared, key)
        return await executor.execute(
            variables,
            self._subgraphs,
            context=context,
            is_authenticated=grants.is_authenticated,
            introspection=prepared.introspection.answer(variables),
        )

    async def execute_incrementally(
        self,
        prepared: PreparedOperation,
        variables: Mapping[str, Any],
        *,
        grants: Grants,
        context: Any = None,
        allow_introspection: bool = True,
        labels: frozenset[str] = frozenset(),
    ) -> IncrementalPayloads | Response:
        """Answer a query or mutation; what it defers or streams comes in further payloads.

        Arguments and errors are those of `execute`, which answers everything at once.

        Returns:
            A generator of payloads, to be closed by whoever iterates it; or a response, when
            there is nothing that comes later.
        """
        deferral = prepared.deferral
        if deferral is None or (prepared.introspection.keys and not allow_introspection):
            return await self.execute(
                prepared,
                variables,
                grants=grants,
                context=context,
                allow_introspection=allow_introspection,
                labels=labels,
            )
        holding = self._labels.holding(labels)
        key = PlanKey(prepared.requirements.denied(grants), holding, is_incremental=True)
        executor = self._ready(prepared, key)
        assert isinstance(executor, IncrementalExecutor)  # noqa: S101 - as the key says
        return await executor.execute(
            variables,
            self._subgraphs,
            context=context,
            is_authenticated=grants.is_authenticated,
            introspection=prepared.introspection.answer(variables),
        )

    async def subscribe(
        self,
        prepared: PreparedOperation,
        variables: Mapping[str, Any],
        *,
        grants: Grants,
        context_of: Callable[[], Any] = lambda: None,
        labels: frozenset[str] = frozenset(),
    ) -> ResponseEvents | Response:
        """Start a subscription.

        Args:
            prepared: From `prepare`.
            variables: From `coerce_variables`.
            grants: What the caller may read, as in `execute`. It holds for as long as the events
                do: whoever serves them ends them when a right is taken away.
            context_of: Makes the host's value: once for the subscription and once for each event,
                so that no event is answered from what was read for another.
            labels: As in `execute`; decided once for all events.

        Returns:
            A generator of responses, one an event, to be closed by whoever iterates it; or a
            response that says why there are none.

        Raises:
            OperationTooComplexError: The planner's budget is used up.
            PlanningError: No plan exists.
        """
        if prepared.kind is not OperationKind.SUBSCRIPTION:
            return Response(None, (_NO_SUBSCRIPTION,))
        key = PlanKey(prepared.requirements.denied(grants), self._labels.holding(labels))
        return await self._executor(prepared, key).subscribe(
            variables,
            self._subgraphs,
            context_of=context_of,
            is_authenticated=grants.is_authenticated,
        )

    async def warm(self, former: Engine) -> None:
        """Plan what another engine has planned, so that the first to ask need not wait for it.

        Operations that are no longer valid, or cannot be planned, are left to those who ask.
        """
        for (text, operation_name), theirs in former.operations():
            # Requests go on meanwhile: between any two operations is their turn.
            await asyncio.sleep(0)
            with suppress(EngineError):
                mine = self.prepare(text, operation_name)
                for denied, labels, is_incremental in theirs.plan_keys():
                    refused = denied & mine.requirements.coordinates
                    known = labels & self._labels.names
                    self._ready(mine, PlanKey(refused, known, is_incremental))

    def operations(self) -> list[tuple[tuple[str, str | None], PreparedOperation]]:
        """What is kept by document and operation name, what was used longest ago first."""
        return self._prepared.items()

    async def aclose(self) -> None:
        """Close every subgraph."""
        for subgraph in self._subgraphs.values():
            await subgraph.aclose()

    def _executor(self, prepared: PreparedOperation, key: PlanKey) -> Executor:
        executor = self._ready(prepared, key)
        assert isinstance(executor, Executor)  # noqa: S101 - as the key says
        return executor

    def _ready(self, prepared: PreparedOperation, key: PlanKey) -> Executor | IncrementalExecutor:
        """The plan of an operation, ready to run; a failure to plan is kept as well."""
        known = prepared.executors.get(key)
        if known is None:
            known = self._plan(prepared, key)
            prepared.executors.put(key, known)
        if isinstance(known, PlanningError):
            raise known.with_traceback(None)
        return known

    def _plan(
        self, prepared: PreparedOperation, key: PlanKey
    ) -> Executor | IncrementalExecutor | PlanningError:
        schema, possible = self.supergraph.api_schema, self.supergraph.possible
        operation, deferral = prepared.operation, prepared.deferral
        try:
            if deferral is not None and key.is_incremental:
                plan = self._planner.plan(
                    deferral.operation, key.denied, key.labels, deferral.defers
                )
                return IncrementalExecutor(deferral, plan, schema, possible, denied=key.denied)
            plan = self._planner.plan(operation, key.denied, key.labels)
        except PlanningError as error:
            return error
        return Executor(
            operation,
            plan,
            schema,
            possible,
            denied=key.denied,
            exactness=self._exactness,
            direct=self._direct,
        )


def _is_exact(subgraph: Subgraph) -> bool:
    return isinstance(subgraph, ExactSubgraph) and subgraph.answers_exactly


def _direct(supergraph: Supergraph, subgraphs: Mapping[str, Subgraph]) -> DirectAnswers | None:
    """What those subgraphs answer without a plan whose schemas are in this process."""
    schemas = {
        name: each.schema
        for name, each in subgraphs.items()
        if isinstance(each, WithSchema) and _is_exact(each)
    }
    return DirectAnswers(supergraph, schemas) if schemas else None


_INTROSPECTION_OFF = ResponseError("Introspection is switched off.", None, {"code": "FORBIDDEN"})
_SUBSCRIPTION = ResponseError(
    "A subscription answers with a stream: it cannot be executed like a query.",
    None,
    {"code": "BAD_USER_INPUT"},
)
_NO_SUBSCRIPTION = ResponseError(
    "Only a subscription can be subscribed to.", None, {"code": "BAD_USER_INPUT"}
)

"""Subscriptions to a schema in this process (specification section 6.2.3)."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from typing import Any

from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    create_source_event_stream,
    execute,
)
from graphql.execution import Executor

from federation.subgraph import SubgraphEvents, SubgraphRequest, SubgraphResponse

__all__ = ["events_of"]

_Respond = Callable[[ExecutionResult], SubgraphResponse]


async def events_of(
    schema: GraphQLSchema, request: SubgraphRequest, respond: _Respond
) -> SubgraphEvents | SubgraphResponse:
    """Start what the root field's `subscribe` answers with.

    Each event is executed with a context of its own, so that nothing read for one is shown in
    another; graphql-core's own `subscribe` has one context for all.
    """
    executor = Executor.build(
        schema,
        request.fetch.document,
        context_value=request.context,
        raw_variable_values=dict(request.variables),
    )
    if isinstance(executor, list):
        return respond(ExecutionResult(None, executor))
    source = create_source_event_stream(executor)
    if isinstance(source, Awaitable):
        source = await source
    if isinstance(source, ExecutionResult):
        return respond(source)
    return _events(schema, request, respond, source)


async def _events(
    schema: GraphQLSchema,
    request: SubgraphRequest,
    respond: _Respond,
    source: AsyncIterable[Any],
) -> SubgraphEvents:
    events = aiter(source)
    try:
        while True:
            try:
                event = await anext(events)
            except StopAsyncIteration:
                return
            except Exception as error:  # noqa: BLE001 - a module's source may raise anything
                yield respond(_failed(error, request))
                return
            yield respond(await _executed(schema, request, event))
    finally:
        await _closed(events)


async def _executed(schema: GraphQLSchema, request: SubgraphRequest, event: Any) -> ExecutionResult:
    make = request.event_context
    result = execute(
        schema,
        request.fetch.document,
        root_value=event,
        context_value=request.context if make is None else make(),
        variable_values=dict(request.variables),
    )
    return await result if isinstance(result, Awaitable) else result


def _failed(error: Exception, request: SubgraphRequest) -> ExecutionResult:
    """What a source raises is an error of the only field there is."""
    (operation,) = request.fetch.document.definitions
    assert isinstance(operation, OperationDefinitionNode)  # noqa: S101 - as planning wrote it
    (field,) = operation.selection_set.selections
    assert isinstance(field, FieldNode)  # noqa: S101 - as above
    key = field.alias or field.name
    failure = GraphQLError(str(error), path=[key.value], original_error=error)
    return ExecutionResult(None, [failure])


async def _closed(events: AsyncIterator[Any]) -> None:
    close = getattr(events, "aclose", None)
    if close is not None:
        await close()

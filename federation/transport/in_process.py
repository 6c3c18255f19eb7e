"""A subgraph that is a schema in this process."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from graphql import ExecutionResult, GraphQLError, GraphQLSchema

from federation.bounded_cache import BoundedCache
from federation.compiled.operation import CompiledOperation
from federation.plan import Fetch
from federation.subgraph import (
    SubgraphError,
    SubgraphEvents,
    SubgraphRequest,
    SubgraphResponse,
)
from federation.transport.in_process_events import events_of

__all__ = ["InProcessSubgraph"]

_COMPILED = 2_000
"""Documents of fetches kept compiled."""

Whole: TypeAlias = tuple[str, frozenset[tuple[str, ...]]]
"""An operation's text, and which of its fields the client gets as they are answered."""

_CODE = re.compile(r"[A-Z][A-Z_]*\Z")
_ARGUMENT = re.compile(r"Argument '\w+' has invalid value")


class InProcessSubgraph:
    """Runs the plan's parsed documents on a graphql-core schema, each compiled once.

    Nothing is parsed or validated again: the planner wrote the document for this very schema.
    Fields find the host's context as `info.context`, or as their declarations say.
    """

    answers_exactly = True

    def __init__(self, name: str, schema: GraphQLSchema) -> None:
        self.name = name
        self.schema = schema
        self._compiled: BoundedCache[Whole, CompiledOperation] = BoundedCache(_COMPILED)

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answer one fetch."""
        operation = self._operation(request.fetch, request.whole)
        return _response(await operation.execute(request.variables, request.context))

    async def subscribe(self, request: SubgraphRequest) -> SubgraphEvents | SubgraphResponse:
        """Start a subscription."""
        return await events_of(self.schema, request, _response)

    async def aclose(self) -> None:
        """There is nothing to release."""

    def _operation(self, fetch: Fetch, whole: frozenset[tuple[str, ...]]) -> CompiledOperation:
        key = (fetch.operation, whole)
        operation = self._compiled.get(key)
        if operation is None:
            operation = CompiledOperation(self.schema, fetch.document, whole)
            self._compiled.put(key, operation)
        return operation


def _response(result: ExecutionResult) -> SubgraphResponse:
    if not result.errors and not result.extensions:
        return SubgraphResponse(result.data)
    errors = tuple(_subgraph_error(error) for error in result.errors or ())
    return SubgraphResponse(result.data, errors, result.extensions or {})


def _subgraph_error(error: GraphQLError) -> SubgraphError:
    """What a client may know of an error; the rest is only for the host."""
    path = None if error.path is None else tuple(error.path)
    original = error.original_error
    if _is_input_error(error):
        return SubgraphError(error.message, path, {"code": "BAD_USER_INPUT"}, error)
    stated = _stated_by(original)
    if stated is not None:
        message, extensions = stated
        return SubgraphError(message, path, extensions, original)
    return SubgraphError("Internal error.", path, {"code": "INTERNAL"}, original or error)


def _stated_by(original: BaseException | None) -> tuple[str, dict[str, Any]] | None:
    """Message and extensions of an exception that was written for the client."""
    message = getattr(original, "message", None)
    if not isinstance(message, str):
        return None
    if isinstance(original, GraphQLError):
        extensions = dict(original.extensions or {})
        return (message, extensions) if _is_code(extensions.get("code")) else None
    code = getattr(original, "code", None)
    return (message, {"code": code}) if _is_code(code) else None


def _is_code(code: object) -> bool:
    return isinstance(code, str) and _CODE.match(code) is not None


def _is_input_error(error: GraphQLError) -> bool:
    """Values that a custom scalar of the subgraph refuses.

    In a variable they make an error of the request, without a path. In an argument they can only
    be told from a resolver's errors by graphql-core's words.
    """
    if error.path is None:
        return True
    return isinstance(error.original_error, GraphQLError) and bool(_ARGUMENT.match(error.message))

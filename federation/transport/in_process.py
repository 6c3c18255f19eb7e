"""A subgraph that is a schema in this process."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute

from federation.subgraph import SubgraphError, SubgraphRequest, SubgraphResponse

__all__ = ["InProcessSubgraph"]

_CODE = re.compile(r"[A-Z][A-Z_]*\Z")
_ARGUMENT = re.compile(r"Argument '\w+' has invalid value")


class InProcessSubgraph:
    """Runs the plan's parsed documents on a graphql-core schema.

    Nothing is parsed or validated again: the planner wrote the document for this very schema.
    Resolvers find the host's context in `info.context`.
    """

    def __init__(self, name: str, schema: GraphQLSchema) -> None:
        self.name = name
        self._schema = schema

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Answer one fetch."""
        result = execute(
            self._schema,
            request.fetch.document,
            context_value=request.context,
            variable_values=dict(request.variables),
        )
        if isinstance(result, Awaitable):
            result = await result
        return _response(result)

    async def aclose(self) -> None:
        """There is nothing to release."""


def _response(result: ExecutionResult) -> SubgraphResponse:
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

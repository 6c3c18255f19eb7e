"""Whatever no other rule names must still come out as a valid schema for clients."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import DocumentNode, GraphQLError, build_ast_schema, validate_schema

from federation.api_schema import api_document
from federation.errors import CompositionMistake

__all__ = ["api_schema_is_valid"]


def api_schema_is_valid(supergraph: DocumentNode) -> Iterator[CompositionMistake]:
    """Yield INVALID_GRAPHQL for each rule of GraphQL section 3 that the API schema breaks."""
    try:
        schema = build_ast_schema(api_document(supergraph), assume_valid_sdl=True)
    except (GraphQLError, TypeError) as error:
        yield CompositionMistake("INVALID_GRAPHQL", str(error))
        return
    for mistake in validate_schema(schema):
        yield CompositionMistake("INVALID_GRAPHQL", mistake.message)

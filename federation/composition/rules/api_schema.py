"""Whatever no other rule names must still come out as a valid schema for clients."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import DocumentNode, GraphQLError

from federation.api_schema import api_document
from federation.errors import CompositionMistake
from federation.validity import build_served_schema

__all__ = ["api_schema_is_valid"]


def api_schema_is_valid(supergraph: DocumentNode) -> Iterator[CompositionMistake]:
    """Yield INVALID_GRAPHQL for each rule of GraphQL section 3 that the API schema breaks."""
    try:
        _, mistakes = build_served_schema(api_document(supergraph))
    except (GraphQLError, TypeError) as error:
        yield CompositionMistake("INVALID_GRAPHQL", str(error))
        return
    for mistake in mistakes:
        yield CompositionMistake("INVALID_GRAPHQL", mistake.message)

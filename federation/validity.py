"""Which of GraphQL's rules for type systems (section 3) a schema breaks.

One rule of late drafts is left to those who own a schema: that a field may be deprecated only where
its interface's is. Subgraphs, and supergraphs composed elsewhere, were never held to it. Composers
have also made supergraphs whose types implement their interfaces incompletely: whoever only serves
one answers what does not touch the gap.
"""

from __future__ import annotations

import re

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    build_ast_schema,
    validate_schema,
)

__all__ = ["broken_rules", "build_served_schema"]

_TOLERATED = re.compile(r"Interface field \S+ is not deprecated, so implementation field")
_INCOMPLETE = re.compile(r"Interface field |Type \S+ must implement ")


def broken_rules(schema: GraphQLSchema) -> list[GraphQLError]:
    """An error for each broken rule, such as an interface implemented incompletely."""
    return [error for error in validate_schema(schema) if not _TOLERATED.match(error.message)]


def build_served_schema(
    document: DocumentNode, *, allow_incomplete: bool = False
) -> tuple[GraphQLSchema, list[GraphQLError]]:
    """The schema of a document, which operations can be run on when no rule is broken.

    Args:
        document: Definitions of one schema.
        allow_incomplete: Whether types may implement interfaces incompletely.

    Raises `GraphQLError` or `TypeError` for a document that is no schema at all.
    """
    schema = build_ast_schema(document, assume_valid_sdl=True)
    broken = [
        error
        for error in broken_rules(schema)
        if not (allow_incomplete and _INCOMPLETE.match(error.message))
    ]
    if not broken and validate_schema(schema):
        # graphql-core runs nothing on a schema that it has seen break any rule.
        schema = build_ast_schema(document, assume_valid=True)
    return schema, broken

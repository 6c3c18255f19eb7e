"""A subgraph of the shop as an executable schema."""

from __future__ import annotations

from typing import Any

import orjson
from graphql import GraphQLObjectType, GraphQLSchema, build_schema, graphql_sync

from bench.federation.shop import Row, ShopSubgraph

__all__ = ["answer", "executable"]

_DIRECTIVES = """
scalar FieldSet
directive @key(fields: FieldSet!) repeatable on OBJECT
directive @requires(fields: FieldSet!) on FIELD_DEFINITION
directive @external on FIELD_DEFINITION
scalar _Any
"""


def executable(subgraph: ShopSubgraph) -> GraphQLSchema:
    """The schema with its resolvers and `_entities`."""
    extends = "extend " if "type Query" in subgraph.types else ""
    entry = f"""
    union _Entity = {" | ".join(subgraph.entities)}
    {extends}type Query {{ _entities(representations: [_Any!]!): [_Entity]! }}
    """
    schema = build_schema(_DIRECTIVES + subgraph.types + entry)

    def entities(_root: Any, _info: Any, representations: list[Row]) -> list[Row | None]:
        return [_entity(subgraph, representation) for representation in representations]

    resolvers = {**subgraph.resolvers, "Query._entities": entities}
    for coordinate, resolve in resolvers.items():
        type_name, _, field = coordinate.partition(".")
        type_ = schema.type_map[type_name]
        if isinstance(type_, GraphQLObjectType):
            type_.fields[field].resolve = resolve
    return schema


def _entity(subgraph: ShopSubgraph, representation: Row) -> Row | None:
    name = representation["__typename"]
    row = subgraph.entities[name](representation)
    return None if row is None else {**row, "__typename": name}


def answer(schema: GraphQLSchema, body: bytes) -> bytes:
    """The body of a response to the body of a request."""
    request = orjson.loads(body)
    result = graphql_sync(schema, request["query"], variable_values=request.get("variables"))
    return orjson.dumps(result.formatted)

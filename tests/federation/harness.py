"""Subgraphs made of SDL and plain rows, in the process or on a real HTTP port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer
from graphql import (
    REMOVE,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    SchemaExtensionNode,
    Visitor,
    build_ast_schema,
    extend_schema,
    graphql,
    parse,
    visit,
)

Row = dict[str, Any]
Resolver = Callable[..., Any]

_KEPT = frozenset({"deprecated", "specifiedBy", "oneOf"})


@dataclass(frozen=True)
class SubgraphCase:
    """What one subgraph is made of."""

    name: str
    sdl: str
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    """Entities by type; a representation finds the first row that agrees with it."""
    resolvers: Mapping[str, Resolver] = field(default_factory=dict)
    """By coordinate; takes (source, info, **arguments). All other fields read the row's key."""
    references: Mapping[str, Callable[[Row], Row | None]] = field(default_factory=dict)
    """Where rows do not do: makes the entity of a type from its representation."""

    def schema(self) -> GraphQLSchema:
        """The executable schema with `_entities` and `_service`."""
        document = parse(self.sdl)
        schema = _executable(document)
        schema = extend_schema(schema, parse(_federation_fields(document, schema)))
        query = schema.query_type
        assert query is not None
        query.fields["_entities"].resolve = self._entities
        query.fields["_service"].resolve = lambda *_: {"sdl": self.sdl}
        for coordinate, resolve in self.resolvers.items():
            type_name, _, field_name = coordinate.partition(".")
            type_ = schema.type_map[type_name]
            assert isinstance(type_, GraphQLObjectType)
            type_.fields[field_name].resolve = resolve
        return schema

    def _entities(
        self, _source: Any, info: GraphQLResolveInfo[Any], representations: list[Row]
    ) -> list[Row | None]:
        return [self._entity(info.schema, item) for item in representations]

    def _entity(self, schema: GraphQLSchema, representation: Row) -> Row | None:
        reference = self.references.get(representation["__typename"])
        if reference is not None:
            entity = reference(representation)
            return entity and {"__typename": representation["__typename"], **entity}
        for name in _concrete(schema, representation["__typename"]):
            for row in self.rows.get(name, ()):
                if agrees(representation, row):
                    return {**joined(representation, row), "__typename": name}
        return None


def agrees(representation: Any, row: Any) -> bool:
    """Whether a row has nothing that contradicts a representation, and something that fits it."""
    if isinstance(representation, dict) and isinstance(row, dict):
        shared = [key for key in representation if key != "__typename" and key in row]
        return bool(shared) and all(agrees(representation[key], row[key]) for key in shared)
    if isinstance(representation, list) and isinstance(row, list):
        return len(representation) == len(row) and all(map(agrees, representation, row))
    return bool(representation == row)


def joined(representation: Any, row: Any) -> Any:
    """A row with what its representation adds: required fields that others answered."""
    if isinstance(representation, dict) and isinstance(row, dict):
        both = {key: joined(value, row[key]) for key, value in representation.items() if key in row}
        return {**representation, **row, **both}
    if isinstance(representation, list) and isinstance(row, list):
        return list(map(joined, representation, row))
    return row


def _concrete(schema: GraphQLSchema, name: str) -> Iterable[str]:
    type_ = schema.type_map.get(name)
    if isinstance(type_, GraphQLInterfaceType):
        return [possible.name for possible in schema.get_possible_types(type_)]
    return [name]


class _WithoutFederation(Visitor):
    """Drops what only composition reads, so that graphql-core can build the rest."""

    def enter_directive(self, node: DirectiveNode, *_context: Any) -> Any:
        return None if node.name.value in _KEPT else REMOVE

    def enter_directive_definition(self, _node: DirectiveDefinitionNode, *_context: Any) -> Any:
        return REMOVE

    def enter_schema_extension(self, _node: SchemaExtensionNode, *_context: Any) -> Any:
        return REMOVE


def _executable(document: DocumentNode) -> GraphQLSchema:
    stripped: DocumentNode = visit(document, _WithoutFederation())
    nodes: dict[str, ObjectTypeDefinitionNode] = {}
    others = []
    for node in stripped.definitions:
        if not isinstance(node, (ObjectTypeDefinitionNode, ObjectTypeExtensionNode)):
            others.append(node)
            continue
        base = nodes.get(node.name.value)
        nodes[node.name.value] = ObjectTypeDefinitionNode(
            name=node.name,
            description=None,
            directives=(),
            interfaces=(*(base.interfaces or () if base else ()), *(node.interfaces or ())),
            fields=(*(base.fields or () if base else ()), *(node.fields or ())),
        )
    if "Query" not in nodes:
        others.extend(parse("type Query { _empty: Boolean }").definitions)
    merged = DocumentNode(definitions=(*others, *nodes.values()))
    return build_ast_schema(merged, assume_valid_sdl=True)


def _federation_fields(document: DocumentNode, schema: GraphQLSchema) -> str:
    entities = sorted(_entity_names(document) & schema.type_map.keys())
    union = f"union _Entity = {' | '.join(entities)}" if entities else "scalar _Entity"
    return f"""
        scalar _Any
        type _Service {{ sdl: String! }}
        {union}
        extend type Query {{
            _entities(representations: [_Any!]!): [_Entity]!
            _service: _Service!
        }}
    """


def _entity_names(document: DocumentNode) -> set[str]:
    return {
        node.name.value
        for node in document.definitions
        if isinstance(node, (ObjectTypeDefinitionNode, ObjectTypeExtensionNode))
        and any(entry.name.value.endswith("key") for entry in node.directives or ())
    }


def handler(schema: GraphQLSchema) -> Callable[[web.Request], Any]:
    """A GraphQL-over-HTTP endpoint, as small as can be."""

    async def handle(request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        result = await graphql(
            schema, body["query"], context_value=request, variable_values=body.get("variables")
        )
        return web.Response(body=orjson.dumps(result.formatted), content_type="application/json")

    return handle


@asynccontextmanager
async def serving(schemas: Mapping[str, GraphQLSchema]) -> AsyncIterator[dict[str, str]]:
    """Serve each schema under its name; yields their URLs."""
    app = web.Application()
    for name, schema in schemas.items():
        app.router.add_post(f"/{name}", handler(schema))
    server = TestServer(app)
    await server.start_server()
    try:
        yield {name: str(server.make_url(f"/{name}")) for name in schemas}
    finally:
        await server.close()

"""However a schema is cut into subgraphs, the answer is that of the whole."""

from __future__ import annotations

from typing import Any, NamedTuple

from graphql import (
    ExecutionResult,
    GraphQLObjectType,
    GraphQLSchema,
    build_ast_schema,
    execute,
    parse,
    validate,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.api_schema import api_document
from federation.engine import Engine
from federation.operation import Grants
from federation.supergraph import Supergraph
from federation.transport.in_process import InProcessSubgraph
from tests.federation import shop
from tests.federation.cuts import Cut, cases, cuts, supergraph_sdl
from tests.federation.queries import RandomOperation, operations

_OFTEN = 11
"""Uses after which an operation runs on generated code."""


def whole_schema(supergraph: Supergraph) -> GraphQLSchema:
    schema = build_ast_schema(api_document(supergraph.document))
    for coordinate, resolve in shop.RESOLVERS.items():
        type_name, _, field_name = coordinate.partition(".")
        type_ = schema.type_map[type_name]
        assert isinstance(type_, GraphQLObjectType)
        if field_name in type_.fields:
            type_.fields[field_name].resolve = resolve
    return schema


class Case(NamedTuple):
    """A cut with operations on what it composes to."""

    cut: Cut
    supergraph: Supergraph
    operations: list[RandomOperation]


@st.composite
def random_cases(draw: Any) -> Case:
    cut = draw(cuts())
    supergraph = Supergraph.parse(supergraph_sdl(cut))
    drawn = draw(st.lists(operations(supergraph.api_schema, 3), min_size=1, max_size=3))
    return Case(cut, supergraph, drawn)


# Cores are shared: slow generation says nothing about the code.
@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(random_cases())
async def test_every_cut_answers_alike(case: Case) -> None:
    schema = whole_schema(case.supergraph)
    subgraphs = {each.name: InProcessSubgraph(each.name, each.schema()) for each in cases(case.cut)}
    engine = Engine(case.supergraph, subgraphs)
    for operation in case.operations:
        document = parse(operation.text)
        if validate(schema, document):
            continue
        expected = execute(schema, document, variable_values=operation.variables)
        assert isinstance(expected, ExecutionResult)
        prepared = engine.prepare(operation.text)
        values = engine.coerce_variables(prepared, operation.variables)
        for _ in range(_OFTEN):
            response = await engine.execute(prepared, values, grants=Grants())
            assert response.data == expected.data
            assert bool(response.errors) == bool(expected.errors)

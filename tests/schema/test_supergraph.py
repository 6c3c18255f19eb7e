"""The committed supergraph, and what must hold for every field of the graph."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema, parse

from federation.supergraph import Supergraph
from gateway.modules import compose_modules
from schema.subgraphs import subgraphs

COMMITTED = Path(__file__).parents[2] / "schema" / "supergraph.graphql"


@pytest.fixture(scope="module")
def supergraph() -> Supergraph:
    return Supergraph.parse(compose_modules(subgraphs()).sdl)


@pytest.fixture(scope="module")
def api(supergraph: Supergraph) -> GraphQLSchema:
    return supergraph.api_schema


def test_the_committed_supergraph_is_what_the_modules_compose_to() -> None:
    composed = compose_modules(subgraphs()).sdl
    committed = COMMITTED.read_text(encoding="utf-8")
    assert parse(committed, no_location=True) == parse(composed, no_location=True), (
        "schema/supergraph.graphql is out of date: run scripts/compose"
    )


def test_the_modules_agree_in_what_they_share() -> None:
    assert compose_modules(subgraphs()).hints == ()


def own_types(schema: GraphQLSchema) -> list[GraphQLObjectType | GraphQLInputObjectType]:
    return [
        type_
        for type_ in schema.type_map.values()
        if isinstance(type_, GraphQLObjectType | GraphQLInputObjectType)
        and not type_.name.startswith("__")
    ]


def test_everything_a_client_sees_is_described(api: GraphQLSchema) -> None:
    missing: list[str] = []
    for type_ in own_types(api):
        if not type_.description and type_.name not in {"Query", "Mutation"}:
            missing.append(type_.name)
        for name, field in type_.fields.items():
            if not field.description:
                missing.append(f"{type_.name}.{name}")
            for argument, value in getattr(field, "args", {}).items():
                if not value.description:
                    missing.append(f"{type_.name}.{name}({argument}:)")
    assert missing == []


def test_every_mutation_takes_one_input_and_answers_a_payload(api: GraphQLSchema) -> None:
    assert api.mutation_type is not None
    for name, field in api.mutation_type.fields.items():
        capitalised = name[0].upper() + name[1:]
        assert [(arg, str(value.type)) for arg, value in field.args.items()] == [
            ("input", f"{capitalised}Input!")
        ]
        assert str(field.type) == f"{capitalised}Payload"


def test_every_root_field_says_whom_it_answers(supergraph: Supergraph) -> None:
    schema = supergraph.api_schema
    for root in (schema.query_type, schema.mutation_type):
        assert root is not None
        unguarded = [
            name for name in root.fields if f"{root.name}.{name}" not in supergraph.requirements
        ]
        assert unguarded == []


@pytest.mark.parametrize("module", subgraphs(), ids=lambda module: module.name)
def test_a_module_stands_alone_as_a_subgraph(module: object) -> None:
    sdl = module.sdl  # type: ignore[attr-defined] # a ModuleSubgraph
    assert "@link" in sdl
    assert "_entities" in sdl

"""No field of any module is answered one object at a time without saying so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
)

from federation.compiled.declared import declared
from schema.base.modules import ModuleSubgraph
from schema.subgraphs import subgraphs

MODULES = subgraphs()
RESOLVERS = frozenset({"Query._service"})
"""Fields answered by a graphql-core resolver, knowingly: the subgraph's own document."""


def fields_of(module: ModuleSubgraph) -> Iterator[tuple[str, GraphQLField]]:
    """But subscriptions, each of whose events is one object."""
    for type_ in set(module.schema.type_map.values()) - {module.schema.subscription_type}:
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("_"):
            for name, field in type_.fields.items():
                yield f"{type_.name}.{name}", field


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_every_field_is_declared_for_execution_by_lists(module: ModuleSubgraph) -> None:
    undeclared = {name for name, field in fields_of(module) if declared(field).is_resolver}
    assert undeclared - RESOLVERS == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_types_of_rows_are_told_without_a_resolver(module: ModuleSubgraph) -> None:
    for type_ in module.schema.type_map.values():
        if isinstance(type_, (GraphQLInterfaceType, GraphQLUnionType)):
            assert "type_of" in (type_.extensions or {}), type_.name


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_enums_are_written_by_the_list(module: ModuleSubgraph) -> None:
    for type_ in module.schema.type_map.values():
        if isinstance(type_, GraphQLEnumType) and not type_.name.startswith("__"):
            assert "write_column" in (type_.extensions or {}), type_.name

"""Modules asked by key, as a router asks them, know nothing of another account's objects."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLUnionType

from auth.caller import Caller, Role
from datasources.database import Pool
from schema.base.modules import Module
from schema.subgraphs import MODULES
from tests.harness.graph import Graph
from tests.harness.module import Answer, ModuleGraph
from tests.isolation.answers import marked
from tests.isolation.samples import variables_of
from tests.isolation.tenants import ALPHA, NOBODYS, OMEGA, PLATFORMS, SECRET, Tenant
from tests.isolation.walk import Walk

READERS = {"account admin": ALPHA.caller(Role.ACCOUNT_ADMIN), "service": ALPHA.machine()}


def _said(tenant: Tenant) -> tuple[str, ...]:
    return *tenant.ids, tenant.mail("person")


def _representations(types: list[str], tenant: Tenant) -> list[dict[str, str]]:
    """Every entity by every id, with what other modules would tell of it beside its key."""
    told = {"accountId": tenant.account_id, "email": tenant.mail("person")}
    ids = (*tenant.ids, *PLATFORMS)
    return [{"__typename": name, "id": id, **told} for name in types for id in ids]


async def _entities(
    module: ModuleGraph, caller: Caller, tenant: Tenant
) -> tuple[list[dict[str, str]], Answer]:
    walk = Walk(module.subgraph.schema, frozenset())
    document = walk.to_field(("Query", "_entities"), 1)
    given = "Query._entities.representations"
    known = {name: at for name, at in document.variables.items() if at != given}
    union = walk.schema.type_map["_Entity"]
    assert isinstance(union, GraphQLUnionType)
    types = [type_.name for type_ in union.types]
    of = _representations(types, tenant)
    variables = variables_of(known, ALPHA, "COPILOT")
    answer = await module.ask(
        caller, document.text, **variables, Query__entities_representations=of
    )
    return of, answer


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [
            text
            for name, item in value.items()
            if "__typename" not in name
            for text in _texts(item)
        ]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [] if value is None else [str(value)]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
@pytest.mark.parametrize("name", READERS)
async def test_another_account_s_keys_lead_to_nothing(
    graph: Graph, module: Module, name: str
) -> None:
    pool = graph.services.databases
    assert isinstance(pool, Pool)
    _, answer = await _entities(ModuleGraph(module, pool), READERS[name], OMEGA)

    for found in answer.data["_entities"] or ():
        texts = [text for text in _texts(found) if text not in _said(OMEGA)]
        assert not [text for text in texts if marked(text, (*OMEGA.marks, NOBODYS, SECRET))]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
async def test_one_s_own_keys_lead_to_every_kind_of_entity(graph: Graph, module: Module) -> None:
    pool = graph.services.databases
    assert isinstance(pool, Pool)
    of, answer = await _entities(ModuleGraph(module, pool), READERS["account admin"], ALPHA)

    found = {
        asked["__typename"]
        for asked, answered in zip(of, answer.data["_entities"], strict=True)
        if answered is not None
    }
    assert found == {asked["__typename"] for asked in of}

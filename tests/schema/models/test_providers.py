"""Providers of models: written by their code, with server variables that the server allows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from datasources.access_tables import model_catalog
from datasources.database import Pool
from tests.harness.access import ADMIN, fill_access
from tests.harness.callers import super_admin
from tests.harness.directory import id_of
from tests.harness.graph import Graph
from tests.harness.rows import add
from tests.harness.sql import look

FIELDS = """provider { id code name endpointVariable apiKeyVariable isActive modelCount }
  userErrors { code path }"""
LIST = """query ($filter: ModelProviderFilter) {
  platform { modelProviders(filter: $filter) { totalCount nodes { code } } } }"""


@pytest.fixture
async def graph(pool: Pool) -> Graph:
    await fill_access(pool)
    graph = Graph(pool)
    graph.services = replace(graph.services, provider_variables=frozenset({"LAB_URL", "LAB_KEY"}))
    return graph


async def put(graph: Graph, **input: Any) -> Any:
    text = f"""mutation ($input: SetModelProviderInput!) {{
      setModelProvider(input: $input) {{ {FIELDS} }} }}"""
    answer = await graph.ask(super_admin(), text, input=input)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["setModelProvider"]


async def remove(graph: Graph, id: str) -> Any:
    text = """mutation ($id: ID!) { deleteModelProvider(input: {id: $id}) {
      deletedId userErrors { code } } }"""
    answer = await graph.ask(super_admin(), text, id=id)
    assert answer.data is not None
    return answer.data["deleteModelProvider"]


async def actions(pool: Pool) -> list[tuple[Any, ...]]:
    return await look(
        pool, "SELECT action, resource_type FROM copilot.audit_log ORDER BY created_at"
    )


async def test_a_provider_is_created_changed_and_removed(graph: Graph, pool: Pool) -> None:
    made = await put(graph, code=" Lab ", name="The lab", endpointVariable="LAB_URL")
    provider = made["provider"]
    assert made["userErrors"] == []
    assert (provider["code"], provider["endpointVariable"]) == ("lab", "LAB_URL")
    changed = await put(graph, code="LAB", apiKeyVariable="LAB_KEY", endpointVariable=None)
    assert changed["provider"] == {
        **provider,
        "endpointVariable": None,
        "apiKeyVariable": "LAB_KEY",
    }
    assert (await put(graph, code="lab", name="The lab"))["userErrors"] == []
    assert (await remove(graph, provider["id"]))["deletedId"] == provider["id"]
    assert await actions(pool) == [
        ("create", "model_provider"),
        ("update", "model_provider"),
        ("delete", "model_provider"),
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("REQUIRED", "name")),
        ({"name": " "}, ("REQUIRED", "name")),
        ({"code": "a b", "name": "x"}, ("INVALID", "code")),
        ({"name": "x", "isActive": None}, ("REQUIRED", "isActive")),
        ({"name": "x", "apiKeyVariable": "DATABASE_URL"}, ("INVALID", "apiKeyVariable")),
        ({"name": "x", "endpointVariable": "lab_url"}, ("INVALID", "endpointVariable")),
    ],
)
async def test_what_a_provider_cannot_be(
    graph: Graph, pool: Pool, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    (error,) = (await put(graph, **{"code": "lab", **given}))["userErrors"]
    assert (error["code"], error["path"][-1]) == expected
    assert await actions(pool) == []


async def test_a_provider_that_models_name_stays(graph: Graph, pool: Pool) -> None:
    id = (await put(graph, code="lab", name="Lab"))["provider"]["id"]
    await add(pool, model_catalog, model_name="a", provider="LAB", is_active=False)
    assert (await put(graph, code="lab", name="New"))["provider"]["modelCount"] == 1
    assert (await remove(graph, id))["userErrors"] == [{"code": "IN_USE"}]
    assert (await remove(graph, id_of("nobody")))["userErrors"] == [{"code": "NOT_FOUND"}]


async def test_operators_list_them_and_nobody_else(graph: Graph) -> None:
    for code, is_active in (("lab", True), ("works", False)):
        await put(graph, code=code, name=code, isActive=is_active)

    async def codes(**filter: Any) -> list[str]:
        answer = await graph.ask(super_admin(), LIST, filter=filter)
        assert answer.data is not None
        return [node["code"] for node in answer.data["platform"]["modelProviders"]["nodes"]]

    assert await codes() == ["lab", "works"]
    assert await codes(search="OR") == ["works"]
    assert await codes(isActive=True) == ["lab"]
    refused = await graph.ask(ADMIN, LIST)
    assert {error.extensions["code"] for error in refused.errors} == {"FORBIDDEN"}

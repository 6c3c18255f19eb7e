"""The feature catalogue as super admins read it."""

from __future__ import annotations

from typing import Any

import pytest

from auth.policy import FEATURE_KEYS
from datasources.database import Pool
from tests.harness.access import ADMIN
from tests.harness.callers import super_admin
from tests.harness.graph import Graph

LIST = """
query ($first: Int, $after: String, $filter: FeatureFilter, $orderBy: FeatureOrder) { platform {
  features(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    totalCount nodes { code key level parent { code } children { code } } pageInfo { endCursor }
  } } }
"""


@pytest.fixture
def graph(pool: Pool) -> Graph:
    return Graph(pool)


async def listed(graph: Graph, **arguments: Any) -> Any:
    answer = await graph.ask(super_admin(), LIST, **arguments)
    assert answer.errors == ()
    assert answer.data is not None
    return answer.data["platform"]["features"]


def codes(found: Any) -> list[str]:
    return [node["code"] for node in found["nodes"]]


async def test_every_feature_is_listed_in_display_order(graph: Graph) -> None:
    found = await listed(graph)
    assert {node["key"] for node in found["nodes"]} == FEATURE_KEYS
    assert found["totalCount"] == len(FEATURE_KEYS)
    assert codes(found)[:3] == ["budgets", "agents", "agents.create"]


async def test_modules_show_what_lies_below_them(graph: Graph) -> None:
    found = await listed(graph, filter={"levels": ["MODULE"]})
    assert {node["level"] for node in found["nodes"]} == {"MODULE"}
    below = {node["code"]: [child["code"] for child in node["children"]] for node in found["nodes"]}
    assert below["agents"] == ["agents.create"]
    assert codes(await listed(graph, filter={"parentCode": "agents"})) == ["agents.create"]


async def test_it_can_be_searched_sorted_and_paged(graph: Graph) -> None:
    assert codes(await listed(graph, filter={"search": "SIGN-ON"})) == ["sso"]
    assert codes(await listed(graph, filter={"isActive": False})) == []
    order = {"field": "CODE", "direction": "DESC"}
    first = await listed(graph, first=2, orderBy=order)
    assert codes(first) == ["sso", "playground.images"]
    after = first["pageInfo"]["endCursor"]
    assert codes(await listed(graph, first=1, after=after, orderBy=order)) == ["playground"]
    assert codes(await listed(graph, first=1, orderBy={"field": "NAME"})) == ["agents"]


async def test_one_feature_is_found_by_its_code_and_by_super_admins_alone(graph: Graph) -> None:
    ask = "query ($code: String!) { platform { feature(code: $code) { name } } }"
    found = await graph.ask(super_admin(), ask, code="sso")
    assert found.data == {"platform": {"feature": {"name": "Single sign-on"}}}
    missing = await graph.ask(super_admin(), ask, code="nothing")
    assert missing.data == {"platform": {"feature": None}}
    refused = await graph.ask(ADMIN, ask, code="sso")
    assert [error.extensions["code"] for error in refused.errors] == ["FORBIDDEN"]

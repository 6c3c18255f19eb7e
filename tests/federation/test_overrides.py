"""Progressive override: one field, two subgraphs, and a label that decides for each request."""

from __future__ import annotations

import pytest

from federation.composition import SubgraphSource, compose
from federation.engine import Engine
from federation.operation import Grants
from federation.overrides import OverrideLabels
from federation.planning import Planner
from federation.subgraph import SubgraphResponse
from federation.supergraph import Supergraph
from tests.federation.planning.harness import fetches, operation
from tests.federation.plans import ScriptedSubgraph, answering

LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.7",
  import: ["@key", "@override", "@external", "@requires", "@shareable"])
"""
OLD = """
type Query { item: Item }
type Item @key(fields: "id") { id: ID!  price: Int  stock: Int  weight: Int }
"""
NEW = """
type Item @key(fields: "id") {
  id: ID!
  weight: Int @external
  price: Int @override(from: "old-shop", label: "percent(20)")
  stock: Int @override(from: "old-shop", label: "beta") @requires(fields: "weight")
}
"""


def sdl_text() -> str:
    sources = [
        SubgraphSource("old-shop", None, LINK + OLD),
        SubgraphSource("new", None, LINK + NEW),
    ]
    return compose(sources).sdl


def supergraph() -> Supergraph:
    return Supergraph.parse(sdl_text())


def asked(query: str, *labels: str) -> list[str]:
    """What each fetch asks, in order."""
    plan = Planner(supergraph()).plan(operation(query), labels=frozenset(labels))
    return [f"{fetch.subgraph}: {fetch.operation.partition(') ')[2] or fetch.operation}"
            for fetch in fetches(plan.node)]  # fmt: skip


def test_without_its_label_the_overridden_subgraph_answers() -> None:
    assert asked("{ item { price stock } }") == ["old-shop: { item { price stock } }"]


def test_with_its_label_the_overriding_subgraph_answers() -> None:
    first, second = asked("{ item { price stock } }", "percent(20)")
    assert first.startswith("old-shop:")
    assert "stock" in first
    assert "price" not in first
    assert second.startswith("new:")
    assert "{ price }" in second


def test_what_an_overriding_field_requires_is_fetched_with_the_label_only() -> None:
    first, second = asked("{ item { stock } }", "beta")
    assert "weight" in first
    assert "stock" in second
    assert asked("{ item { stock } }", "other") == ["old-shop: { item { stock } }"]


def test_a_used_field_with_a_label_is_not_yet_overridden() -> None:
    label, old = 'overrideLabel: "percent(20)")', "@join__field(graph: OLD_SHOP"
    used = f"{label} {old}, usedOverridden: true, {label}"
    sdl = sdl_text().replace(f"{label} {old})", used)
    assert used in sdl
    plan = Planner(Supergraph.parse(sdl)).plan(operation("{ item { price } }"))
    assert [fetch.subgraph for fetch in fetches(plan.node)] == ["old-shop"]


@pytest.mark.parametrize(
    ("drawn", "named", "expected"),
    [
        (0.0, set(), {"percent(20)"}),
        (0.1999, {"beta", "unknown"}, {"percent(20)", "beta"}),
        (0.2, set(), set()),
        (0.9, {"percent(20)"}, {"percent(20)"}),
    ],
)
def test_labels_hold_by_share_or_by_name(drawn: float, named: set[str], expected: set[str]) -> None:
    labels = OverrideLabels(supergraph(), lambda: drawn)
    assert labels.holding(frozenset(named)) == expected


async def test_plans_are_kept_apart_by_the_labels_that_hold() -> None:
    new = answering("new", {"_entities": [{"stock": 2}]})
    item = {"__typename": "Item", "id": "1", "weight": 5, "stock": 1}
    old = ScriptedSubgraph("old-shop", lambda _: SubgraphResponse({"item": dict(item)}, ()))
    engine = Engine(supergraph(), {"old-shop": old, "new": new})
    prepared = engine.prepare("{ item { stock } }")
    found = []
    for labels in (frozenset(), frozenset({"beta"}), frozenset()):
        response = await engine.execute(prepared, {}, grants=Grants(), labels=labels)
        assert response.errors == ()
        found.append(response.data)
    assert found == [{"item": {"stock": 1}}, {"item": {"stock": 2}}, {"item": {"stock": 1}}]

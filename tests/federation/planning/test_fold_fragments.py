"""Fields are asked of an interface only where it has them as its object types do."""

from __future__ import annotations

import pytest

from federation.planning import Planner
from federation.supergraph import Supergraph
from tests.federation.planning.harness import fetches, operation

SUPERGRAPH = """
schema @link(url: "https://specs.apollo.dev/join/v0.5") { query: Query }
enum join__Graph { A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") }
type Query @join__type(graph: A) @join__type(graph: B) { i: I @join__field(graph: A) }
interface I @join__type(graph: A) @join__type(graph: B) {
  own: Int  of(n: Int): Int  there: Int @join__field(graph: B)  node: I }
type X implements I @join__type(graph: A) @join__implements(graph: A, interface: "I") {
  own: Int  of(n: Int, m: Int): Int  there: Int  more: Int  node: X }
type Y implements I @join__type(graph: A) @join__implements(graph: A, interface: "I") {
  own: Int  of(n: Int, m: Int): Int  there: Int  more: Int  node: X }
"""


def asked(selection: str) -> str:
    """What the subgraph is asked, if both types are asked the same."""
    text = f"{{ i {{ ... on X {{ {selection} }} ... on Y {{ {selection} }} }} }}"
    plan = Planner(Supergraph.parse(SUPERGRAPH)).plan(operation(text))
    [fetch] = fetches(plan.node)
    return fetch.operation


@pytest.mark.parametrize("selection", ["own", "of(n: 1)", "k: own", "of"])
def test_what_the_interface_has_is_asked_of_it(selection: str) -> None:
    assert asked(selection) == f"{{ i {{ __typename {selection} }} }}"


@pytest.mark.parametrize(
    ("selection", "why"),
    [
        ("of(n: 1, m: 2)", "the interface's field takes fewer arguments"),
        ("there", "the interface has the field in another subgraph"),
        ("more", "the interface has no such field"),
        ("node { more }", "the interface's field is of a wider type"),
    ],
)
def test_what_it_has_not_is_asked_of_its_object_types(selection: str, why: str) -> None:
    both = f"... on X {{ {selection} }} ... on Y {{ {selection} }}"
    assert asked(selection) == f"{{ i {{ __typename {both} }} }}", why

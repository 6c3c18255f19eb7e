"""Where values from above cannot be had, there is no plan."""

from __future__ import annotations

import pytest

from federation.errors import PlanningError
from federation.planning import Planner, print_plan
from federation.supergraph import Supergraph
from tests.federation.planning.harness import operation

# Composition refuses these graphs, but they may have been composed elsewhere.
ARGUMENT = '{context: "a__c", name: "x", type: "Int", selection: "{ n }"}'
SUPERGRAPH = f"""
schema @link(url: "https://specs.apollo.dev/join/v0.5") {{ query: Query }}
enum join__Graph {{ A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") }}
type Query @join__type(graph: A) @join__type(graph: B) {{
  t: T @join__field(graph: A) u: U @join__field(graph: A) i: I @join__field(graph: A)
  away: Away @join__field(graph: A) j: J @join__field(graph: A) }}
type T @join__type(graph: A) @context(name: "a__c") {{ n: Int u: U m: Middle }}
type Middle @join__type(graph: A) {{ u: U }}
type Away @join__type(graph: A) @join__type(graph: B) @context(name: "a__c") {{
  n: Int @join__field(graph: B) u: U @join__field(graph: A) }}
interface I @join__type(graph: A) {{ u: U }}
type V implements I @join__type(graph: A) @join__implements(graph: A, interface: "I")
  @context(name: "a__c") {{ n: Int u: U }}
type W implements I @join__type(graph: A) @join__implements(graph: A, interface: "I") {{ u: U }}
interface J @join__type(graph: A) @join__type(graph: B) {{ u: U @join__field(graph: A) }}
type X implements J @join__type(graph: A) @join__implements(graph: A, interface: "J")
  @context(name: "a__c") {{ n: Int u: U }}
type Y implements J @join__type(graph: B) @join__implements(graph: B, interface: "J") {{ o: Int }}
type U @join__type(graph: A, key: "id") {{
  id: ID! f: Int @join__field(graph: A, contextArguments: [{ARGUMENT}]) }}
"""


def plan(text: str) -> str:
    return print_plan(Planner(Supergraph.parse(SUPERGRAPH)).plan(operation(text)))


def test_a_value_is_found_above_objects_that_do_not_set_it() -> None:
    assert 'Context($contextualArgument_1: Int, path: "t")' in plan("{ t { m { u { f } } } }")


@pytest.mark.parametrize(
    "text",
    [
        "{ u { f } }",
        "{ i { u { f } } }",
        "{ away { u { f } } }",
    ],
)
def test_there_is_no_plan_where_nothing_above_has_the_value(text: str) -> None:
    with pytest.raises(PlanningError, match=r"No subgraph can answer U\.f"):
        plan(text)


def test_object_types_that_cannot_occur_need_not_set_a_context() -> None:
    assert 'path: "j")' in plan("{ j { u { f } } }")

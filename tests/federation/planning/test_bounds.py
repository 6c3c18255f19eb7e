"""Hostile operations are planned or refused within a bounded amount of work."""

from __future__ import annotations

import sys
import time

import pytest

from federation.errors import OperationTooComplexError, PlanningError
from federation.plan import QueryPlan
from federation.planning import Planner
from tests.federation.planning.harness import fetches, operation, supergraph
from tests.federation.worlds.cases import federated

_CPU_SECONDS = 20.0
"""A hundred times what is needed, as other tests' threads count too; a blow-up takes minutes."""


def plan(name: str, text: str) -> QueryPlan:
    started = time.process_time()
    try:
        return Planner(supergraph(name)).plan(operation(text))
    finally:
        assert time.process_time() - started < _CPU_SECONDS


def nested_fragments(count: int, width: int, inner: str) -> str:
    """`count` fragments, each spreading the next `width` times inside `inner`."""
    fragments = [
        f"fragment F{number} on Account {{ "
        + " ".join(inner.format(alias=copy, next=f"...F{number + 1}") for copy in range(width))
        + " }"
        for number in range(count)
    ]
    last = f"fragment F{count} on Account {{ name }}"
    return "\n".join(["{ account { ...F0 } }", *fragments, last])


def test_fragments_spread_many_times_are_entered_once() -> None:
    found = plan("tenants", nested_fragments(18, 3, "{next}"))
    assert found.node is not None


def test_a_response_with_billions_of_fields_is_refused() -> None:
    text = nested_fragments(18, 3, "a{alias}: directory {{ teams {{ account {{ {next} }} }} }}")
    with pytest.raises(OperationTooComplexError, match="too complex"):
        plan("tenants", text)


def test_fragments_under_every_combination_of_conditions_are_refused() -> None:
    count = 14
    variables = " ".join(f"$v{number}: Boolean!" for number in range(count))
    fragments = "\n".join(
        f"fragment F{number} on Account {{ ...F{number + 1} @include(if: $v{number})"
        f" ...F{number + 1} @skip(if: $v{number}) }}"
        for number in range(count)
    )
    last = f"fragment F{count} on Account {{ name }}"
    with pytest.raises(OperationTooComplexError):
        plan("tenants", f"query ({variables}) {{ account {{ ...F0 }} }}\n{fragments}\n{last}")


def test_five_hundred_aliases_share_one_fetch() -> None:
    aliases = " ".join(f"a{number}: account {{ name }}" for number in range(500))
    found = plan("tenants", f"{{ {aliases} }}")
    assert type(found.node).__name__ == "Fetch"


def test_five_hundred_aliases_behind_a_hop_share_one_fetch() -> None:
    aliases = " ".join(f"a{number}: budgets {{ amount }}" for number in range(500))
    found = plan("tenants", f"{{ accounts {{ {aliases} }} }}")
    assert [type(node).__name__ for node in found.node.nodes] == ["Fetch", "Flatten"]  # type: ignore[union-attr]  # a sequence, or the test fails


def test_aliases_that_each_need_fetches_of_their_own_are_refused() -> None:
    hops = "budgets { owner { ... on Team { account { name } } } }"
    aliases = " ".join(f"a{number}: account {{ {hops} }}" for number in range(350))
    with pytest.raises(OperationTooComplexError, match="steps"):
        plan("tenants", f"{{ {aliases} }}")


def test_sixty_by_sixty_inline_fragments_are_planned() -> None:
    inner = " ".join(f"... on Node {{ id t{number}: __typename }}" for number in range(60))
    outer = " ".join(f"... on Item {{ {inner} }}" for _ in range(60))
    assert plan("library", f"{{ items {{ {outer} }} }}").node is not None


def test_a_budget_can_be_set_by_the_host() -> None:
    planner = Planner(supergraph("tenants"), budget=10)
    with pytest.raises(OperationTooComplexError, match="more than 10 steps"):
        planner.plan(operation("{ account { name directory { teams { title } } } }"))


def test_too_deep_an_operation_is_refused() -> None:
    text = "{ loans { to { ...F0 } } }\n" + in_fragments("Person", "loans { to { ", 600, "id")
    with pytest.raises(OperationTooComplexError, match="deeper than"):
        plan("library", text)


def in_fragments(type_name: str, opening: str, count: int, inner: str) -> str:
    """A selection within `count` openings, which no parser could take in one piece."""
    closing = " }" * opening.count("{")
    fragments = [
        f"fragment F{number} on {type_name} {{ {opening} ...F{number + 1} {closing} }}"
        for number in range(count)
    ]
    return "\n".join([*fragments, f"fragment F{count} on {type_name} {{ {inner} }}"])


def chain_of_hops(count: int) -> str:
    """Two hops an opening: every entity is of another subgraph than the one above."""
    opening = "budgets { owner { ... on Team { account { "
    return "{ account { ...F0 } }\n" + in_fragments("Account", opening, count, "name")


@pytest.mark.parametrize("count", [20, 100, 150])
def test_a_long_chain_of_hops_is_planned(count: int) -> None:
    found = plan("tenants", chain_of_hops(count))
    assert len(list(fetches(found.node))) == 1 + 2 * count


def test_an_endless_chain_of_hops_is_refused() -> None:
    with pytest.raises(OperationTooComplexError, match="more than 22000 steps"):
        plan("tenants", chain_of_hops(300))


def test_planning_leaves_the_interpreters_limit_as_it_was() -> None:
    limit = sys.getrecursionlimit()
    plan("tenants", chain_of_hops(100))
    assert sys.getrecursionlimit() == limit


def test_complexity_is_an_error_of_planning() -> None:
    assert issubclass(OperationTooComplexError, PlanningError)


def test_a_mutation_that_starts_in_several_subgraphs_is_refused_where_a_query_would_be() -> None:
    composed = federated("mutations").supergraph
    text = "mutation { both(n: 1) { code product { name isExpensive } } }"
    with pytest.raises(OperationTooComplexError):
        Planner(composed, budget=40).plan(operation(text))

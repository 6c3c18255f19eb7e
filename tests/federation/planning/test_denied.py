"""Denied coordinates are left out of plans, on every way by which they could be reached."""

from __future__ import annotations

import pytest

from federation.planning import Planner
from tests.federation.planning.harness import fetches, operation, supergraph


def documents(name: str, text: str, *denied: str) -> list[str]:
    plan = Planner(supergraph(name)).plan(operation(text), frozenset(denied))
    return [f"{fetch.subgraph}: {fetch.operation}" for fetch in fetches(plan.node)]


def test_a_denied_field_is_not_fetched() -> None:
    assert documents("tenants", "{ account { name plan { code } } }", "Account.name") == [
        "accounts: { account { plan { code } } }"
    ]


def test_a_denied_root_field_leaves_no_fetch() -> None:
    assert documents("tenants", "{ accounts { name } }", "Query.accounts") == []


def test_an_object_whose_fields_are_all_denied_is_still_fetched() -> None:
    assert documents("tenants", "{ accounts { name } }", "Account.name") == [
        "accounts: { accounts { __typename } }"
    ]


def test_a_subgraph_that_only_denied_fields_need_is_not_asked() -> None:
    found = documents("tenants", "{ account { name budgets { amount } } }", "Account.budgets")
    assert found == ["accounts: { account { name } }"]


@pytest.mark.parametrize(
    "text",
    [
        "{ items { title } }",
        "{ items { ... on Item { title } } }",
        "{ items { ...T } } fragment T on Item { ... on Film { title } title }",
    ],
)
def test_a_field_of_one_implementor_is_left_out_behind_its_interface(text: str) -> None:
    found = documents("library", text, "Film.title")
    assert found == ["catalog: { items { __typename ... on Book { title } ... on Map { title } } }"]


def test_a_field_of_one_union_member_is_left_out_in_a_fragment() -> None:
    text = "{ media { ... on Item { title } } }"
    assert documents("library", text, "Book.title") == [
        "catalog: { media { __typename ... on Film { title } } }"
    ]


def test_a_field_lent_by_an_interface_object_is_asked_only_for_other_types() -> None:
    found = documents("library", "{ items { stars } }", "Book.stars", "Map.stars")
    assert found == [
        "catalog: { items { __typename ... on Film { id } } }",
        "ratings: query($representations: [_Any!]!) "
        "{ _entities(representations: $representations) { ... on Item { stars } } }",
    ]


def test_a_denied_field_that_others_require_still_serves_them() -> None:
    found = documents("trade", "{ products { weight freight } }", "Product.weight")
    assert found[0] == ('products: { products { sku weight(unit: "lb") size { height width } } }')


def test_nothing_denied_plans_interfaces_as_a_whole() -> None:
    assert documents("library", "{ items { title } }") == [
        "catalog: { items { __typename title } }"
    ]

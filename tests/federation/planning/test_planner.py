"""What plans hold beyond their printed form, and how planning fails."""

from __future__ import annotations

import json

import pytest
from graphql import print_ast, strip_ignored_characters

from federation.errors import PlanningError
from federation.plan import (
    Fetch,
    Flatten,
    OperationKind,
    Parallel,
    RequiredField,
    Sequence,
    Subscription,
)
from federation.planning import Planner, plan_to_json, print_plan
from federation.supergraph import Supergraph
from tests.federation.planning.harness import fetches, operation, supergraph


def test_a_fetch_lists_exactly_the_variables_its_document_uses() -> None:
    text = """query Tenant($id: ID!, $first: Int = 10, $owner: ID) {
      account(id: $id) { directory { groups(first: $first) { title } }
                         budgets(filter: { owner: $owner }) { amount } } }"""
    plan = Planner(supergraph("tenants")).plan(operation(text))
    found = {fetch.subgraph: fetch for fetch in fetches(plan.node)}
    assert found["directory"].variables == ("id", "first")
    assert found["budgets"].variables == ("id", "owner")
    assert "$first: Int = 10" in found["directory"].operation
    assert "$owner" not in found["directory"].operation


def test_variables_of_conditions_are_declared() -> None:
    text = "query ($deep: Boolean!) { account { name plan @include(if: $deep) { code } } }"
    (fetch,) = fetches(Planner(supergraph("tenants")).plan(operation(text)).node)
    assert fetch.variables == ("deep",)


def test_fetches_carry_the_operations_name_their_subgraph_and_a_number() -> None:
    text = "query Team { budget(id: 1) { owner { ... on Team { title } } } }"
    first, second = fetches(Planner(supergraph("tenants")).plan(operation(text)).node)
    assert first.operation.startswith("query Team__budgets__0")
    assert second.operation.startswith("query Team__directory__1(")


def test_text_and_document_of_a_fetch_are_the_same() -> None:
    text = """query Wide($v: Boolean!, $s: Status) {
      orders(status: $s) { id eta @include(if: $v)
        lines { product { price(currency: "a b") } } } }"""
    plan = Planner(supergraph("trade")).plan(operation(text))
    for fetch in fetches(plan.node):
        written = strip_ignored_characters(print_ast(fetch.document))
        assert strip_ignored_characters(fetch.operation) == written


def test_an_entity_fetch_requires_the_key_it_was_planned_with() -> None:
    text = "{ orders { lines { number parcel } } }"
    plan = Planner(supergraph("trade")).plan(operation(text))
    assert isinstance(plan.node, Sequence)
    flatten = plan.node.nodes[1]
    assert isinstance(flatten, Flatten)
    (line,) = flatten.node.requires
    assert line.type_name == "Line"
    assert line.represent_as is None
    assert set(line.selections) == {
        RequiredField("order", "order", (RequiredField("id", "id"),)),
        RequiredField("number", "number"),
    }


def test_a_required_field_is_read_from_its_internal_alias() -> None:
    plan = Planner(supergraph("trade")).plan(operation("{ products { weight freight } }"))
    _, shipping = fetches(plan.node)
    (product,) = shipping.requires
    assert RequiredField("weight", "_weight_1") in product.selections


def test_the_first_fetch_of_a_subscription_subscribes() -> None:
    text = "subscription { granted { owner { ... on Team { title } } } }"
    plan = Planner(supergraph("tenants")).plan(operation(text)).node
    assert isinstance(plan, Subscription)
    assert plan.primary.kind is OperationKind.SUBSCRIPTION
    (second,) = fetches(plan.rest)
    assert second.kind is OperationKind.QUERY


def test_a_subscription_that_needs_nothing_else_has_no_rest() -> None:
    plan = Planner(supergraph("tenants")).plan(operation("subscription { granted { amount } }"))
    assert isinstance(plan.node, Subscription)
    assert plan.node.rest is None
    assert plan_to_json(plan)["node"]["rest"] is None


def test_only_the_first_fetch_of_a_mutation_mutates() -> None:
    text = "mutation { addTeam(title: 1) { budget { amount } } }"
    first, second = fetches(Planner(supergraph("tenants")).plan(operation(text)).node)
    assert (first.kind, second.kind) == (OperationKind.MUTATION, OperationKind.QUERY)


def test_planning_is_repeatable() -> None:
    text = "{ account { id name directory { teams { account { name budgets { id } } } } } }"
    planner = Planner(supergraph("tenants"))
    assert planner.plan(operation(text)) == planner.plan(operation(text))
    assert Planner(supergraph("tenants")).plan(operation(text)) == planner.plan(operation(text))


def test_shareable_roots_start_in_parallel() -> None:
    text = "{ account { name directory { teams { id } } budgets { id } } }"
    node = Planner(supergraph("tenants")).plan(operation(text)).node
    assert isinstance(node, Parallel)
    assert all(isinstance(child, Fetch) for child in node.nodes)
    assert len(node.nodes) == 3


def test_a_plan_as_json_survives_a_round_trip() -> None:
    text = """query ($v: Boolean!) {
      loans { of { ... on Film { note stars @skip(if: $v) } ... on Book { note } } } }"""
    document = plan_to_json(Planner(supergraph("library")).plan(operation(text)))
    assert json.loads(json.dumps(document)) == document
    assert document["node"]["kind"] == "Sequence"


def test_one_fetch_for_several_places_names_each_in_json() -> None:
    text = """{
      accounts { budgets { amount } }
      account { directory { teams { account { budgets { amount } } } } } }"""
    node = plan_to_json(Planner(supergraph("tenants")).plan(operation(text)))["node"]
    flatten = node["nodes"][-1]
    keys = [[segment["key"] for segment in path] for path in flatten["further"]]
    assert flatten["path"] == [{"key": "accounts", "types": None}]
    assert keys == [["account", "directory", "teams", "account"]]


def test_a_plan_without_fetches_prints_empty() -> None:
    plan = Planner(supergraph("tenants")).plan(operation("{ __typename }"))
    assert plan.node is None
    assert print_plan(plan) == "QueryPlan {\n}\n"


UNREACHABLE = """
schema @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Query }
enum join__Graph { A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") }
type Query @join__type(graph: A) @join__type(graph: B) { thing: Thing @join__field(graph: A) }
type Thing @join__type(graph: A) @join__type(graph: B, key: "id", resolvable: false) {
  id: ID!  far: String @join__field(graph: B) }
"""


def test_a_field_that_no_key_leads_to_is_a_planning_error() -> None:
    planner = Planner(Supergraph.parse(UNREACHABLE))
    with pytest.raises(PlanningError, match=r"No subgraph can answer Thing\.far"):
        planner.plan(operation("{ thing { id far } }"))


HALVES = """
schema @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) {
  query: Query mutation: Mutation }
enum join__Graph { A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") }
type Query @join__type(graph: A) @join__type(graph: B) { a: Int @join__field(graph: A) }
type Mutation @join__type(graph: A) @join__type(graph: B) { halve: Half }
type Half @join__type(graph: A) @join__type(graph: B) {
  left: Int @join__field(graph: A)  right: Int @join__field(graph: B) }
"""


def test_a_mutation_that_no_subgraph_answers_whole_is_a_planning_error() -> None:
    planner = Planner(Supergraph.parse(HALVES))
    assert planner.plan(operation("mutation { halve { right } }")).node is not None
    with pytest.raises(PlanningError, match=r"No subgraph can answer Mutation\.halve"):
        planner.plan(operation("mutation { halve { left right } }"))

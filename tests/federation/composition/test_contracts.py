"""Contracts cut a graph by tags; what is left is a whole graph."""

from graphql import parse

from federation.api_schema import api_sdl
from federation.composition import Composition, Contract, compose
from federation.errors import CompositionError

from .harness import definition, sources

SHOP = {
    "shop": """
      type Query {
        products(filter: Filter, sort: Sort): [Product!]! @tag(name: "public")
        orders: [Order!]! @tag(name: "internal")
        search: Hit @tag(name: "public")
      }
      type Product @key(fields: "id") @tag(name: "public") {
        id: ID!
        name: String
        margin: Float @tag(name: "internal")
        orders: [Order!]!
      }
      type Order @tag(name: "internal") { id: ID! product: Product state: State }
      enum State { OPEN CLOSED }
      enum Sort { NAME MARGIN @tag(name: "internal") }
      input Filter { name: String margin: Float @tag(name: "internal") }
      union Hit @tag(name: "public") = Product | Order
    """,
    "stock": 'type Product @key(fields: "id") { id: ID! amount: Int @tag(name: "public") }',
}


def cut(
    subgraphs: dict[str, str], *, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()
) -> Composition:
    contract = Contract(frozenset(include), frozenset(exclude))
    return compose(sources(subgraphs), contract=contract)


def api(composition: Composition) -> str:
    return api_sdl(parse(composition.sdl))


def codes(subgraphs: dict[str, str], **tags: tuple[str, ...]) -> list[tuple[str, str | None]]:
    try:
        cut(subgraphs, **tags)
    except CompositionError as error:
        return [(mistake.code, mistake.coordinate) for mistake in error.mistakes]
    return []


def test_excluded_elements_of_every_kind_are_gone() -> None:
    text = api(cut(SHOP, exclude=("internal",)))
    for gone in ("orders", "Order", "margin", "MARGIN"):
        assert gone not in text
    for kept in ("products(filter: Filter, sort: Sort)", "amount: Int", "union Hit = Product"):
        assert kept in text


def test_types_that_only_hidden_fields_lead_to_are_hidden() -> None:
    assert "State" not in api(cut(SHOP, exclude=("internal",)))
    assert "State" in api(cut(SHOP))


def test_only_fields_and_unions_with_an_included_tag_stay() -> None:
    text = api(cut(SHOP, include=("public",)))
    assert "products(filter: Filter, sort: Sort)" in text
    assert "search: Hit" in text
    assert "name: String" in text, "the tag of Product counts for its fields"
    assert "orders" not in text, "no field of Order has an included tag"


def test_excluding_beats_including() -> None:
    text = api(cut(SHOP, include=("public",), exclude=("internal",)))
    assert "margin" not in text
    assert "name: String" in text


def test_what_is_hidden_stays_in_the_supergraph_as_inaccessible() -> None:
    composition = cut(SHOP, exclude=("internal",))
    assert "margin: Float @inaccessible" in definition(composition, "Product")
    assert definition(composition, "Order").startswith("type Order @inaccessible")
    assert "specs.apollo.dev/inaccessible/v0.2" in composition.sdl


def test_a_contract_without_tags_changes_nothing() -> None:
    assert cut(SHOP).sdl == compose(sources(SHOP)).sdl


def test_optional_arguments_of_hidden_types_go_with_them() -> None:
    text = api(
        cut(
            {"a": 'type Query { x(i: I, n: Int): Int } input I @tag(name: "t") { a: Int }'},
            exclude=("t",),
        )
    )
    assert "x(n: Int): Int" in text


def test_a_type_with_nothing_left_is_hidden_with_the_fields_that_return_it() -> None:
    text = api(
        cut(
            {"a": 'type Query { x: Int t: T } type T { u: U } type U { v: Int @tag(name: "t") }'},
            exclude=("t",),
        )
    )
    assert text.endswith("}\n\ntype Query {\n  x: Int\n}\n")


def test_a_required_argument_cannot_be_left_out() -> None:
    subgraphs = {"a": 'type Query { y: Int x(i: Int! @tag(name: "t")): Int }'}
    assert codes(subgraphs, exclude=("t",)) == [("REQUIRED_INACCESSIBLE", "Query.x(i:)")]


def test_a_field_that_an_interface_shows_cannot_be_left_out() -> None:
    subgraphs = {
        "a": "type Query { i: I } interface I { n: Int } "
        'type T implements I { n: Int @tag(name: "t") m: Int }'
    }
    assert codes(subgraphs, exclude=("t",)) == [("IMPLEMENTED_BY_INACCESSIBLE", "T.n")]


def test_a_contract_must_leave_a_query() -> None:
    subgraphs = {"a": "type Query { x: Int }"}
    assert codes(subgraphs, include=("t",)) == [("QUERY_ROOT_TYPE_INACCESSIBLE", "Query")]


def test_an_empty_mutation_type_is_left_out() -> None:
    subgraphs = {"a": 'type Query { x: Int } type Mutation { y: Int @tag(name: "t") }'}
    assert "Mutation" not in api(cut(subgraphs, exclude=("t",)))


def test_a_tag_that_is_nowhere_is_hinted() -> None:
    hints = cut(SHOP, exclude=("internal", "gone")).hints
    assert [(hint.code, "gone" in hint.message) for hint in hints] == [
        ("CONTRACT_TAG_UNUSED", True)
    ]


def test_an_object_behind_a_visible_interface_stays() -> None:
    subgraphs = {
        "a": 'type Query { i: I y: Int @tag(name: "t") } interface I { n: Int } '
        "type T implements I { n: Int }"
    }
    assert "type T implements I" in api(cut(subgraphs, exclude=("t",)))

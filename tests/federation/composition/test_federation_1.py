"""Federation 1 documents may hold directives that mean nothing there."""

from .harness import HEAD, codes, composed, definition


def test_keys_of_interfaces_mean_nothing() -> None:
    subgraphs = {
        "a": 'type Query { i: I } interface I @key(fields: "id") { id: ID! } '
        'type T implements I @key(fields: "id") { id: ID! }',
        "b": "extend type Query { s: S } interface I { id: ID! } type S implements I { id: ID! }",
    }
    assert definition(composed(subgraphs, head=""), "I") == (
        "interface I @join__type(graph: A) @join__type(graph: B) { id: ID! }"
    )


def test_in_federation_2_the_same_key_is_judged() -> None:
    subgraphs = {
        "a": 'type Query { i: I } interface I @key(fields: "id") { id: ID! } '
        "type T implements I { id: ID! }",
    }
    assert codes(subgraphs) == [("INTERFACE_KEY_NOT_ON_IMPLEMENTATION", "I")]
    assert codes(subgraphs, head="") == []


def test_nothing_is_provided_below_a_scalar() -> None:
    subgraphs = {"a": 'type Query { x: Int @provides(fields: "y") }'}
    assert codes(subgraphs) == [("PROVIDES_ON_NON_OBJECT_FIELD", "Query.x")]
    assert codes(subgraphs, head="") == []


def test_an_interface_object_needs_an_interface_of_federation_2() -> None:
    subgraphs = {
        "a": 'type Query { i: I } interface I @key(fields: "id") { id: ID! } '
        'type T implements I @key(fields: "id") { id: ID! }',
        "b": f'{HEAD} type I @key(fields: "id") @interfaceObject {{ id: ID! x: Int }}',
    }
    assert codes(subgraphs, head="") == [("INTERFACE_OBJECT_USAGE_ERROR", "I")]
    subgraphs["a"] = HEAD + subgraphs["a"]
    assert codes(subgraphs, head="") == []

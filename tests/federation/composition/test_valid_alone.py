"""A subgraph that is no valid GraphQL is reported by its own name, whatever the others hold."""

import pytest

from .harness import codes, mistakes

OTHER = "type Query { x: Int }"
CASES = [
    (
        "an interface implemented incompletely",
        "interface I { n: Int }\ntype T implements I { m: Int }",
        "[b] Interface field I.n expected but T does not provide it.",
    ),
    (
        "an interface implemented with another type",
        "interface I { n: Int! }\ntype T implements I { n: Int }",
        "[b] Interface field I.n expects type Int! but T.n is type Int.",
    ),
    ("an unknown type", "type T {\n  u: U }", "[b] Unknown type 'U'."),
    ("an input that is returned", "input I { a: Int }\ntype T { i: I }", "[b] The type of T.i"),
    (
        "an object that is sent",
        "type I { a: Int }\ntype T { x(i: I): Int }",
        "[b] The type of T.x(i:)",
    ),
    ("a union of scalars", "scalar S\nunion U = S", "[b] Union type U can only include"),
    (
        "an input that can never be written",
        "input A { b: B! }\ninput B { a: A! }",
        "[b] Input Object A cannot be provided a finite value",
    ),
    ("a type without fields", "\ntype T", "[b] Type T must define one or more fields."),
]


@pytest.mark.parametrize(
    ("sdl", "message"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
@pytest.mark.parametrize(
    "head", ['extend schema @link(url: "https://specs.apollo.dev/federation/v2.3") ', ""]
)
def test_invalid(head: str, sdl: str, message: str) -> None:
    found = mistakes({"a": OTHER, "b": sdl}, head=head)
    assert {(mistake.code, mistake.subgraphs) for mistake in found} == {("INVALID_GRAPHQL", ("b",))}
    assert any(mistake.message.startswith(message) for mistake in found)
    assert all(mistake.line is not None for mistake in found)


def test_an_extension_is_judged_as_the_whole_of_its_type_here() -> None:
    subgraphs = {
        "a": 'type Query { t: T } interface I { n: Int } type T @key(fields: "id") { id: ID! }',
        "b": 'interface I { n: Int } extend type T implements I @key(fields: "id") { id: ID! }',
    }
    assert [mistake.message for mistake in mistakes(subgraphs)] == [
        "[b] Interface field I.n expected but T does not provide it."
    ]


@pytest.mark.parametrize("query", ["type Query", "extend type Query { _service: _Service! }", ""])
def test_a_subgraph_needs_no_query_of_its_own(query: str) -> None:
    subgraphs = {
        "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
        "b": f'type T @key(fields: "id") {{ id: ID! n: Int }} {query}',
    }
    assert codes(subgraphs) == []

"""`@context` and `@fromContext`: filled-in arguments leave the graph and are kept in the joins."""

from __future__ import annotations

import pytest
from graphql import parse

from federation.api_schema import api_sdl
from federation.composition import compose

from .harness import codes, composed, definition, mistakes, sources

HEAD = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: [
  "@key", "@context", "@fromContext", "@shareable", "@external", "@interfaceObject",
  "@authenticated", "@requiresScopes", "@requires", "@tag"
])
"""
USER = """
type Query { user: User }
type User @key(fields: "id") @context(name: "user") { id: ID! currency: Code! sale: Sale }
type Code { iso: String! }
type Sale @key(fields: "id") {
  id: ID! price(in: String @fromContext(field: "$user { currency { iso } }"), round: Int): Int }
"""


def sale(argument: str, *, key: str = '@key(fields: "id")', types: str = "") -> str:
    """A sale below a user, whose price takes one argument."""
    return f"""
    type Query {{ user: User }}
    type User @key(fields: "id") @context(name: "user") {{
      id: ID! name: String names: [String!]! code: Code! sale: Sale }}
    type Code {{ iso: String! }}
    type Sale {key} {{ id: ID! price({argument}): Int }}
    {types}
    """


def test_the_argument_stands_in_the_join_and_not_in_the_field() -> None:
    result = composed({"a": USER, "b": 'type Sale @key(fields: "id") { id: ID! }'}, head=HEAD)
    assert definition(result, "User").startswith('type User @context(name: "a__user")')
    assert (
        "price(round: Int): Int @join__field(graph: A, contextArguments: ["
        ' { context: "a__user" name: "in" type: "String" selection: " { currency { iso } }" } ])'
    ) in definition(result, "Sale")


def test_the_specification_is_linked_as_one_that_protects() -> None:
    result = composed({"a": USER}, head=HEAD)
    assert '@link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)' in definition(
        result, "schema"
    )
    assert definition(result, "context__fromContext") == (
        "directive @context__fromContext(field: context__ContextFieldValue) on ARGUMENT_DEFINITION"
    )


def test_clients_see_nothing_of_it() -> None:
    text = api_sdl(parse(composed({"a": USER}, head=HEAD).sdl))
    assert "price(round: Int): Int" in text
    assert "context" not in text.lower()


def test_contexts_of_the_same_name_in_two_subgraphs_are_two() -> None:
    other = """
    type User @key(fields: "id") @context(name: "user") { id: ID! age: Int rent: Rent }
    type Rent @key(fields: "id") { id: ID! due(age: Int @fromContext(field: "$user { age }")): Int }
    """
    result = composed({"a": USER, "b": other}, head=HEAD)
    assert '@context(name: "a__user") @context(name: "b__user")' in definition(result, "User")


def test_an_external_field_may_be_there_for_a_context_alone() -> None:
    result = composed(
        {
            "a": USER.replace("currency: Code!", "currency: Code! @external")
            .replace("type Code", "type Code @shareable")
            .replace("type Query { user: User }", ""),
            "b": "type Query { user: User }"
            ' type User @key(fields: "id") { id: ID! currency: Code! }'
            " type Code @shareable { iso: String! }",
        },
        head=HEAD,
    )
    assert "currency: Code! @join__field(graph: A, external: true)" in definition(result, "User")


VALID = [
    ("a field without braces", sale('in: String @fromContext(field: "$user name")')),
    ("a comment before it", sale('in: String @fromContext(field: "#c\\n $ user { name }")')),
    ("a list", sale('in: [String!] @fromContext(field: "$user { names }")')),
    ("a value that is never null", sale('in: String! @fromContext(field: "$user {code {iso}}")')),
    (
        "a value in a list that is never null",
        sale(
            'in: [Int!]! @fromContext(field: "$user { rooms { size } }")',
            types="type Room { size: Int! }",
        ).replace("sale: Sale }", "sale: Sale rooms: [Room!]! }"),
    ),
    (
        "type conditions, one for each type that sets the context",
        sale(
            'in: String @fromContext(field: "$user ... on User { name } ... on Shop { title }")',
            types='type Shop @context(name: "user") { title: String! sale: Sale }',
        ),
    ),
    (
        "an interface that sets the context",
        sale(
            'in: String @fromContext(field: "$node { label }")',
            types='interface Node @context(name: "node") { label: String sale: Sale }'
            " type Tree implements Node { label: String sale: Sale }",
        ).replace("sale: Sale }\n    type Code", "tree: Node }\n    type Code"),
    ),
    (
        "a union that sets the context",
        sale(
            'in: String @fromContext(field: "$place ... on Shop { title } ... on Web { url }")',
            types='union Place @context(name: "place") = Shop | Web'
            " type Shop { title: String sale: Sale } type Web { url: String sale: Sale }",
        ).replace("sale: Sale }\n    type Code", "place: Place }\n    type Code"),
    ),
]


@pytest.mark.parametrize(("subgraph"), [case[1] for case in VALID], ids=[case[0] for case in VALID])
def test_a_value_may_be(subgraph: str) -> None:
    assert codes({"a": subgraph}, head=HEAD) == []


NO_CONTEXT, NOT_SET = "NO_CONTEXT_IN_SELECTION", "CONTEXT_NOT_SET"
INVALID = "CONTEXT_INVALID_SELECTION"
FIELD = "$user { name }"
MISTAKES = [
    ("no context", 'in: String @fromContext(field: "{ name }")', NO_CONTEXT),
    ("no selection", 'in: String @fromContext(field: "$user")', NO_CONTEXT),
    ("nothing", "in: String @fromContext", NO_CONTEXT),
    ("an unknown context", 'in: String @fromContext(field: "$gone { name }")', NOT_SET),
    ("a default value", f'in: String = "x" @fromContext(field: "{FIELD}")', NOT_SET),
    ("no selection of fields", 'in: String @fromContext(field: "$user { name")', INVALID),
    ("an unknown field", 'in: String @fromContext(field: "$user { gone }")', INVALID),
    ("two fields", 'in: String @fromContext(field: "$user { name id }")', INVALID),
    ("an alias", 'in: String @fromContext(field: "$user { a: name }")', INVALID),
    ("a directive", 'in: String @fromContext(field: "$user { name @skip(if: true) }")', INVALID),
    ("a named fragment", 'in: String @fromContext(field: "$user { ...F }")', INVALID),
    ("an object", 'in: String @fromContext(field: "$user { code }")', INVALID),
    ("parts of a leaf", 'in: String @fromContext(field: "$user { name { a } }")', INVALID),
    ("another type", 'in: Int @fromContext(field: "$user { name }")', INVALID),
    ("a list", 'in: String @fromContext(field: "$user { names }")', INVALID),
    ("null", 'in: String! @fromContext(field: "$user { name }")', INVALID),
    ("no object type", 'in: String @fromContext(field: "$user ... on X { name }")', INVALID),
    ("no condition", 'in: String @fromContext(field: "$user ... { name }")', INVALID),
    (
        "conditions under a directive",
        'in: String @fromContext(field: "$user ... on User @skip(if: true) { name }")',
        INVALID,
    ),
    (
        "fields beside conditions",
        'in: String @fromContext(field: "$user { name ... on User { name } }")',
        INVALID,
    ),
    (
        "a condition twice",
        'in: String @fromContext(field: "$user ... on User { name } ... on User { name }")',
        INVALID,
    ),
    (
        "a condition in a condition",
        'in: String @fromContext(field: "$user ... on User { ... on User { name } }")',
        INVALID,
    ),
]


@pytest.mark.parametrize(
    ("argument", "code"), [case[1:] for case in MISTAKES], ids=[case[0] for case in MISTAKES]
)
def test_a_value_may_not_be(argument: str, code: str) -> None:
    assert set(codes({"a": sale(argument)}, head=HEAD)) == {(code, "Sale.price(in:)")}


def test_a_condition_must_hold_for_a_type_that_sets_the_context() -> None:
    argument = 'in: String @fromContext(field: "$user ... on User { name } ... on Code { iso }")'
    (mistake,) = mistakes({"a": sale(argument)}, head=HEAD)
    assert mistake.message.endswith('has a type condition "Code" that holds nowhere.')


def test_each_type_that_sets_the_context_must_have_the_value() -> None:
    shop = 'type Shop @context(name: "user") { title: String sale: Sale }'
    argument = 'in: String @fromContext(field: "$user { name }")'
    (mistake,) = mistakes({"a": sale(argument, types=shop)}, head=HEAD)
    assert 'selects from "Shop", which sets "user": "Shop" has no field "name"' in mistake.message
    assert mistake.line == 11


def test_a_type_condition_must_hold_for_each_type_that_sets_the_context() -> None:
    shop = 'type Shop @context(name: "user") { title: String sale: Sale }'
    argument = 'in: String @fromContext(field: "$user ... on User { name }")'
    (mistake,) = mistakes({"a": sale(argument, types=shop)}, head=HEAD)
    assert mistake.message.endswith('"Shop", which sets "user": no type condition holds for it.')


@pytest.mark.parametrize("name", ["a_b", "1a", "", "a-b"])
def test_a_context_is_named_by_letters_and_digits(name: str) -> None:
    sdl = f'type Query {{ t: T }} type T @context(name: "{name}") {{ x: Int }}'
    assert codes({"a": sdl}, head=HEAD) == [("CONTEXT_NAME_INVALID", "T")]


@pytest.mark.parametrize("key", ["", '@key(fields: "id", resolvable: false)'])
def test_a_field_that_is_given_something_is_one_of_an_entity(key: str) -> None:
    argument = f'in: String @fromContext(field: "{FIELD}")'
    assert codes({"a": sale(argument, key=key)}, head=HEAD) == [
        ("CONTEXT_NO_RESOLVABLE_KEY", "Sale.price(in:)")
    ]


def test_an_interface_is_given_nothing() -> None:
    interface = f'interface Priced {{ price(in: String @fromContext(field: "{FIELD}")): Int }}'
    found = codes({"a": sale("in: String", types=interface)}, head=HEAD)
    assert found == [("CONTEXT_NOT_SET", "Priced.price(in:)")]


def test_a_field_of_an_interface_is_given_nothing() -> None:
    argument = f'in: String @fromContext(field: "{FIELD}")'
    sdl = sale(argument, types="interface Priced { price: Int }")
    sdl = sdl.replace("type Sale", "type Sale implements Priced")
    assert codes({"a": sdl}, head=HEAD) == [("CONTEXT_NOT_SET", "Sale.price(in:)")]


def test_a_directive_is_given_nothing() -> None:
    own = f'directive @own(in: String @fromContext(field: "{FIELD}")) on FIELD_DEFINITION'
    own += ' directive @other(y: Int @deprecated, z: Int @tag(name: "z")) on FIELD'
    assert codes({"a": sale("in: String", types=own)}, head=HEAD) == [
        ("CONTEXT_NOT_SET", "@own(in:)")
    ]


def test_an_interface_object_sets_no_context() -> None:
    sdl = """
    type Node @interfaceObject @key(fields: "id") @context(name: "node") { id: ID! x: Int }
    """
    other = """
    type Query { node: Node }
    interface Node @key(fields: "id") { id: ID! }
    type A implements Node @key(fields: "id") { id: ID! }
    """
    assert codes({"a": sdl, "b": other}, head=HEAD) == [("CONTEXT_INVALID_SELECTION", "Node")]


GIVEN = sale(f'in: String @fromContext(field: "{FIELD}")').replace("price(", "price(n: Int, ")


def test_an_argument_required_elsewhere_cannot_be_filled_in() -> None:
    other = 'type Sale @key(fields: "id") { id: ID! price(n: Int, in: String!): Int @shareable }'
    found = codes({"a": GIVEN.replace("): Int }", "): Int @shareable }"), "b": other}, head=HEAD)
    code = "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"
    assert found == [(code, "Sale.price(in:)")]


def test_an_optional_argument_elsewhere_is_left_out_with_a_hint() -> None:
    other = 'type Sale @key(fields: "id") { id: ID! price(n: Int, in: String): Int @shareable }'
    result = compose(
        sources({"a": GIVEN.replace("): Int }", "): Int @shareable }"), "b": other}, head=HEAD)
    )
    (hint,) = result.hints
    assert hint.code == "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"
    assert "price(n: Int): Int" in definition(result, "Sale")
    assert "@join__field(graph: B)" in definition(result, "Sale")


def test_a_field_is_out_of_reach_where_nothing_above_sets_its_context() -> None:
    sdl = USER.replace("user: User", "user: User sale: Sale")
    (mistake,) = mistakes({"a": sdl}, head=HEAD)
    assert (mistake.code, mistake.coordinate) == ("SATISFIABILITY_ERROR", "Sale.price")
    assert mistake.message.endswith(
        '- subgraph "a" needs the context "user", of which "{ currency { iso } }" cannot be read '
        "anywhere above."
    )


def test_a_field_is_out_of_reach_where_its_context_cannot_be_read() -> None:
    external = USER.replace("currency: Code!", "currency: Code! @external")
    other = """
    type User @key(fields: "id", resolvable: false) { id: ID! currency: Code! }
    type Code @shareable { iso: String! }
    """
    found = codes(
        {"a": external.replace("type Code", "type Code @shareable"), "b": other}, head=HEAD
    )
    assert ("SATISFIABILITY_ERROR", "Sale.price") in found


def test_the_nearest_object_that_sets_a_context_counts() -> None:
    below = """
    type Query { user: User }
    type User @key(fields: "id") @context(name: "c") { id: ID! x: Int shop: Shop }
    type Shop @context(name: "c") { x: Int sale: Sale }
    type Sale @key(fields: "id") { id: ID! y(x: Int @fromContext(field: "$c { x }")): Int }
    """
    assert codes({"a": below}, head=HEAD) == []


def test_what_a_field_is_given_must_be_protected_there_too() -> None:
    sdl = USER.replace("iso: String!", "iso: String! @authenticated")
    assert codes({"a": sdl}, head=HEAD) == [("MISSING_TRANSITIVE_AUTH_REQUIREMENTS", "Sale.price")]


def test_a_field_that_asks_for_as_much_composes() -> None:
    sdl = USER.replace("iso: String!", 'iso: String! @requiresScopes(scopes: [["a"], ["b"]])')
    enough = sdl.replace(
        "round: Int): Int", 'round: Int): Int @requiresScopes(scopes: [["b", "c"]])'
    )
    too_little = sdl.replace(
        "round: Int): Int", 'round: Int): Int @requiresScopes(scopes: [["c"]])'
    )
    assert codes({"a": enough}, head=HEAD) == []
    assert codes({"a": too_little}, head=HEAD) == [
        ("MISSING_TRANSITIVE_AUTH_REQUIREMENTS", "Sale.price")
    ]


def test_what_a_field_requires_must_be_protected_there_too() -> None:
    owner = 'type Query { t: T } type T @key(fields: "id") { id: ID! n: Int @authenticated }'
    sdl = 'type T @key(fields: "id") { id: ID! n: Int @external m: Int @requires(fields: "n") }'
    assert codes({"a": owner, "b": sdl}, head=HEAD) == [
        ("MISSING_TRANSITIVE_AUTH_REQUIREMENTS", "T.m")
    ]

import pytest

from federation.composition.rules import root_fields_are_guarded

from .harness import codes, mistakes

CASES: list[tuple[str, dict[str, str], list[tuple[str, str | None]]]] = [
    (
        "a field resolved twice must be shareable",
        {"a": "type Query { x: Int }", "b": "type Query { x: Int @shareable }"},
        [("INVALID_FIELD_SHARING", "Query.x")],
    ),
    (
        "some subgraph must resolve an external field",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! '
            'n: Int @external r: Int @requires(fields: "n") }',
        },
        [("EXTERNAL_MISSING_ON_BASE", "T.n")],
    ),
    (
        "a type that is extended must be defined somewhere",
        {"a": 'type Query { t: T } extend type T @key(fields: "id") { id: ID! }'},
        [("EXTENSION_WITH_NO_BASE", "T")],
    ),
    (
        "an external field must be used",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! n: Int @external }',
            "b": 'type T @key(fields: "id") { id: ID! n: Int }',
        },
        [("EXTERNAL_UNUSED", "T.n")],
    ),
    (
        "an external field must take the arguments of the field",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! '
            'n: Int @external r: Int @requires(fields: "n") }',
            "b": 'type T @key(fields: "id") { id: ID! n(x: Int): Int }',
        },
        [("EXTERNAL_ARGUMENT_MISSING", "T.n")],
    ),
    (
        "an external field must take arguments of the same types",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! '
            'n(x: Int): Int @external r: Int @requires(fields: "n(x: 1)") }',
            "b": 'type T @key(fields: "id") { id: ID! n(x: String): Int }',
        },
        [("EXTERNAL_ARGUMENT_TYPE_MISMATCH", "T.n")],
    ),
    (
        "types of a field must be compatible",
        {"a": "type Query { x: Int @shareable }", "b": "type Query { x: String @shareable }"},
        [("FIELD_TYPE_MISMATCH", "Query.x")],
    ),
    (
        "types of an argument must be compatible",
        {
            "a": "type Query { x(a: Int): Int @shareable }",
            "b": "type Query { x(a: String): Int @shareable }",
        },
        [("FIELD_ARGUMENT_TYPE_MISMATCH", "Query.x(a:)")],
    ),
    (
        "default values of an argument must agree",
        {
            "a": "type Query { x(a: Int = 1): Int @shareable }",
            "b": "type Query { x(a: Int = 2): Int @shareable }",
        },
        [("FIELD_ARGUMENT_DEFAULT_MISMATCH", "Query.x(a:)")],
    ),
    (
        "a required argument must exist everywhere",
        {
            "a": "type Query { x(a: Int!): Int @shareable }",
            "b": "type Query { x: Int @shareable }",
        },
        [("REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH", "Query.x(a:)")],
    ),
    (
        "types of an input field must be compatible",
        {
            "a": "type Query { x(i: I): Int } input I { a: Int }",
            "b": "type Query { y(i: I): Int } input I { a: [Int] }",
        },
        [("FIELD_TYPE_MISMATCH", "I.a")],
    ),
    (
        "default values of an input field must agree",
        {
            "a": "type Query { x(i: I): Int } input I { a: Int = 1 }",
            "b": "type Query { y(i: I): Int } input I { a: Int = 2 }",
        },
        [("INPUT_FIELD_DEFAULT_MISMATCH", "I.a")],
    ),
    (
        "a required input field must exist everywhere",
        {
            "a": "type Query { x(i: I): Int } input I { a: Int b: Int! }",
            "b": "type Query { y(i: I): Int } input I { a: Int }",
        },
        [("REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH", "I.b")],
    ),
    (
        "an input must keep a field",
        {
            "a": "type Query { x(i: I): Int } input I { a: Int }",
            "b": "type Query { y(i: I): Int } input I { b: Int }",
        },
        [("EMPTY_MERGED_INPUT_TYPE", "I")],
    ),
    (
        "an enum that is only sent must keep a value",
        {
            "a": "type Query { x(e: E): Int } enum E { A }",
            "b": "type Query { y(e: E): Int } enum E { B }",
        },
        [("EMPTY_MERGED_ENUM_TYPE", "E")],
    ),
    (
        "an enum sent and returned must be the same everywhere",
        {
            "a": "type Query { x(e: E): E } enum E { A B }",
            "b": "type Query { y: E } enum E { A }",
        },
        [("ENUM_VALUE_MISMATCH", "E.B")],
    ),
    (
        "a key must select fields that exist",
        {"a": 'type Query { t: T } type T @key(fields: "no") { id: ID! }'},
        [("KEY_INVALID_FIELDS", "T")],
    ),
    (
        "a key must be a field set",
        {"a": 'type Query { t: T } type T @key(fields: "id {") { id: ID! }'},
        [("KEY_INVALID_FIELDS", "T")],
    ),
    (
        "a key cannot select a union",
        {
            "a": 'type Query { t: T } type T @key(fields: "u { ... on X { x } }") { u: U } '
            "union U = X type X { x: Int }",
        },
        [("KEY_FIELDS_SELECT_INVALID_TYPE", "T")],
    ),
    (
        "a key cannot select a field with arguments",
        {"a": 'type Query { t: T } type T @key(fields: "id") { id(x: Int): ID! }'},
        [("KEY_FIELDS_HAS_ARGS", "T")],
    ),
    (
        "requirements must exist",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") '
            '{ id: ID! r: Int @requires(fields: "no") }',
        },
        [("REQUIRES_INVALID_FIELDS", "T.r")],
    ),
    (
        "requirements must be external",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") '
            '{ id: ID! n: Int r: Int @requires(fields: "n") }',
        },
        [("REQUIRES_FIELDS_MISSING_EXTERNAL", "T.r")],
    ),
    (
        "provisions must exist",
        {"a": 'type Query { t: T @provides(fields: "no") } type T { id: ID! }'},
        [("PROVIDES_INVALID_FIELDS", "Query.t")],
    ),
    (
        "only what has fields can be provided",
        {"a": 'type Query { t: Int @provides(fields: "no") }'},
        [("PROVIDES_ON_NON_OBJECT_FIELD", "Query.t")],
    ),
    (
        "a type must be of one kind",
        {
            "a": "type Query { x: T } type T { x: Int }",
            "b": "type Query { y: T } scalar T",
        },
        [("TYPE_KIND_MISMATCH", "T")],
    ),
    (
        "a field cannot be overridden from where it stands",
        {"a": 'type Query { x: Int @override(from: "a") }'},
        [("OVERRIDE_FROM_SELF_ERROR", "Query.x")],
    ),
    (
        "an override cannot be overridden",
        {
            "a": 'type Query { x: Int @override(from: "b") }',
            "b": 'type Query { x: Int @override(from: "a") }',
        },
        [
            ("OVERRIDE_SOURCE_HAS_OVERRIDE", "Query.x"),
            ("OVERRIDE_SOURCE_HAS_OVERRIDE", "Query.x"),
        ],
    ),
    (
        "a field with requirements cannot be overridden",
        {
            "a": 'type T @key(fields: "id") { id: ID! n: Int @external '
            'x: Int @requires(fields: "n") }',
            "b": 'type Query { t: T } type T @key(fields: "id") '
            '{ id: ID! n: Int x: Int @override(from: "a") }',
        },
        [("OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", "T.x")],
    ),
    (
        "an external field cannot override",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! n: Int '
            'x: Int @external @override(from: "b") y: Int @requires(fields: "x") }',
            "b": 'type T @key(fields: "id") { id: ID! x: Int }',
        },
        [("OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", "T.x")],
    ),
    (
        "a field of an interface cannot override",
        {
            "a": "type Query { i: I } interface I { x: Int } type T implements I { x: Int }",
            "b": 'interface I { x: Int @override(from: "a") }',
        },
        [("OVERRIDE_ON_INTERFACE", "I.x")],
    ),
    (
        "an external field cannot stand in an interface",
        {"a": "type Query { i: I } interface I { x: Int @external }"},
        [("EXTERNAL_ON_INTERFACE", "I.x")],
    ),
    (
        "an external field may promise more than the field does",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! '
            'n: Int! @external r: Int @requires(fields: "n") }',
            "b": 'type T @key(fields: "id") { id: ID! n: Int }',
        },
        [],
    ),
    (
        "field sets have neither aliases nor directives nor fragments by name",
        {
            "a": 'type Query { t: T } type T @key(fields: "a: id") @key(fields: "id @skip") '
            '@key(fields: "...F") { id: ID! }',
        },
        [
            ("KEY_INVALID_FIELDS", "T"),
            ("KEY_HAS_DIRECTIVE_IN_FIELDS_ARG", "T"),
            ("KEY_INVALID_FIELDS", "T"),
        ],
    ),
    (
        "field sets select down to the leaves and no further",
        {
            "a": 'type Query { t: T } type T @key(fields: "u") @key(fields: "id { x }") '
            '@key(fields: "... on No { x }") { id: ID! u: U } type U { x: Int }',
        },
        [
            ("KEY_INVALID_FIELDS", "T"),
            ("KEY_INVALID_FIELDS", "T"),
            ("KEY_INVALID_FIELDS", "T"),
        ],
    ),
    (
        "the root of queries cannot be inaccessible",
        {"a": "type Query @inaccessible { x: Int }"},
        [("QUERY_ROOT_TYPE_INACCESSIBLE", "Query")],
    ),
    (
        "a default value deep in an input cannot be inaccessible",
        {
            "a": "type Query { x(e: [E] = [A]): Int } enum E { A @inaccessible B }",
        },
        [("DEFAULT_VALUE_USES_INACCESSIBLE", "Query.x(e:)")],
    ),
    (
        "an interface must be implemented in full with its arguments",
        {
            "a": "type Query { i: I } interface I { x(a: Int): Int } "
            "type T implements I { x(a: Int): Int @shareable }",
            "b": "type Query { t: T } type T { x: Int @shareable }",
        },
        [("INVALID_GRAPHQL", None)],
    ),
    ("there must be queries", {"a": "type T { x: Int }"}, [("NO_QUERIES", None)]),
    (
        "a document must be GraphQL",
        {"a": "type Query { x: }"},
        [("INVALID_GRAPHQL", None)],
    ),
    (
        "types must be known",
        {"a": "type Query { x: Unknown }"},
        [("INVALID_GRAPHQL", None)],
    ),
    (
        "directives must be known",
        {"a": "type Query { x: Int @unknown }"},
        [("INVALID_GRAPHQL", None)],
    ),
    (
        "a visible field cannot be of an inaccessible type",
        {"a": "type Query { x: T } type T @inaccessible { x: Int }"},
        [("REFERENCED_INACCESSIBLE", "Query.x")],
    ),
    (
        "a required argument cannot be inaccessible",
        {"a": "type Query { x(a: Int! @inaccessible): Int }"},
        [("REQUIRED_INACCESSIBLE", "Query.x(a:)")],
    ),
    (
        "a visible type needs something visible in it",
        {"a": "type Query { x: T } type T { x: Int @inaccessible }"},
        [("ONLY_INACCESSIBLE_CHILDREN", "T")],
    ),
    (
        "a default value cannot be inaccessible",
        {"a": "type Query { x(e: E = A): Int } enum E { A @inaccessible B }"},
        [("DEFAULT_VALUE_USES_INACCESSIBLE", "Query.x(e:)")],
    ),
    (
        "an interface's visible field cannot be hidden by its implementation",
        {
            "a": "type Query { i: I } interface I { x: Int } "
            "type T implements I { x: Int @inaccessible y: Int }",
        },
        [("IMPLEMENTED_BY_INACCESSIBLE", "T.x")],
    ),
    (
        "every implementation has the interface's fields",
        {
            "a": "type Query { i: I } interface I { x: Int } type T implements I { x: Int }",
            "b": "type Query { j: I } interface I { y: Int } type U implements I { y: Int }",
        },
        [("INTERFACE_FIELD_NO_IMPLEM", "I.y"), ("INTERFACE_FIELD_NO_IMPLEM", "I.x")],
    ),
    (
        "an interface object needs an interface",
        {"a": 'type Query { i: I } type I @interfaceObject @key(fields: "id") { id: ID! }'},
        [("INTERFACE_OBJECT_USAGE_ERROR", "I")],
    ),
    (
        "who looks an interface up knows its implementations",
        {
            "a": 'type Query { i: I } interface I @key(fields: "id") { id: ID! } '
            'type T implements I @key(fields: "id") { id: ID! }',
            "b": "type Query { u: U } interface I { id: ID! } "
            'type U implements I @key(fields: "id") { id: ID! }',
        },
        [("INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE", "I")],
    ),
    (
        "implementations have the key of their interface",
        {
            "a": 'type Query { i: I } interface I @key(fields: "id") { id: ID! } '
            "type T implements I { id: ID! }",
        },
        [("INTERFACE_KEY_NOT_ON_IMPLEMENTATION", "I")],
    ),
    (
        "what an interface object resolves must be shareable to be resolved elsewhere",
        {
            "a": 'type Query { i: I } interface I @key(fields: "id") { id: ID! } '
            'type T implements I @key(fields: "id") { id: ID! n: Int @shareable }',
            "b": 'type I @interfaceObject @key(fields: "id") { id: ID! n: Int }',
        },
        [("INVALID_FIELD_SHARING", "T.n")],
    ),
    (
        "a composed directive cannot take a name of the specification",
        {
            "a": 'extend schema @composeDirective(name: "@tag") type Query { x: Int }',
        },
        [("DIRECTIVE_COMPOSITION_ERROR", "@tag")],
    ),
    (
        "a composed directive must belong to a linked specification",
        {
            "a": 'extend schema @composeDirective(name: "@own") '
            "directive @own on FIELD_DEFINITION type Query { x: Int @own }",
        },
        [("DIRECTIVE_COMPOSITION_ERROR", "@own")],
    ),
    (
        "a field that is provided elsewhere is resolved twice",
        {
            "a": 'type Query { t: T @provides(fields: "n") } '
            'type T @key(fields: "id") { id: ID! n: Int @external }',
            "b": 'type T @key(fields: "id") { id: ID! n: Int }',
        },
        [("INVALID_FIELD_SHARING", "T.n")],
    ),
    (
        "a field provided through an interface is resolved twice",
        {
            "a": 'type Query { i: I @provides(fields: "n") } interface I { n: Int } '
            'type T implements I @key(fields: "id") { id: ID! n: Int @external }',
            "b": 'type T @key(fields: "id") { id: ID! n: Int }',
        },
        [("INVALID_FIELD_SHARING", "T.n")],
    ),
    (
        "who looks an interface up by key knows its objects as its implementations",
        {
            "a": 'type Query { i: I } interface I @key(fields: "id") { id: ID! } '
            'type T @key(fields: "id") { id: ID! }',
            "b": 'interface I { id: ID! } type T implements I @key(fields: "id") { id: ID! }',
        },
        [("INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE", "I")],
    ),
    (
        "who looks an interface up by key can look its objects up by it",
        {
            "a": 'type Query { i: I } interface I @key(fields: "id") { id: ID! } '
            'type T implements I @key(fields: "id", resolvable: false) { id: ID! }',
            "b": 'type T @key(fields: "id") { id: ID! }',
        },
        [("INTERFACE_KEY_NOT_ON_IMPLEMENTATION", "I")],
    ),
    (
        "a visible union has a visible member",
        {"a": "type Query { u: U x: Int } union U = S type S @inaccessible { s: Int }"},
        [("ONLY_INACCESSIBLE_CHILDREN", "U")],
    ),
]


@pytest.mark.parametrize(
    ("subgraphs", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_mistake(subgraphs: dict[str, str], expected: list[tuple[str, str | None]]) -> None:
    assert codes(subgraphs) == expected


def test_a_mistake_names_its_subgraphs_and_line() -> None:
    found = mistakes({"a": "type Query { x: Int }", "b": "\ntype Query {\n  x: Int\n}"}, head=FED)
    assert [(entry.subgraphs, entry.line) for entry in found] == [(("a", "b"), 1)]


def test_all_mistakes_of_a_pass_are_reported_at_once() -> None:
    found = codes(
        {
            "a": "type Query { x: Int @shareable y: Int @shareable }",
            "b": "type Query { x: ID @shareable y: ID @shareable }",
        }
    )
    assert [coordinate for _, coordinate in found] == ["Query.x", "Query.y"]


def test_root_fields_must_be_guarded_in_every_subgraph_if_the_host_says_so() -> None:
    subgraphs = {
        "a": "type Query { x: Int @shareable @authenticated }",
        "b": 'type Query { x: Int @shareable y: Int @policy(policies: [["p"]]) }',
    }
    assert mistakes(subgraphs) == []
    found = mistakes(subgraphs, rules=(root_fields_are_guarded,))
    assert [(entry.code, entry.coordinate, entry.subgraphs) for entry in found] == [
        ("UNGUARDED_ROOT_FIELD", "Query.x", ("b",))
    ]


FED = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@shareable"]) '
)


def test_an_implementation_may_be_deprecated_alone() -> None:
    sdl = "type Query { i: I } interface I { x: Int } type T implements I { x: Int @deprecated }"
    assert codes({"a": sdl}) == []


def test_federation_1_extends_is_an_extension() -> None:
    subgraphs = {"a": 'type Query { t: T } type T @extends @key(fields: "id") { id: ID! }'}
    assert codes(subgraphs, head="") == [("EXTENSION_WITH_NO_BASE", "T")]
    assert codes(subgraphs) == []

import pytest

from .harness import codes, mistakes

SATISFIABLE = [
    (
        "a key that is put together from two subgraphs",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @shareable }',
            "b": 'type T @key(fields: "id") { id: ID! y: Int @shareable }',
            "c": 'type T @key(fields: "x y") { x: Int @shareable y: Int @shareable z: Int }',
        },
    ),
    (
        "a key of another type on the way",
        {
            "a": 'type Query { t: T } type T @key(fields: "o { id }") { o: O } '
            "type O { id: ID! @shareable }",
            "b": 'type T @key(fields: "o { id }") { o: O z: Int } type O { id: ID! @shareable }',
        },
    ),
    (
        "what is provided on one path and reached by key on another",
        {
            "a": 'type Query { t: T @provides(fields: "n") u: T } '
            'type T @key(fields: "id") { id: ID! n: Int @external }',
            "b": 'type T @key(fields: "id") { id: ID! n: Int @shareable }',
        },
    ),
    (
        "requirements that require something themselves",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
            "b": 'type T @key(fields: "id") '
            '{ id: ID! x: Int @external y: Int @requires(fields: "x") }',
            "c": 'type T @key(fields: "id") '
            '{ id: ID! y: Int @external z: Int @requires(fields: "y") }',
        },
    ),
    (
        "members of a union that one of the subgraphs does not know",
        {
            "a": "type Query { u: U @shareable } union U = X type X { x: Int @shareable }",
            "b": "type Query { u: U @shareable } union U = X | Y "
            "type X { x: Int @shareable } type Y { y: Int }",
        },
    ),
    (
        "an interface object that must ask for the type of its objects",
        {
            "a": 'type Query { a: I } interface I @key(fields: "id") { id: ID! n: Int } '
            'type O implements I @key(fields: "id") { id: ID! n: Int }',
            "b": 'type Query { b: I } type I @interfaceObject @key(fields: "id") '
            "{ id: ID! extra: Int }",
        },
    ),
    (
        "keys that go through each other's types",
        {
            "a": 'type Query { t: T } type T @key(fields: "u { id }") { u: U } '
            'type U @key(fields: "id") @key(fields: "t { u { id } }") { id: ID! t: T }',
            "b": 'type T @key(fields: "u { id }") { u: U @shareable z: Int } '
            'type U @key(fields: "id") { id: ID! y: Int }',
        },
    ),
    (
        "provisions that reach two levels down and apply to one member",
        {
            "a": 'type Query { u: U @provides(fields: "... on X { v { n } }") } union U = X | Y '
            'type X @key(fields: "id") { id: ID! v: V @external } '
            'type Y @key(fields: "id") { id: ID! } type V @key(fields: "id") '
            "{ id: ID! n: Int @external }",
            "b": 'type X @key(fields: "id") { id: ID! v: V @shareable } '
            'type V @key(fields: "id") { id: ID! n: Int @shareable }',
        },
    ),
    (
        "requirements with fragments and keys below",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! i: I @external '
            'r: Int @requires(fields: "i { ... on O { n } __typename }") } '
            "interface I { k: ID! } type O implements I { k: ID! @shareable n: Int @external }",
            "b": 'type T @key(fields: "id") { id: ID! i: I } interface I { k: ID! } '
            "type O implements I { k: ID! @shareable n: Int } "
            "type P implements I { k: ID! }",
        },
    ),
    (
        "a recursive type",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! parent: T }',
            "b": 'type T @key(fields: "id") { id: ID! children: [T] }',
        },
    ),
]

UNSATISFIABLE = [
    (
        "no key leads to the field",
        {
            "a": "type Query { t: T } type T { x: Int @shareable }",
            "b": "type Query { u: T } type T { x: Int @shareable y: Int }",
        },
        "T.y",
    ),
    (
        "the only key cannot be resolved",
        {
            "a": 'type Query { t: T } type T @key(fields: "a") { a: ID! }',
            "b": 'type T @key(fields: "b") { b: ID! }',
        },
        "T.b",
    ),
    (
        "the key is not resolvable",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "id", resolvable: false) { id: ID! b: Int }',
        },
        "T.b",
    ),
    (
        "requirements that need each other",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") '
            '{ id: ID! y: Int @external x: Int @requires(fields: "y") }',
            "b": 'type T @key(fields: "id") '
            '{ id: ID! x: Int @external y: Int @requires(fields: "x") }',
        },
        "T.x",
    ),
    (
        "a value type that one path reaches in part",
        {
            "a": "type Query { t: T } type T { v: V @shareable } type V { x: Int @shareable }",
            "b": "type Query { s: T } type T { v: V @shareable } "
            "type V { x: Int @shareable y: Int }",
        },
        "V.y",
    ),
    (
        "a labelled override that only one of the two answers",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! x: Int }',
            "b": 'type T @key(fields: "id", resolvable: false) '
            '{ id: ID! x: Int @override(from: "a", label: "percent(5)") }',
        },
        "T.x",
    ),
]


@pytest.mark.parametrize("subgraphs", [c[1] for c in SATISFIABLE], ids=[c[0] for c in SATISFIABLE])
def test_composes(subgraphs: dict[str, str]) -> None:
    assert codes(subgraphs) == []


@pytest.mark.parametrize(
    ("subgraphs", "coordinate"), [c[1:] for c in UNSATISFIABLE], ids=[c[0] for c in UNSATISFIABLE]
)
def test_refuses(subgraphs: dict[str, str], coordinate: str) -> None:
    assert ("SATISFIABILITY_ERROR", coordinate) in codes(subgraphs)


def test_the_failing_path_is_spelled_out() -> None:
    found = mistakes(
        {
            "a": 'type Query { top: P } type P { t: T } type T @key(fields: "id") { id: ID! }',
            "b": 'type T @key(fields: "code") { code: ID! }',
        }
    )
    assert found[0].message == (
        "The query\n"
        "{\n"
        "  top {\n"
        "    t {\n"
        "      ... on T { code }\n"
        "    }\n"
        "  }\n"
        "}\n"
        "cannot be answered by the subgraphs:\n"
        '- from subgraph "a": cannot resolve "T.code".\n'
        '- cannot move to subgraph "b" using @key(fields: "code") of "T": the key cannot be '
        'resolved from "a".'
    )

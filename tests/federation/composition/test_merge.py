import pytest

from .harness import composed, definition

CASES = [
    (
        "every key becomes a join__type",
        {
            "a": 'type User @key(fields: "id") { id: ID! name: String }',
            "b": "type Query { u: User } type Org { id: ID! } type User "
            '@key(fields: "id", resolvable: false) @key(fields: "org { id }") { id: ID! org: Org }',
        },
        "User",
        'type User @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", resolvable: '
        'false) @join__type(graph: B, key: "org { id }") { id: ID! name: String '
        "@join__field(graph: A) org: Org @join__field(graph: B) }",
    ),
    (
        "the widest nullability of a field wins",
        {
            "a": "type Query { x: [Int!]! @shareable }",
            "b": "type Query { x: [Int!] @shareable }",
        },
        "Query",
        "type Query @join__type(graph: A) @join__type(graph: B) { x: [Int!] @join__field(graph: A,"
        ' type: "[Int!]!") @join__field(graph: B, type: "[Int!]") }',
    ),
    (
        "the strictest type of an argument wins and arguments intersect",
        {
            "a": "type Query { x(a: Int!, b: Int, c: Int = 1): Int @shareable }",
            "b": "type Query { x(a: Int, c: Int = 1): Int @shareable }",
        },
        "Query",
        "type Query @join__type(graph: A) @join__type(graph: B) { x(a: Int!, c: Int = 1): Int }",
    ),
    (
        "a default value stays only where all agree on it",
        {
            "a": "type Query { x(c: Int = 1): Int @shareable }",
            "b": "type Query { x(c: Int): Int @shareable }",
        },
        "Query",
        "type Query @join__type(graph: A) @join__type(graph: B) { x(c: Int): Int }",
    ),
    (
        "members of a union are united",
        {
            "a": "type Query { u: U @shareable } union U = X type X { x: Int @shareable }",
            "b": "type Query { u: U @shareable } union U = X | Y type X { x: Int @shareable }"
            " type Y { y: Int }",
        },
        "U",
        "union U @join__type(graph: A) @join__type(graph: B) @join__unionMember(graph: A, "
        'member: "X'
        '") @join__unionMember(graph: B, member: "X") @join__unionMember(graph: B, member: "Y") '
        "= X | Y",
    ),
    (
        "values of an enum that is only returned are united",
        {
            "a": "type Query { x: E @shareable } enum E { ONE }",
            "b": "type Query { x: E @shareable } enum E { ONE TWO }",
        },
        "E",
        "enum E @join__type(graph: A) @join__type(graph: B) { ONE @join__enumValue(graph: A) "
        "@join__enumValue(graph: B) TWO @join__enumValue(graph: B) }",
    ),
    (
        "values of an enum that is only sent are intersected",
        {
            "a": "type Query { x(e: E): Int @shareable } enum E { ONE }",
            "b": "type Query { x(e: E): Int @shareable } enum E { ONE TWO }",
        },
        "E",
        "enum E @join__type(graph: A) @join__type(graph: B) { ONE @join__enumValue(graph: A) "
        "@join__enumValue(graph: B) }",
    ),
    (
        "fields of an input are intersected",
        {
            "a": "type Query { x(i: I): Int @shareable } input I { a: Int b: Int }",
            "b": "type Query { x(i: I): Int @shareable } input I { a: Int! }",
        },
        "I",
        "input I @join__type(graph: A) @join__type(graph: B) { a: Int! @join__field(graph: A, "
        "type: "
        '"Int") @join__field(graph: B, type: "Int!") }',
    ),
    (
        "an overridden field belongs to the subgraph that took it",
        {
            "a": "type Query { x: Int y: Int }",
            "b": 'type Query { x: Int @override(from: "a") }',
        },
        "Query",
        "type Query @join__type(graph: A) @join__type(graph: B) { x: Int @join__field(graph: B, "
        'override: "a") y: Int @join__field(graph: A) }',
    ),
    (
        "an overridden field that its subgraph still needs is marked",
        {
            "a": 'type T @key(fields: "id") { id: ID! a: Int }',
            "b": 'type Query { t: T } type T @key(fields: "id") { id: ID! @override(from: "a") }',
        },
        "T",
        'type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID! '
        '@join__field(graph: A, usedOverridden: true) @join__field(graph: B, override: "a") a: Int '
        "@join__field(graph: A) }",
    ),
    (
        "a labelled override keeps both subgraphs",
        {
            "a": "type Query { x: Int }",
            "b": 'type Query { x: Int @override(from: "a", label: "percent(5)") }',
        },
        "Query",
        "type Query @join__type(graph: A) @join__type(graph: B) { x: Int @join__field(graph: A) "
        '@join__field(graph: B, override: "a", overrideLabel: "percent(5)") }',
    ),
    (
        "external, requires and provides are recorded",
        {
            "a": 'type Query { t: T @provides(fields: "n") } type T @key(fields: "id") '
            '{ id: ID! n: Int @external w: Int @external s: Int @requires(fields: "w") }',
            "b": 'type T @key(fields: "id") { id: ID! n: Int @shareable w: Int }',
        },
        "T",
        'type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id") { id: ID! n: Int '
        "@join__field(graph: A, external: true) @join__field(graph: B) w: Int "
        "@join__field(graph: A,"
        ' external: true) @join__field(graph: B) s: Int @join__field(graph: A, requires: "w") }',
    ),
    (
        "fields of an interface object reach its implementations",
        {
            "a": 'type Query { i: I } interface I @key(fields: "id") { id: ID! } '
            'type O implements I @key(fields: "id") { id: ID! }',
            "b": 'type I @interfaceObject @key(fields: "id") { id: ID! extra: Int }',
        },
        "O",
        'type O implements I @join__type(graph: A, key: "id") @join__implements(graph: A, '
        "interface:"
        ' "I") { id: ID! extra: Int @join__field }',
    ),
    (
        "a type extended under @extends is an extension",
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! n: Int }',
            "b": 'type T @key(fields: "id") @extends { id: ID! @external x: Int }',
        },
        "T",
        'type T @join__type(graph: A, key: "id") @join__type(graph: B, key: "id", extension: '
        "true) {"
        " id: ID! n: Int @join__field(graph: A) x: Int @join__field(graph: B) }",
    ),
    (
        "root types of any name are joined under the default one",
        {
            "a": "schema { query: Root } type Root { x: Int }",
            "b": "type Query { root: Query y: Int }",
        },
        "Query",
        "type Query @join__type(graph: A) @join__type(graph: B) { x: Int @join__field(graph: A) "
        "root: Query @join__field(graph: B) y: Int @join__field(graph: B) }",
    ),
    (
        "scopes of several subgraphs must hold together",
        {
            "a": 'type Query { x: Int @shareable @requiresScopes(scopes: [["a"], ["b"]]) }',
            "b": 'type Query { x: Int @shareable @requiresScopes(scopes: [["a", "c"]]) }',
        },
        "Query",
        "type Query @join__type(graph: A) @join__type(graph: B) { x: Int @requiresScopes(scopes: "
        '[["a", "c"]]) }',
    ),
    (
        "what any subgraph protects or hides is protected and hidden",
        {
            "a": "type Query { x: Int @shareable @authenticated y: Int @shareable @inaccessible }",
            "b": 'type Query { x: Int @shareable y: Int @shareable @tag(name: "t") }',
        },
        "Query",
        "type Query @join__type(graph: A) @join__type(graph: B) { x: Int @authenticated y: Int "
        '@inaccessible @tag(name: "t") }',
    ),
    (
        "scopes with alternatives in both become all combinations, without the redundant",
        {
            "a": 'type Query { x: Int @shareable @requiresScopes(scopes: [["a"], ["b"]]) }',
            "b": 'type Query { x: Int @shareable @requiresScopes(scopes: [["a"], ["c"]]) }',
        },
        "Query",
        "type Query @join__type(graph: A) @join__type(graph: B) { x: Int @requiresScopes(scopes: "
        '[["a"], ["b", "c"]]) }',
    ),
    (
        "specifications of the directives applied are linked",
        {
            "a": "type Query { x: Int @shareable @cost(weight: 3) }",
            "b": "type Query { x: Int @shareable @cost(weight: 5) "
            "y: [Int] @federation__listSize(assumedSize: 9) }",
        },
        "schema",
        'schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: '
        '"https://specs.apollo.dev/join/v0.5", for: EXECUTION) @link(url: '
        '"https://specs.apollo.dev/cost/v0.1", import: ["@listSize"]) { query: Query }',
    ),
    (
        "the dearest cost wins",
        {
            "a": "type Query { x: Int @shareable @cost(weight: 3) }",
            "b": "type Query { x: Int @shareable @cost(weight: 5) }",
        },
        "Query",
        "type Query @join__type(graph: A) @join__type(graph: B) { x: Int @cost(weight: 5) }",
    ),
    (
        "what one subgraph returns as an object another may return as its interface",
        {
            "a": 'type Query { x: T @shareable } interface I { n: Int @tag(name: "t") } '
            "type T implements I { n: Int @shareable }",
            "b": "type Query { x: I @shareable } interface I { n: Int } "
            "type T implements I { n: Int @shareable }",
        },
        "Query",
        "type Query @join__type(graph: A) @join__type(graph: B) { x: I @join__field(graph: A, "
        'type: "T") @join__field(graph: B, type: "I") }',
    ),
    (
        "lists of root types follow their new name",
        {"a": "schema { query: Root } type Root { roots: [Root!]! } union U = Root"},
        "Query",
        "type Query @join__type(graph: A) { roots: [Query!]! }",
    ),
    (
        "input objects keep @oneOf and deprecations",
        {
            "a": "type Query { x(i: I): Int } "
            'input I @oneOf { a: Int b: Int @deprecated(reason: "o") }'
        },
        "I",
        'input I @oneOf @join__type(graph: A) { a: Int b: Int @deprecated(reason: "o") }',
    ),
]


@pytest.mark.parametrize(
    ("subgraphs", "name", "expected"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_merge(subgraphs: dict[str, str], name: str, expected: str) -> None:
    assert definition(composed(subgraphs), name) == expected

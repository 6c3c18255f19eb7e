import pytest
from graphql import build_ast_schema, parse

from federation.api_schema import api_document
from federation.composition import Composition, SubgraphSource, compose

from .harness import codes, composed, definition

V2 = "https://specs.apollo.dev/federation/v2.9"
TWO_KEYS = 'type T @join__type(graph: A, key: "id") { id: ID! x: Int @inaccessible }'

HEADS = [
    (
        "names imported",
        f'extend schema @link(url: "{V2}", import: ["@key", "@inaccessible"])',
        "@key",
        "@inaccessible",
    ),
    (
        "names imported under others",
        f'extend schema @link(url: "{V2}", import: [{{name: "@key", as: "@primary"}}, '
        '{name: "@inaccessible", as: "@hidden"}])',
        "@primary",
        "@hidden",
    ),
    (
        "nothing imported",
        f'extend schema @link(url: "{V2}")',
        "@federation__key",
        "@federation__inaccessible",
    ),
    (
        "a namespace of its own",
        f'extend schema @link(url: "{V2}", as: "fed", import: ["@key"])',
        "@key",
        "@fed__inaccessible",
    ),
    (
        "a specification linked by itself",
        f'extend schema @link(url: "{V2}", import: ["@key"]) '
        '@link(url: "https://specs.apollo.dev/inaccessible/v0.2", as: "hidden")',
        "@key",
        "@hidden",
    ),
    ("no link, as in Federation 1", "", "@key", "@inaccessible"),
]


@pytest.mark.parametrize(
    ("head", "key", "hidden"), [case[1:] for case in HEADS], ids=[case[0] for case in HEADS]
)
def test_directives_are_known_by_whatever_name_a_link_gives(
    head: str, key: str, hidden: str
) -> None:
    sdl = f'type Query {{ t: T }} type T {key}(fields: "id") {{ id: ID! x: Int {hidden} }}'
    assert definition(composed({"a": sdl}, head=head), "T") == TWO_KEYS


def test_a_bare_name_that_is_not_imported_is_a_directive_of_the_documents_own() -> None:
    head = f'extend schema @link(url: "{V2}", import: ["@key"])'
    sdl = "directive @tag on FIELD_DEFINITION type Query { x: Int @tag }"
    assert definition(composed({"a": sdl}, head=head), "Query") == (
        "type Query @join__type(graph: A) { x: Int }"
    )


def test_machinery_of_federation_is_left_out() -> None:
    sdl = """
        directive @key(fields: _FieldSet!) repeatable on OBJECT
        scalar _Any scalar _FieldSet union _Entity = T
        type _Service { sdl: String }
        type Query { t: T _entities(representations: [_Any!]!): [_Entity]! _service: _Service! }
        type T @key(fields: "id") { id: ID! }
    """
    result = composed({"a": sdl}, head="")
    assert definition(result, "Query") == "type Query @join__type(graph: A) { t: T }"
    for name in ("_Any", "_Entity", "_Service", "_FieldSet"):
        assert f" {name}" not in result.sdl


def test_federation_1_fields_of_value_types_are_shared() -> None:
    subgraphs = {
        "a": "type Query { a: Price } type Price { amount: Int }",
        "b": "extend type Query { b: Price } type Price { amount: Int }",
    }
    assert codes(subgraphs, head="") == []


def test_federation_1_extensions_belong_to_the_type_of_another_subgraph() -> None:
    result = composed(
        {
            "a": 'type Query { t: T } type T @key(fields: "id") { id: ID! n: Int }',
            "b": 'extend type T @key(fields: "id") { id: ID! @external n: Int @external m: Int }',
        },
        head="",
    )
    assert definition(result, "T") == (
        'type T @join__type(graph: A, key: "id") '
        '@join__type(graph: B, key: "id", extension: true) '
        "{ id: ID! n: Int @join__field(graph: A) m: Int @join__field(graph: B) }"
    )


def test_unknown_versions_and_elements_are_refused() -> None:
    query = {"a": "type Query { x: Int }"}
    later = 'extend schema @link(url: "https://specs.apollo.dev/federation/v9.0")'
    assert codes(query, head=later) == [("UNKNOWN_FEDERATION_LINK_VERSION", None)]
    unknown = f'extend schema @link(url: "{V2}", import: ["@nothing"])'
    assert codes(query, head=unknown) == [("INVALID_LINK_DIRECTIVE_USAGE", None)]


def test_a_specification_that_is_needed_must_be_known() -> None:
    query = {"a": "type Query { x: Int }"}
    link = '@link(url: "https://specs.apollo.dev/novelty/v1.0"'
    assert codes(query, head=f"extend schema {link})") == []
    needed = f"extend schema {link}, for: EXECUTION)"
    assert codes(query, head=needed) == [("UNKNOWN_LINK_SPEC", None)]


def test_names_of_subgraphs_become_distinct_enum_values() -> None:
    sdl = "type Query { x: Int @shareable }"
    head = f'extend schema @link(url: "{V2}", import: ["@shareable"]) '
    result = compose(
        [SubgraphSource(name, None, head + sdl) for name in ("a-b", "a_b", "1st", "c_2")]
    )
    values = definition(result, "join__Graph")
    for value in ("_1ST @", "A_B_1 @", "A_B_2 @", "C_2_ @"):
        assert value in values


AUDIT = f"""
extend schema
  @link(url: "{V2}", import: ["@shareable", "@composeDirective"])
  @link(url: "https://audit.test/v1.VERSION", import: ["@audited"])
  @composeDirective(name: "@audited")
directive @audited(level: Level) on
  FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
enum Level {{ LOW HIGH }}
"""


def audited(version: str, sdl: str) -> str:
    return AUDIT.replace("VERSION", version) + sdl


def composed_audit(**subgraphs: str) -> Composition:
    return composed(subgraphs, head="")


def test_composed_directives_reach_every_kind_of_element() -> None:
    result = composed_audit(
        a=audited(
            "0",
            "type Query @audited { x(i: I @audited(level: LOW)): Int @audited(level: HIGH) } "
            "input I { a: Int @audited }",
        )
    )
    assert definition(result, "Query") == (
        "type Query @audited @join__type(graph: A) "
        "{ x(i: I @audited(level: LOW)): Int @audited(level: HIGH) }"
    )
    assert definition(result, "I") == "input I @join__type(graph: A) { a: Int @audited }"
    schema = build_ast_schema(api_document(parse(result.sdl)))
    assert schema.get_directive("audited") is not None


def test_the_newest_link_of_a_composed_directive_is_the_supergraphs() -> None:
    result = composed_audit(
        a=audited("0", "type Query { x: Int }"), b=audited("2", "type Query { y: Int }")
    )
    assert '@link(url: "https://audit.test/v1.2", import: ["@audited"])' in result.sdl
    assert "v1.0" not in result.sdl.replace("link/v1.0", "")


def test_a_second_name_for_a_composed_directive_is_refused() -> None:
    other = audited("0", "type Query { y: Int }").replace(
        'import: ["@audited"]', 'import: [{name: "@audited", as: "@seen"}]'
    )
    other = other.replace('(name: "@audited")', '(name: "@seen")')
    other = other.replace("directive @audited", "directive @seen")
    found = codes({"a": audited("0", "type Query { x: Int }"), "b": other}, head="")
    assert {code for code, _ in found} == {"DIRECTIVE_COMPOSITION_ERROR"}


def test_a_security_directive_may_not_be_stated_in_two_ways() -> None:
    def security(level: str) -> str:
        sdl = audited("0", f"type Query {{ x: Int @shareable @audited(level: {level}) }}")
        return sdl.replace('import: ["@audited"])', 'import: ["@audited"], for: SECURITY)')

    assert codes({"a": security("LOW"), "b": security("LOW")}, head="") == []
    found = codes({"a": security("LOW"), "b": security("HIGH")}, head="")
    assert found == [("DIRECTIVE_COMPOSITION_ERROR", "Query.x")]


def test_executable_directives_stay_where_all_subgraphs_define_them() -> None:
    both = "directive @live(a: Int) on QUERY | FIELD_DEFINITION"
    result = composed(
        {
            "a": f"{both} directive @mine on QUERY type Query {{ x: Int }}",
            "b": f"{both} type Query {{ y: Int }}",
        }
    )
    assert definition(result, "live") == "directive @live(a: Int) on QUERY"
    assert "@mine" not in result.sdl
    assert "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE" in {hint.code for hint in result.hints}

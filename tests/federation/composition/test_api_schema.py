from graphql import build_ast_schema, parse, validate_schema

from federation.api_schema import api_document, api_sdl

HEAD = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/inaccessible/v0.2", as: "hidden", for: SECURITY)
  @link(url: "https://specs.apollo.dev/tag/v0.3")
  @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
  @link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)
  @link(url: "https://example.com/audit/v1.0", import: ["@audited"])
{ query: Query }
directive @authenticated on FIELD_DEFINITION | OBJECT
directive @policy(policies: [[policy__Policy!]!]!) on FIELD_DEFINITION
directive @tag(name: String!) repeatable on FIELD_DEFINITION
directive @hidden on FIELD_DEFINITION | OBJECT | ENUM_VALUE | ARGUMENT_DEFINITION
directive @audited(level: Level) on FIELD_DEFINITION
directive @join__type(graph: join__Graph!) repeatable on OBJECT
scalar policy__Policy
scalar link__Import
enum join__Graph { A @join__graph(name: "a", url: "") }
enum Level { LOW HIGH @hidden }
"""


def api_of(types: str) -> str:
    document = parse(HEAD + types)
    assert validate_schema(build_ast_schema(api_document(document))) == []
    return api_sdl(document)


def test_machinery_and_directives_for_routers_are_gone() -> None:
    text = api_of("""
        type Query @join__type(graph: A) {
          a: Int @tag(name: "x") @policy(policies: [["p"]]) @deprecated(reason: "old")
        }
    """)
    assert 'a: Int @deprecated(reason: "old")' in text
    for word in ("join__", "link__", "policy", "@tag", "@hidden"):
        assert word not in text


def test_directives_for_clients_stay_with_their_definitions() -> None:
    text = api_of("type Query { a: Int @authenticated @audited(level: LOW) }")
    assert "a: Int @authenticated @audited(level: LOW)" in text
    assert "directive @audited" in text


def test_inaccessible_elements_are_gone_under_a_renamed_directive() -> None:
    text = api_of("""
        type Query { a(x: Int @hidden, y: Int): Int b: Int @hidden }
    """)
    assert "a(y: Int): Int" in text
    assert "b: Int" not in text
    assert "HIGH" not in text


def test_what_refers_only_to_inaccessible_types_goes_with_them() -> None:
    text = api_of("""
        type Query { a: Int secret: Secret wrapper: Wrapper either: Either }
        type Secret @hidden { x: Int }
        type Wrapper { secret: Secret }
        union Either = Secret | Wrapper
    """)
    assert "Secret" not in text
    assert "Wrapper" not in text
    assert "Either" not in text

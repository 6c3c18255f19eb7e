"""Reading supergraphs: subgraphs, join metadata, the API schema, mistakes."""

from __future__ import annotations

import hashlib

import pytest
from graphql import OperationType, parse, validate

from federation.errors import SupergraphError
from federation.supergraph import SubgraphInfo, Supergraph

HEAD = """
schema @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) { query: Root }
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @link(url: String, for: link__Purpose) repeatable on SCHEMA
directive @inaccessible on FIELD_DEFINITION
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph {
  SHOP_ONE @join__graph(name: "shop-one", url: "http://one.test/graphql")
  TWO @join__graph(name: "two", url: "")
}
"""
SDL = (
    HEAD
    + """
type Root @join__type(graph: SHOP_ONE) @join__type(graph: TWO) {
  things: [Thing!]! @join__field(graph: SHOP_ONE, provides: "name") }
interface Named @join__type(graph: TWO, key: "id", isInterfaceObject: true)
  @join__type(graph: SHOP_ONE, key: "id") { id: ID!  name: String }
type Thing implements Named @join__type(graph: SHOP_ONE, key: "id")
  @join__type(graph: SHOP_ONE, key: "owner { id }", resolvable: false)
  @join__implements(graph: SHOP_ONE, interface: "Named") {
  id: ID!
  name: String @join__field(graph: SHOP_ONE, external: true)
  code: String! @join__field(graph: SHOP_ONE, type: "String!", requires: "name")
  owner: Thing @inaccessible }
union Any @join__type(graph: SHOP_ONE) @join__unionMember(graph: SHOP_ONE, member: "Thing") = Thing
"""
)


def test_subgraphs_are_known_by_name_and_by_enum_value() -> None:
    supergraph = Supergraph.parse(SDL)
    one = SubgraphInfo("shop-one", "SHOP_ONE", "http://one.test/graphql")
    assert supergraph.subgraphs == {"shop-one": one, "two": SubgraphInfo("two", "TWO", "")}
    assert supergraph.graphs["SHOP_ONE"] == one


def test_the_digest_identifies_the_text() -> None:
    assert Supergraph.parse(SDL).digest == hashlib.sha256(SDL.encode()).hexdigest()
    assert Supergraph.parse(SDL).digest != Supergraph.parse(SDL + " ").digest


def test_root_types_may_have_any_name() -> None:
    assert Supergraph.parse(SDL).roots == {OperationType.QUERY: "Root"}


def test_keys_are_indexed_by_graph() -> None:
    thing = Supergraph.parse(SDL).types["Thing"]
    assert [key.is_resolvable for key in thing.keys["SHOP_ONE"]] == [True, False]
    assert "TWO" not in thing.keys


def test_fields_say_what_each_graph_declares() -> None:
    fields = Supergraph.parse(SDL).types["Thing"].fields
    assert fields["name"].graphs["SHOP_ONE"].is_external
    assert fields["code"].graphs["SHOP_ONE"].requires is not None
    assert fields["id"].graphs.keys() == {"SHOP_ONE"}


def test_interfaces_and_unions_know_their_members() -> None:
    supergraph = Supergraph.parse(SDL)
    assert supergraph.possible == {"Named": {"Thing"}, "Any": {"Thing"}}
    assert supergraph.types["Named"].interface_objects == {"TWO"}


def test_inaccessible_fields_stay_in_the_index_and_leave_the_api() -> None:
    supergraph = Supergraph.parse(SDL)
    assert "owner" in supergraph.types["Thing"].fields
    thing = supergraph.api_schema.type_map["Thing"]
    assert set(thing.fields) == {"id", "name", "code"}  # type: ignore[attr-defined]  # an object


def test_the_api_schema_is_built_once() -> None:
    supergraph = Supergraph.parse(SDL)
    assert supergraph.api_schema is supergraph.api_schema


@pytest.mark.parametrize(
    ("sdl", "reason"),
    [
        ("type Query {", "not GraphQL"),
        ("type Query { a: Int }", "no schema definition"),
        ("schema { query: Query } type Query { a: Int }", "links no join specification"),
        (SDL.replace("join/v0.3", "join/v0.1"), "too old"),
        (SDL.replace("join__Graph", "Graphs"), "lists no subgraphs"),
        (SDL.replace('provides: "name"', 'provides: "name {"'), "not a set of fields"),
    ],
)
def test_what_is_no_supergraph_is_refused_with_a_reason(sdl: str, reason: str) -> None:
    with pytest.raises(SupergraphError, match=reason):
        Supergraph.parse(sdl)


def test_a_supergraph_without_a_valid_api_is_refused() -> None:
    with_output_as_input = SDL + "input Bad @join__type(graph: TWO) { thing: Thing }"
    supergraph = Supergraph.parse(with_output_as_input)
    with pytest.raises(SupergraphError, match="no valid API schema"):
        assert supergraph.api_schema.type_map


def test_an_interface_may_be_implemented_incompletely() -> None:
    without_name = SDL.replace("name: String @join__field(graph: SHOP_ONE, external: true)", "")
    schema = Supergraph.parse(without_name).api_schema
    assert validate(schema, parse("{ __typename }")) == []


def test_an_implementation_may_be_deprecated_alone() -> None:
    sdl = (
        HEAD
        + """
    type Root @join__type(graph: TWO) { named: Named }
    interface Named @join__type(graph: TWO) { name: String }
    type Thing implements Named @join__type(graph: TWO) { name: String @deprecated }
    """
    )
    assert validate(Supergraph.parse(sdl).api_schema, parse("{ named { name } }")) == []

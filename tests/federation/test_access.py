"""Access rules that a supergraph states, by coordinate."""

from __future__ import annotations

from graphql import parse

from federation.access import AccessRule, access_rules


def rules(types: str, links: str = "") -> dict[str, AccessRule]:
    return access_rules(parse(f"schema {links} {{ query: Query }} {types}"))


def scopes(*names: str) -> AccessRule:
    return AccessRule(scopes=((frozenset(names),),))


SIGNED_IN = AccessRule(authenticated=True)


def test_an_unprotected_field_has_no_rule() -> None:
    assert rules("type Query { a: Int }") == {}


def test_a_field_has_its_own_directives() -> None:
    found = rules(
        'type Query { a: Int @authenticated b: Int @requiresScopes(scopes: [["x", "y"], ["z"]])'
        ' c: Int @policy(policies: [["p"]]) }'
    )
    assert found == {
        "Query.a": SIGNED_IN,
        "Query.b": AccessRule(scopes=((frozenset({"x", "y"}), frozenset({"z"})),)),
        "Query.c": AccessRule(policies=((frozenset({"p"}),),)),
    }


def test_a_rule_on_a_type_holds_for_its_fields_and_for_fields_that_return_it() -> None:
    found = rules("type Query { user: [User!]! other: Int } type User @authenticated { id: ID! }")
    assert found == {"Query.user": SIGNED_IN, "User.id": SIGNED_IN}


def test_a_rule_on_a_scalar_or_enum_holds_for_fields_that_return_it() -> None:
    found = rules(
        "type Query { ssn: Ssn role: Role } scalar Ssn @authenticated"
        ' enum Role @requiresScopes(scopes: [["roles"]]) { A }'
    )
    assert found == {"Query.ssn": SIGNED_IN, "Query.role": scopes("roles")}


def test_a_rule_of_an_interface_field_holds_for_implementors() -> None:
    found = rules(
        "type Query { a: Int } interface Node { id: ID! @authenticated }"
        ' type Post implements Node { id: ID! @requiresScopes(scopes: [["posts"]]) }'
    )
    assert found["Node.id"] == SIGNED_IN
    assert found["Post.id"] == SIGNED_IN & scopes("posts")


def test_a_rule_of_an_implementor_does_not_hold_for_its_interface() -> None:
    found = rules(
        "type Query { a: Int } interface Node { id: ID! }"
        " type Post implements Node { id: ID! @authenticated }"
    )
    assert found == {"Post.id": SIGNED_IN}


def test_rules_from_several_places_must_all_hold() -> None:
    found = rules(
        'type Query @authenticated { user: User @requiresScopes(scopes: [["a"]]) }'
        ' type User @requiresScopes(scopes: [["b"]]) { id: ID! }'
    )
    rule = found["Query.user"]
    assert rule.authenticated
    assert set(rule.scopes) == {(frozenset({"a"}),), (frozenset({"b"}),)}


def test_directives_may_be_renamed_on_import() -> None:
    links = (
        '@link(url: "https://specs.apollo.dev/authenticated/v0.1",'
        ' import: [{ name: "@authenticated", as: "@signedIn" }])'
        ' @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", as: "needs")'
        ' @link(url: "https://example.test/other/v1.0", import: [{ name: "@policy", as: "@p" }])'
    )
    found = rules(
        'type Query { a: Int @signedIn b: Int @needs(scopes: [["x"]]) c: Int @authenticated'
        ' d: Int @p(policies: [["z"]]) }',
        links,
    )
    assert found == {"Query.a": SIGNED_IN, "Query.b": scopes("x")}

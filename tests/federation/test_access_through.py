"""A field is protected at least as what it is made from."""

from __future__ import annotations

import pytest

from federation.access import AccessRule
from federation.supergraph import Supergraph

HEAD = """
schema @link(url: "https://specs.apollo.dev/join/v0.5") { query: Query }
enum join__Graph { A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") }
"""
SIGNED_IN = AccessRule(authenticated=True)


def rules(types: str) -> dict[str, AccessRule]:
    return dict(Supergraph.parse(HEAD + types).requirements)


def scopes(*sets: str) -> AccessRule:
    return AccessRule(scopes=(tuple(frozenset(names.split()) for names in sets),))


T = '@join__type(graph: A, key: "id") @join__type(graph: B, key: "id")'


def test_a_rule_of_what_is_required_holds_for_the_field_that_requires_it() -> None:
    found = rules(f"""
        type T {T} {{ id: ID! n: Int @authenticated @join__field(graph: A)
          m: Int @join__field(graph: B, requires: "n") }}
    """)
    assert found == {"T.n": SIGNED_IN, "T.m": SIGNED_IN}


def test_it_holds_along_a_chain_and_in_a_circle() -> None:
    found = rules(f"""
        type T {T} {{ id: ID! n: Int @authenticated @join__field(graph: A, requires: "o")
          m: Int @join__field(graph: B, requires: "n")
          o: Int @join__field(graph: B, requires: "m") p: Int }}
    """)
    assert found == {"T.n": SIGNED_IN, "T.m": SIGNED_IN, "T.o": SIGNED_IN}


def test_it_holds_below_composite_fields_and_on_every_object_type() -> None:
    found = rules(f"""
        type T {T} {{ id: ID! i: I @join__field(graph: A)
          m: Int @join__field(graph: B, requires: "i {{ x ... on V {{ y }} }}") }}
        interface I @join__type(graph: A) {{ x: Int }}
        type U implements I @join__type(graph: A) {{ x: Int @authenticated }}
        type V implements I @join__type(graph: A) {{
          x: Int y: Int @requiresScopes(scopes: [["s"]]) }}
    """)
    assert found["T.m"] == SIGNED_IN & scopes("s")


def test_it_holds_for_the_object_types_of_an_interface_object() -> None:
    found = rules("""
        interface I @join__type(graph: A, key: "id") @join__type(graph: B, key: "id",
          isInterfaceObject: true) { id: ID! n: Int @authenticated @join__field(graph: A)
          m: Int @join__field(graph: B, requires: "n") }
        type U implements I @join__type(graph: A, key: "id") @join__implements(graph: A,
          interface: "I") { id: ID! n: Int @join__field(graph: A) m: Int @join__field }
    """)
    assert found["I.m"] == found["U.m"] == SIGNED_IN


def test_a_rule_of_what_a_context_selects_holds_for_the_field_that_is_given_it() -> None:
    argument = '{context: "a__c", name: "x", type: "Int", selection: "{ n }"}'
    found = rules(f"""
        type S @join__type(graph: A) @context(name: "a__c") {{ n: Int @authenticated t: T }}
        type R @join__type(graph: A) @context(name: "a__other") {{ n: Int @authenticated }}
        type T {T} {{ id: ID! m: Int @join__field(graph: A, contextArguments: [{argument}]) }}
    """)
    assert found["T.m"] == SIGNED_IN


@pytest.mark.parametrize(
    ("one", "other", "implies"),
    [
        (SIGNED_IN, AccessRule(), True),
        (AccessRule(), SIGNED_IN, False),
        (scopes("a"), SIGNED_IN, False),
        (scopes("a b"), scopes("a"), True),
        (scopes("a"), scopes("a", "b"), True),
        (scopes("a", "b"), scopes("a"), False),
        (scopes("a") & scopes("b"), scopes("a b"), True),
        (scopes("a", "c") & scopes("b"), scopes("a b", "b c"), True),
        (scopes("a", "c") & scopes("b"), scopes("a b"), False),
        (AccessRule(), AccessRule(policies=((frozenset({"p"}),),)), False),
        (AccessRule(policies=((frozenset({"p"}),),)), AccessRule(), True),
    ],
)
def test_a_rule_implies_another_when_nobody_satisfies_it_alone(
    one: AccessRule, other: AccessRule, *, implies: bool
) -> None:
    assert one.implies(other) is implies

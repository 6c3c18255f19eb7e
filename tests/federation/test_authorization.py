from __future__ import annotations

import pytest
from graphql import build_schema

from federation.access import AccessRule
from federation.authorization import Requirements
from federation.errors import OperationTooComplexError
from federation.operation import Grants
from tests.federation.plans import operation

SCHEMA = build_schema("""
    type Query { me: User  node: Node  being: Being  open: Int }
    type Mutation { rename: User }
    interface Node { id: ID!  secret: String }
    type User implements Node { id: ID!  secret: String  name: String  friend: User }
    type Group implements Node { id: ID!  secret: String  members: [User] }
    type Robot { id: ID!  name: String }
    union Being = User | Robot
""")

SIGNED_IN = AccessRule(authenticated=True)
READERS = AccessRule(scopes=((frozenset({"read"}), frozenset({"admin", "own"})),))
RULES = {
    "User.secret": SIGNED_IN,
    "Group.secret": READERS,
    "User.name": SIGNED_IN,
    "Robot.name": AccessRule(policies=((frozenset({"machines"}),),)),
    "User.friend": READERS,
    "Mutation.rename": SIGNED_IN,
    "Query.open": SIGNED_IN,
}

REACHED = [
    ("{ me { id } }", set()),
    ("{ me { id name } open }", {"User.name", "Query.open"}),
    ("{ node { secret } }", {"User.secret", "Group.secret"}),
    ("{ node { ... on Group { secret } } }", {"Group.secret"}),
    ("{ node { ... on Group { members { name } } } }", {"User.name"}),
    (
        "{ node { ...F } } fragment F on User { friend { ... { secret } } }",
        {"User.friend", "User.secret"},
    ),
    ("{ being { ... on Node { secret } ... on Robot { name } } }", {"User.secret", "Robot.name"}),
    ("query($x: Boolean!) { me { name @include(if: $x) } }", {"User.name"}),
    ("query($x: Boolean!) { me { ... @skip(if: $x) { name } } }", {"User.name"}),
    ("{ me { name @include(if: false) ... @skip(if: true) { secret } } }", set()),
    ("mutation { rename { alias: name } }", {"Mutation.rename", "User.name"}),
    ("{ __typename __schema { types { name } } }", set()),
]


@pytest.mark.parametrize(("query", "coordinates"), REACHED)
def test_everything_an_operation_can_reach_is_gathered(query: str, coordinates: set[str]) -> None:
    assert Requirements.gather(operation(query), SCHEMA, RULES).coordinates == coordinates


QUERY = "{ me { name secret friend { id } } node { secret } being { ... on Robot { name } } }"
DENIED = [
    (Grants(), {"User.name", "User.secret", "User.friend", "Group.secret", "Robot.name"}),
    (Grants(is_authenticated=True), {"User.friend", "Group.secret", "Robot.name"}),
    (
        Grants(is_authenticated=True, scopes=frozenset({"read"})),
        {"Robot.name"},
    ),
    (
        Grants(is_authenticated=True, scopes=frozenset({"admin"})),
        {"User.friend", "Group.secret", "Robot.name"},
    ),
    (
        Grants(is_authenticated=True, scopes=frozenset({"admin", "own"})),
        {"Robot.name"},
    ),
    (
        Grants(is_authenticated=True, holds_every_scope=True, policies=frozenset({"machines"})),
        set(),
    ),
    (Grants(holds_every_scope=True, holds_every_policy=True), {"User.name", "User.secret"}),
]


@pytest.mark.parametrize(("grants", "denied"), DENIED)
def test_what_is_denied_depends_on_the_grants_alone(grants: Grants, denied: set[str]) -> None:
    requirements = Requirements.gather(operation(QUERY), SCHEMA, RULES)
    assert requirements.denied(grants) == denied
    requirements.denied(Grants())
    assert requirements.denied(grants) == denied


def test_nested_fragments_are_walked_once() -> None:
    fragments = " ".join(
        f"fragment F{n} on User {{ a: friend {{ ...F{n + 1} }} b: friend {{ ...F{n + 1} }} }}"
        for n in range(30)
    )
    query = f"{{ me {{ ...F0 }} }} {fragments} fragment F30 on User {{ name }}"
    requirements = Requirements.gather(operation(query), SCHEMA, RULES)
    assert requirements.coordinates == {"User.friend", "User.name"}


def test_too_many_combinations_of_types_are_refused() -> None:
    types = " ".join(f"type T{n} implements I {{ i: I }}" for n in range(400))
    schema = build_schema(f"type Query {{ i: I }} interface I {{ i: I }} {types}")
    query = "i { ... on T0 { x: i { i { i } } }" * 150 + "i { __typename }" + "}" * 150
    with pytest.raises(OperationTooComplexError):
        Requirements.gather(operation(f"{{ {query} }}"), schema, {"T1.i": SIGNED_IN})

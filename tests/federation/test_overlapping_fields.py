"""The rule agrees with the reference implementation's, and its work is bounded."""

from __future__ import annotations

import random
import time

import pytest
from graphql import (
    OverlappingFieldsCanBeMergedRule,
    build_schema,
    parse,
    specified_rules,
    validate,
)

from federation.errors import OperationTooComplexError
from federation.overlapping_fields import overlapping_fields

SCHEMA = build_schema("""
type Query { dog: Dog  pet: Pet  pets: [Pet!]  any: Any }
interface Pet { name: String  owner(of: Int, like: Like): Person }
input Like { a: Int  b: Int }
type Dog implements Pet {
  name: String  owner(of: Int, like: Like): Person  barks: Boolean!  size: Int  best: Pet
}
type Cat implements Pet {
  name: String  owner(of: Int, like: Like): Person  barks: String  size: Int!  best: Person
}
type Person { name: String!  age: Int  pets: [Pet]  dog: Dog }
union Any = Dog | Cat | Person
""")


def messages(text: str) -> list[str]:
    return [error.message for error in overlapping_fields(SCHEMA, parse(text))]


@pytest.mark.parametrize(
    "text",
    [
        "{ dog { name name n: name } }",
        "{ pet { ... on Dog { x: size } ... on Cat { y: size } } dog { name } }",
        "{ pet { ... on Dog { x: name } ... on Cat { x: name } } }",
        "{ dog { owner(like: {a: 1, b: 2}) { age } owner(like: {b: 2, a: 1}) { name } } }",
        "{ pet { ...D ...D } } fragment D on Dog { owner { name } owner { age } }",
        "{ any { ... on Dog { x: name } ... on Cat { x: name } __typename } }",
    ],
)
def test_fields_that_can_be_merged_are(text: str) -> None:
    assert messages(text) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ dog { x: name x: size } }", "'name' and 'size' are different fields"),
        ("{ dog { owner { x: name } owner { x: age } } }", "different fields"),
        ("{ pet { owner(of: 1) { age } ... on Dog { owner(of: 2) { age } } } }", "arguments"),
        ("{ pet { ... on Dog { barks } ... on Cat { barks } } }", "Boolean! and String"),
        ("{ pet { ... on Dog { size } ... on Cat { size } } }", "types Int and Int!"),
        ("{ pet { ... on Dog { x: best { name } } ... on Cat { x: name } } }", "different types"),
        ("{ pet { ...A ...B } } fragment A on Pet { x: name }"
         " fragment B on Dog { ... { x: size } }", "different"),
        ("{ any { ... on Dog { x: best { name } } ... on Person { x: dog { name: size } } } }",
         "types String and Int"),
    ],
)  # fmt: skip
def test_fields_that_cannot_be_merged_are_reported(text: str, reason: str) -> None:
    found = messages(text)
    assert found
    assert any(reason in message for message in found)


def random_document(seed: int) -> str:
    """A document that is valid but, perhaps, for this rule."""
    choose = random.Random(seed)  # noqa: S311 - test data
    fields = {
        "Dog": ("name", "barks", "size", "owner", "best"),
        "Cat": ("name", "barks", "size", "owner", "best"),
        "Pet": ("name", "owner"),
        "Person": ("name", "age", "pets", "dog"),
    }
    types = {"pets": "Pet", "dog": "Dog", "owner": "Person"}

    def selection(type_name: str, depth: int) -> str:
        return " ".join(one(type_name, depth) for _ in range(choose.randint(1, 4)))

    def one(type_name: str, depth: int) -> str:
        if depth and type_name != "Person" and choose.random() < 0.35:
            inner = choose.choice(("Dog", "Cat", "Pet") if type_name == "Pet" else (type_name,))
            return f"... on {inner} {{ {selection(inner, depth - 1)} }}"
        name = choose.choice(fields[type_name])
        below = types.get(name) or (name == "best" and {"Dog": "Pet", "Cat": "Person"}[type_name])
        alias = choose.choice(("", "", "x: ", "y: "))
        arguments = choose.choice(("", "", "(of: 1)", "(of: 2)")) if name == "owner" else ""
        if not below:
            return alias + name
        inside = selection(str(below), depth - 1) if depth > 0 else "__typename"
        return f"{alias}{name}{arguments} {{ {inside} }}"

    return (
        f"{{ pet {{ {selection('Pet', 3)} ...F }} }} fragment F on Pet {{ {selection('Pet', 2)} }}"
    )


def test_it_agrees_with_the_reference_on_random_documents() -> None:
    verdicts = set()
    others = [rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule]
    for seed in range(600):
        document = parse(random_document(seed))
        assert validate(SCHEMA, document, others) == []
        expected = validate(SCHEMA, document, [OverlappingFieldsCanBeMergedRule]) == []
        assert (overlapping_fields(SCHEMA, document) == []) is expected, random_document(seed)
        verdicts.add(expected)
    assert verdicts == {True, False}


def test_many_repetitions_are_read_once_each() -> None:
    text = "{ " + "pet { owner { pets { owner { pets { name } } } } } " * 400 + "}"
    started = time.process_time()
    assert messages(text) == []
    assert time.process_time() - started < 1.0


def test_fragments_merged_too_often_are_refused() -> None:
    body = " ".join(f"f{number}: name" for number in range(500))
    aliases = " ".join(f"a{number}: pet {{ name ...F }}" for number in range(500))
    with pytest.raises(OperationTooComplexError, match="overlap too often"):
        messages(f"{{ {aliases} }} fragment F on Pet {{ {body} }}")

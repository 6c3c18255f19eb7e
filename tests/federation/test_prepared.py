from __future__ import annotations

import pytest

from federation.errors import OperationError, OperationTooComplexError
from federation.plan import OperationKind
from federation.prepared import OperationParser
from federation.supergraph import Supergraph

SUPERGRAPH = Supergraph.parse("""
schema @link(url: "https://specs.apollo.dev/link/v1.0")
       @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) {
  query: Query  mutation: Mutation }
directive @link(url: String, for: link__Purpose) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!) repeatable on OBJECT
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { A @join__graph(name: "a", url: "") }
type Query @join__type(graph: A) { me: String  other(x: Int): String }
type Mutation @join__type(graph: A) { rename: String }
""")


def parser(max_tokens: int = 1000) -> OperationParser:
    return OperationParser(SUPERGRAPH, max_tokens=max_tokens)


def mistakes(text: str, name: str | None = None, max_tokens: int = 1000) -> list[str]:
    with pytest.raises(OperationError) as caught:
        parser(max_tokens).prepare(text, name)
    for error in caught.value.errors:
        assert error.extensions == {"code": "BAD_USER_INPUT"}
    return [error.message for error in caught.value.errors]


def test_the_only_operation_needs_no_name() -> None:
    prepared = parser().prepare("mutation Rename { rename }", None)
    assert prepared.operation.name == "Rename"
    assert prepared.kind is OperationKind.MUTATION
    assert prepared.is_mutation


def test_an_operation_is_chosen_by_name() -> None:
    text = "query A { ...F } query B { ...F } fragment F on Query { me }"
    prepared = parser().prepare(text, "B")
    assert prepared.operation.name == "B"
    assert list(prepared.operation.fragments) == ["F"]
    assert not prepared.is_mutation


def test_every_mistake_is_reported() -> None:
    found = mistakes("query($x: Nope) { nothing other(y: 1) }")
    assert len(found) == 4
    assert any("nothing" in message for message in found)


def test_bad_syntax_is_one_mistake() -> None:
    [message] = mistakes("{ me ")
    assert message.startswith("Syntax Error")


def test_a_document_without_the_operation_says_so() -> None:
    assert mistakes("query A { me } query B { me }") == [
        "The document has several operations: name the one to run."
    ]
    assert mistakes("query A { me }", "B") == ["The document has no operation named 'B'."]


def test_a_long_document_is_refused_while_it_is_read() -> None:
    [message] = mistakes("{ " + "me " * 50 + "}", max_tokens=20)
    assert "20 tokens" in message


def test_a_deep_document_is_refused() -> None:
    assert mistakes("{ me " * 5000 + "}" * 5000, max_tokens=100_000)


def test_no_field_may_pose_as_the_type_name() -> None:
    assert mistakes("{ __typename: me }") == ["The alias '__typename' is reserved."]
    assert not parser().prepare("{ __isNode: __typename }", None).is_mutation


def test_a_document_of_too_many_fields_is_refused_before_it_is_validated() -> None:
    limited = OperationParser(SUPERGRAPH, max_tokens=1000, max_selections=3)
    assert limited.prepare("{ me ... { other } }", None).operation.name is None
    with pytest.raises(OperationTooComplexError, match="4 fields, arguments and fragments; 3 are"):
        limited.prepare("{ ...F } fragment F on Query { me nothing(x: 1) }", None)


def test_fields_that_cannot_be_merged_are_a_mistake() -> None:
    [message] = mistakes("{ x: me x: other }")
    assert "'me' and 'other' are different fields" in message

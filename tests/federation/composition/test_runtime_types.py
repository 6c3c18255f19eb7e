"""Shared fields that return interfaces and unions, compared between subgraphs."""

from .harness import codes, composed

HINT = "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN"
ERROR = "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES"
TYPES = "type A @shareable { n: Int } type B @shareable { n: Int } type C @shareable { n: Int }"


def union(members: str) -> str:
    return f"type Query {{ u: U @shareable }} union U = {members} {TYPES}"


def test_the_same_types_everywhere_say_nothing() -> None:
    assert composed({"a": union("A | B"), "b": union("B | A")}).hints == ()


def test_types_that_only_one_subgraph_returns_are_hinted() -> None:
    (hint,) = composed({"a": union("A | B"), "b": union("B | C")}).hints
    assert (hint.code, hint.coordinate, hint.subgraphs) == (HINT, "Query.u", ("a", "b"))
    assert "A, B in a; B, C in b" in hint.message


def test_subgraphs_that_can_never_return_the_same_are_refused() -> None:
    assert codes({"a": union("A | B"), "b": union("C")}) == [(ERROR, "Query.u")]


def test_implementations_count_for_interfaces() -> None:
    def interface(name: str) -> str:
        return (
            "type Query { i: I @shareable } interface I { n: Int } "
            f"type {name} implements I @shareable {{ n: Int }}"
        )

    assert codes({"a": interface("A"), "b": interface("B")}) == [(ERROR, "Query.i")]


def test_a_type_that_no_plan_reaches_in_both_is_only_hinted() -> None:
    subgraphs = {
        "a": f"type Query {{ a: V }} type V @shareable {{ u: U }} union U = A {TYPES}",
        "b": f"type Query {{ b: V }} type V @shareable {{ u: U }} union U = B {TYPES}",
    }
    assert [hint.code for hint in composed(subgraphs).hints] == [HINT]


def test_a_field_taken_over_is_not_compared() -> None:
    subgraphs = {
        "a": union("A").replace("@shareable }", '@shareable @override(from: "b") }', 1),
        "b": union("B"),
    }
    assert codes(subgraphs) == []

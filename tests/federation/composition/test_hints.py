import pytest

from .harness import composed

CASES = [
    (
        "descriptions differ",
        {
            "a": 'type Query { "one" x: Int @shareable }',
            "b": 'type Query { "two" x: Int @shareable }',
        },
        ("INCONSISTENT_DESCRIPTION", "Query.x"),
    ),
    (
        "an optional argument is missing somewhere",
        {
            "a": "type Query { x(a: Int): Int @shareable }",
            "b": "type Query { x: Int @shareable }",
        },
        ("INCONSISTENT_ARGUMENT_PRESENCE", "Query.x(a:)"),
    ),
    (
        "an optional input field is missing somewhere",
        {
            "a": "type Query { x(i: I): Int } input I { a: Int b: Int }",
            "b": "type Query { y(i: I): Int } input I { a: Int }",
        },
        ("INCONSISTENT_INPUT_OBJECT_FIELD", "I.b"),
    ),
    (
        "a default value is missing somewhere",
        {
            "a": "type Query { x(a: Int = 1): Int @shareable }",
            "b": "type Query { x(a: Int): Int @shareable }",
        },
        ("INCONSISTENT_DEFAULT_VALUE_PRESENCE", "Query.x(a:)"),
    ),
    (
        "a returned enum value is missing somewhere",
        {
            "a": "type Query { x: E } enum E { A B }",
            "b": "type Query { y: E } enum E { A }",
        },
        ("INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM", "E.B"),
    ),
    (
        "a sent enum value is missing somewhere",
        {
            "a": "type Query { x(e: E): Int } enum E { A B }",
            "b": "type Query { y(e: E): Int } enum E { A }",
        },
        ("INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM", "E.B"),
    ),
    (
        "deprecations differ",
        {
            "a": 'type Query { x: Int @shareable @deprecated(reason: "one") }',
            "b": 'type Query { x: Int @shareable @deprecated(reason: "two") }',
        },
        ("INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS", "Query.x"),
    ),
    (
        "the subgraph overridden does not exist",
        {"a": 'type Query { x: Int @override(from: "gone") }'},
        ("FROM_SUBGRAPH_DOES_NOT_EXIST", "Query.x"),
    ),
    (
        "the subgraph overridden has no such field",
        {"a": 'type Query { x: Int @override(from: "b") }', "b": "type Query { y: Int }"},
        ("OVERRIDE_DIRECTIVE_CAN_BE_REMOVED", "Query.x"),
    ),
]


@pytest.mark.parametrize(
    ("subgraphs", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_hint(subgraphs: dict[str, str], expected: tuple[str, str]) -> None:
    assert [(hint.code, hint.coordinate) for hint in composed(subgraphs).hints] == [expected]


def test_subgraphs_that_agree_give_no_hints() -> None:
    sdl = 'type Query { "same" x(a: Int = 1): E @shareable } enum E { A }'
    assert composed({"a": sdl, "b": sdl}).hints == ()

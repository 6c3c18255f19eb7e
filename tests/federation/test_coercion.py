"""Variables are coerced as graphql-core does it, mistakes and their words included."""

from __future__ import annotations

from math import inf, nan
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    get_variable_values,
    is_input_type,
    parse,
)
from hypothesis import event, given, settings
from hypothesis import strategies as st

from federation import coercion
from federation.coercion import Variables


def _even(value: Any) -> int:
    if value == 13:
        return Undefined  # type: ignore[return-value] # as graphql-core's own types may
    if not isinstance(value, int) or value % 2:
        raise ValueError("Not even.")
    return value


class Made(dict[str, Any]):
    """What a host makes of an input."""


def _made(fields: dict[str, Any]) -> Made:
    if fields.get("count") == 4:
        raise ValueError("Four is too much.")
    return Made(fields)


EVEN = GraphQLScalarType("Even", coerce_input_value=_even)
ANYTHING = GraphQLScalarType("Anything")
COLOUR = GraphQLEnumType("Colour", {"RED": 1, "BLUE": {"deep": True}, "NONE": None})
POINT = GraphQLInputObjectType(
    "Point",
    {
        "x": GraphQLInputField(GraphQLNonNull(GraphQLInt)),
        "y": GraphQLInputField(GraphQLFloat, default_value=0.5),
        "label": GraphQLInputField(GraphQLNonNull(GraphQLString), default_value="here"),
    },
)
SHAPE = GraphQLInputObjectType(
    "Shape",
    lambda: {
        "points": GraphQLInputField(GraphQLList(GraphQLNonNull(POINT))),
        "rows": GraphQLInputField(GraphQLList(GraphQLList(GraphQLID))),
        "colour": GraphQLInputField(COLOUR, out_name="color"),
        "isFilled": GraphQLInputField(GraphQLBoolean),
        "even": GraphQLInputField(EVEN),
        "anything": GraphQLInputField(ANYTHING),
    },
)
COUNTED = GraphQLInputObjectType(
    "Counted", {"count": GraphQLInputField(GraphQLInt)}, out_type=_made
)
ONE = GraphQLInputObjectType(
    "One",
    {"a": GraphQLInputField(GraphQLInt), "b": GraphQLInputField(GraphQLString)},
    is_one_of=True,
)
TREE: GraphQLInputObjectType = GraphQLInputObjectType(
    "Tree",
    lambda: {
        "name": GraphQLInputField(GraphQLString),
        "below": GraphQLInputField(GraphQLList(TREE)),
    },
)
FOREST = GraphQLInputObjectType("Forest", {"tree": GraphQLInputField(TREE)})
TWINS = GraphQLInputObjectType(
    "Twins",
    {
        "a": GraphQLInputField(GraphQLInt, out_name="same"),
        "b": GraphQLInputField(GraphQLInt, out_name="same"),
    },
)
BROKEN = GraphQLInputObjectType("Broken", {"even": GraphQLInputField(EVEN, default_value=4)})
INPUTS = (POINT, SHAPE, COUNTED, ONE, FOREST, TWINS, BROKEN)
SCHEMA = GraphQLSchema(
    GraphQLObjectType(
        "Query",
        {
            "ask": GraphQLField(
                GraphQLInt, args={type_.name: GraphQLArgument(type_) for type_ in INPUTS}
            )
        },
    ),
    types=[EVEN, ANYTHING, COLOUR],
)
NAMES = [
    name
    for name, type_ in SCHEMA.type_map.items()
    if is_input_type(type_) and not name.startswith("__")
]

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.sampled_from([2**31 - 1, 2**31, -(2**31), 4, 13, inf, nan, 1.0, 0.5, Undefined])
    | st.floats()
    | st.sampled_from(["", "x", "RED", "BLUE", "NONE", "1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(st.sampled_from(["a", "b", "x", "count", "tree"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def fitting(type_: Any) -> st.SearchStrategy[Any]:
    """Values of a type; now and then one that is none."""
    if isinstance(type_, GraphQLNonNull):
        return fitting(type_.of_type)
    if isinstance(type_, GraphQLList):
        return st.lists(fitting(type_.of_type), max_size=3)
    if isinstance(type_, GraphQLInputObjectType):
        fields = {name: _deferred(field.type) for name, field in type_.fields.items()}
        return st.fixed_dictionaries({}, optional=fields)
    leaves: dict[str, st.SearchStrategy[Any]] = {
        "Int": st.integers(-9, 9),
        "Float": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9),
        "String": st.text(max_size=3),
        "ID": st.text(max_size=3) | st.integers(),
        "Boolean": st.booleans(),
        "Even": st.sampled_from([0, 2, 4]),
        "Colour": st.sampled_from(["RED", "BLUE", "NONE"]),
    }
    return leaves.get(type_.name, junk)


def _deferred(type_: Any) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: near(type_))


def near(type_: Any) -> st.SearchStrategy[Any]:
    return st.integers(0, 19).flatmap(
        lambda n: junk if n == 0 else st.none() if n == 1 else fitting(type_)
    )


@st.composite
def cases(draw: Any) -> tuple[str, dict[str, Any]]:
    declared, values = [], {}
    for number in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from(NAMES))
        type_: Any = SCHEMA.type_map[name]
        wrapped = draw(st.sampled_from(["{}", "{}!", "[{}]", "[{}!]!", "[[{}]]"]))
        default = draw(st.sampled_from(["", "", "", " = null"])) if "!" not in wrapped[-1] else ""
        declared.append(f"$v{number}: {wrapped.format(name)}{default}")
        for _ in range(wrapped.count("[")):
            type_ = GraphQLList(type_)
        if draw(st.integers(0, 9)):
            values[f"v{number}"] = draw(near(type_))
    return f"query({', '.join(declared)}) {{ __typename }}", values


def _told(answer: Any) -> Any:
    if isinstance(answer, list):
        return [error.formatted for error in answer]
    sources = {
        name: (source.signature.name, str(source.signature.type), source.value)
        for name, source in answer.sources.items()
    }
    return repr(sources), _shown(answer.coerced)


def _shown(value: Any) -> Any:
    """A value that is equal to none of another class, and to itself also where it holds NaN."""
    if isinstance(value, dict):
        return type(value), {name: _shown(item) for name, item in value.items()}
    return [_shown(item) for item in value] if isinstance(value, list) else repr(value)


def _assert_equal(text: str, values: dict[str, Any], most: int = 50) -> Any:
    (operation,) = parse(text).definitions
    declared = operation.variable_definitions or ()  # type: ignore[attr-defined] # an operation's
    expected = outcome(lambda: get_variable_values(SCHEMA, declared, values, max_errors=most))
    assert outcome(lambda: Variables(SCHEMA, declared, most).coerce(values)) == expected
    return expected


def outcome(work: Any) -> Any:
    try:
        return _told(work())
    except ValueError as error:
        return str(error)


@settings(deadline=None, max_examples=1500)
@given(cases())
def test_any_value_of_any_type(case: tuple[str, dict[str, Any]]) -> None:
    told = _assert_equal(*case)
    event("mistakes" if isinstance(told, list) else "values")


def test_what_is_right_is_coerced_without_graphql_core(monkeypatch: pytest.MonkeyPatch) -> None:
    (operation,) = parse("query($s: [Shape!]!, $c: Counted) { __typename }").definitions
    variables = Variables(SCHEMA, operation.variable_definitions, 50)  # type: ignore[attr-defined]
    monkeypatch.setattr(coercion, "get_variable_values", None)
    shape = {"points": [{"x": 1}], "rows": [["a"], None], "colour": "RED", "even": 2}

    answer = variables.coerce({"s": [shape, {}], "c": {"count": 1}})

    assert not isinstance(answer, list)
    point = {"x": 1, "y": 0.5, "label": "here"}
    first = {"points": [point], "rows": [["a"], None], "color": 1, "even": 2}
    assert answer.coerced == {"s": [first, {}], "c": {"count": 1}}
    assert isinstance(answer.coerced["c"], Made)


def test_there_are_no_more_mistakes_than_asked_for() -> None:
    values = {"v": [{"x": "wrong"}] * 9}

    assert len(_assert_equal("query($v: [Point]) { __typename }", values, 3)) == 4


def test_a_type_the_schema_lacks_is_a_mistake() -> None:
    assert _assert_equal("query($v: Nothing) { __typename }", {"v": 1})


def test_an_input_nested_deeper_than_functions_go_is_coerced_all_the_same() -> None:
    type_ = GraphQLInputObjectType("Level0", {"x": GraphQLInputField(GraphQLInt)})
    for level in range(1, 100):
        type_ = GraphQLInputObjectType(f"Level{level}", {"x": GraphQLInputField(type_)})
    field = GraphQLField(GraphQLInt, args={"of": GraphQLArgument(type_)})
    schema = GraphQLSchema(GraphQLObjectType("Query", {"ask": field}))
    value: Any = 1
    for _ in range(100):
        value = {"x": value}
    (operation,) = parse("query($v: Level99) { __typename }").definitions
    declared = operation.variable_definitions  # type: ignore[attr-defined] # an operation's

    answer = Variables(schema, declared, 50).coerce({"v": value})

    assert not isinstance(answer, list)
    assert answer.coerced == {"v": value}

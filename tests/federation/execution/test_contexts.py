"""Values from above, read off the data tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from federation.execution.contexts import grouped
from federation.plan import (
    ContextSource,
    ContextValue,
    PathSegment,
    RequiredField,
    RequiredType,
)

X = RequiredField("x", "x")
ABSTRACT = {"I": frozenset({"A", "B"})}


def values_of(
    root: dict[str, Any],
    *selections: RequiredField | RequiredType,
    path: str = "t",
    type_text: str = "Int",
    types: frozenset[str] | None = None,
) -> list[tuple[Any, int]]:
    """Values that the objects at a path are given from the root, and how many get each."""
    return _values(root, path, (ContextSource(0, types, selections),), type_text)


def _values(
    root: dict[str, Any], path: str, sources: Sequence[ContextSource], type_text: str
) -> list[tuple[Any, int]]:
    segments = tuple(PathSegment(key) for key in path.split("."))
    value = ContextValue("v", type_text, tuple(sources))
    return [
        (values["v"], len(objects))
        for values, objects in grouped(root, segments, (value,), ABSTRACT)
    ]


def test_objects_with_equal_values_are_together() -> None:
    root = {"t": [{"x": 1, "u": [{}, {}]}, {"x": 2, "u": {}}, {"x": 1, "u": [[{}], None]}]}
    assert _values(root, "t.u", (ContextSource(1, None, (X,)),), "Int") == [(1, 3), (2, 1)]


def test_true_is_not_one() -> None:
    root = {"t": [{"x": 1, "u": {}}, {"x": True, "u": {}}, {"x": "1", "u": {}}]}
    assert len(_values(root, "t.u", (ContextSource(1, None, (X,)),), "Int")) == 3


def test_a_value_that_json_has_not_is_told_by_its_text() -> None:
    assert values_of({"x": 2**70, "t": [{}, {}]}, X) == [(2**70, 2)]


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ({"y": {"x": 1}}, [(1, 1)]),
        ({"y": {"__typename": "A", "x": 1}}, [(1, 1)]),
        ({"y": [{"x": 1}, None, {"x": None}]}, [([1, None, None], 1)]),
        ({"y": None}, [(None, 1)]),
        ({"y": 5}, []),
        ({"y": {}}, []),
        ({"y": [{"x": 1}, {}]}, []),
        ({}, []),
    ],
)
def test_a_value_may_lie_deep(root: dict[str, Any], expected: list[Any]) -> None:
    selection = RequiredField("y", "y", (RequiredField("__typename", "__typename"), X))
    assert values_of({**root, "t": {}}, selection) == expected


def test_null_is_left_out_where_the_variable_may_not_be_null() -> None:
    assert values_of({"x": None, "t": {}}, X, type_text="Int!") == []


def test_a_type_condition_chooses() -> None:
    of_a, of_b = RequiredType("A", (X,)), RequiredType("B", (RequiredField("z", "z"),))
    assert values_of({"__typename": "B", "x": 1, "z": 2, "t": {}}, of_a, of_b) == [(2, 1)]
    assert values_of({"__typename": "C", "x": 1, "z": 2, "t": {}}, of_a, of_b) == []
    only = RequiredType("A", (RequiredField("__typename", "__typename"),))
    assert values_of({"__typename": "A", "t": {}}, only) == []


def test_an_object_of_another_type_is_passed_over() -> None:
    sources = (
        ContextSource(1, frozenset({"A"}), (X,)),
        ContextSource(0, frozenset({"R"}), (X,)),
    )
    root = {
        "__typename": "R",
        "x": 0,
        "t": [{"__typename": "A", "x": 1, "u": {}}, {"__typename": "B", "x": 2, "u": {}}],
    }
    assert _values(root, "t.u", sources, "Int") == [(1, 1), (0, 1)]
    assert _values({**root, "__typename": "S"}, "t.u", sources, "Int") == [(1, 1)]


def test_only_objects_of_the_paths_types_are_given_anything() -> None:
    path = (PathSegment("t", frozenset({"A"})),)
    value = ContextValue("v", "Int", (ContextSource(0, None, (X,)),))
    root = {"x": 1, "t": [{"__typename": "A"}, {"__typename": "B"}, {}]}
    [(values, objects)] = grouped(root, path, (value,), ABSTRACT)
    assert (values, objects) == ({"v": 1}, [{"__typename": "A"}, {}])

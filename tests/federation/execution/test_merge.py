from __future__ import annotations

from typing import Any

import pytest

from federation.execution.merge import merge_object

ABSTRACT = {"Node": frozenset({"User", "Group"})}

MERGES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("keys are joined", {"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
    ("a later leaf wins", {"a": 1}, {"a": 2}, {"a": 2}),
    (
        "null overwrites nothing",
        {"a": 1, "b": {}, "c": [1]},
        {"a": None, "b": None, "c": None},
        {"a": 1, "b": {}, "c": [1]},
    ),
    ("null is filled", {"a": None}, {"a": {"x": 1}}, {"a": {"x": 1}}),
    ("objects merge by key", {"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}),
    (
        "lists merge by index",
        {"a": [{"x": 1}, None, {"x": 3}]},
        {"a": [{"y": 1}, {"y": 2}, None]},
        {"a": [{"x": 1, "y": 1}, {"y": 2}, {"x": 3}]},
    ),
    ("lists of lists too", {"a": [[{"x": 1}]]}, {"a": [[{"y": 1}]]}, {"a": [[{"x": 1, "y": 1}]]}),
    (
        "a longer list adds no items",
        {"a": [{"x": 1}]},
        {"a": [{"y": 1}, {"y": 2}]},
        {"a": [{"x": 1, "y": 1}]},
    ),
    (
        "a shorter list leaves the rest",
        {"a": [{"x": 1}, {"x": 2}]},
        {"a": [{"y": 1}]},
        {"a": [{"x": 1, "y": 1}, {"x": 2}]},
    ),
    ("a list of leaves stays", {"a": [1, 2]}, {"a": [3, 4]}, {"a": [1, 2]}),
    ("an object is not replaced by a leaf", {"a": {"x": 1}}, {"a": 7}, {"a": {"x": 1}}),
    ("nor a list by an object", {"a": [1]}, {"a": {"x": 1}}, {"a": [1]}),
    (
        "other types do not mix",
        {"__typename": "User", "a": 1},
        {"__typename": "Group", "a": 2},
        {"__typename": "User", "a": 1},
    ),
    (
        "an interface's name joins",
        {"__typename": "User"},
        {"__typename": "Node", "a": 2},
        {"__typename": "User", "a": 2},
    ),
    ("and gives way", {"__typename": "Node"}, {"__typename": "User"}, {"__typename": "User"}),
]


@pytest.mark.parametrize(
    ("target", "source", "merged"), [case[1:] for case in MERGES], ids=[case[0] for case in MERGES]
)
def test_merge(target: dict[str, Any], source: dict[str, Any], merged: dict[str, Any]) -> None:
    before = repr(source)
    merge_object(target, source, ABSTRACT)
    assert target == merged
    assert repr(source) == before

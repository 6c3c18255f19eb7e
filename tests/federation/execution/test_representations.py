from __future__ import annotations

from typing import Any

from federation.execution.representations import Representing
from federation.plan import RequiredField, RequiredType

ABSTRACT = {"Node": frozenset({"User", "Group"}), "Address": frozenset({"Home", "Work"})}
ID = RequiredField("id", "id")


def represent(item: dict[str, Any], *requires: RequiredType) -> Any:
    batch = Representing(requires, ABSTRACT).batch([item])
    return batch.representations[0] if batch.representations else None


def test_a_field_is_taken_from_the_key_that_holds_it() -> None:
    requires = RequiredType("User", (RequiredField("id", "_alias"),))
    assert represent({"__typename": "User", "_alias": "1", "id": "x"}, requires) == {
        "__typename": "User",
        "id": "1",
    }


def test_the_type_may_be_represented_as_an_interface() -> None:
    item = {"__typename": "User", "id": "1"}
    assert represent(item, RequiredType("User", (ID,), represent_as="Node")) == {
        "__typename": "Node",
        "id": "1",
    }
    assert represent(item, RequiredType("Node", (ID,)))["__typename"] == "User"
    assert represent({"id": "1"}, RequiredType("User", (ID,)))["__typename"] == "User"


def test_an_object_of_another_type_has_no_representation() -> None:
    assert represent({"__typename": "Robot", "id": "1"}, RequiredType("Node", (ID,))) is None


def test_all_matching_types_are_taken_together() -> None:
    requires = (
        RequiredType("Node", (ID,)),
        RequiredType("User", (RequiredField("email", "email"),)),
        RequiredType("Group", (RequiredField("size", "size"),)),
    )
    assert represent({"__typename": "User", "id": "1", "email": "e"}, *requires) == {
        "__typename": "User",
        "id": "1",
        "email": "e",
    }


def test_composite_values_are_reduced_to_what_is_required() -> None:
    city = RequiredField("address", "address", (RequiredField("city", "city"),))
    friends = RequiredField("friends", "friends", (ID,))
    item = {
        "__typename": "User",
        "address": {"city": "Graz", "street": "x"},
        "friends": [[{"id": "2", "name": "n"}], None],
    }
    assert represent(item, RequiredType("User", (city, friends))) == {
        "__typename": "User",
        "address": {"city": "Graz"},
        "friends": [[{"id": "2"}], None],
    }


def test_a_nested_type_condition_takes_what_applies_and_tells_the_type() -> None:
    work = RequiredType("Work", (RequiredField("id", "id"),))
    requires = RequiredType("User", (RequiredField("address", "address", (work,)),))
    for name, expected in (
        ("Work", {"__typename": "Work", "id": "1"}),
        ("Home", {}),
    ):
        item = {"__typename": "User", "address": {"__typename": name, "id": "1"}}
        assert represent(item, requires)["address"] == expected
    assert represent({"__typename": "User", "address": {"__typename": "Work"}}, requires) is None


def test_an_explicit_type_name_is_sent() -> None:
    address = RequiredField("address", "address", (RequiredField("__typename", "__typename"),))
    item = {"__typename": "User", "address": {"__typename": "Home"}}
    assert represent(item, RequiredType("User", (address,)))["address"] == {"__typename": "Home"}


def test_a_required_field_that_is_absent_leaves_nothing_to_send() -> None:
    requires = RequiredType("User", (ID, RequiredField("price", "price")))
    assert represent({"__typename": "User", "id": "1"}, requires) is None
    nested = RequiredType("User", (RequiredField("list", "list", (ID,)),))
    assert represent({"__typename": "User", "list": [{"id": "1"}, {}]}, nested) is None


def test_a_required_null_is_sent_beside_a_value_but_not_alone() -> None:
    requires = RequiredType("User", (ID, RequiredField("price", "price")))
    item = {"__typename": "User", "id": "1", "price": None}
    assert represent(item, requires) == item
    assert represent({**item, "id": None}, requires) is None


def test_equal_values_of_different_types_are_told_apart() -> None:
    items = [{"__typename": "User", "id": value} for value in ("1", 1, True, 1.0, "1")]
    batch = Representing([RequiredType("User", (ID,))], {}).batch(items)
    assert [item["id"] for item in batch.representations] == ["1", 1, True, 1.0]
    assert [len(places) for places in batch.places] == [2, 1, 1, 1]


def test_values_that_json_cannot_hold_are_told_apart_too() -> None:
    items = [{"__typename": "User", "id": value} for value in (2**70, 2**71, 2**70)]
    batch = Representing([RequiredType("User", (ID,))], {}).batch(items)
    assert [len(places) for places in batch.places] == [2, 1]

"""Values of any input type, the odd ones first: what a client can send that nobody thought of."""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    is_required_input_field,
)
from hypothesis import strategies as st

__all__ = ["changed", "values"]

_TEXTS = [
    "", " ", "\0", "a\0b", "x" * 300, "x" * 20_000, "😀\u2028",
    "%_\\", "'\"; --", "null", "line\nbreak",
    "99999999-9999-4999-8999-999999999999", "99999999-9999-4999-8999-99999999999Z", "9" * 400, "-1",
]  # fmt: skip
_DEEP: list[Any] = [[[{"a": [{}]}]]]
_SCALARS: dict[str, list[Any]] = {
    "String": _TEXTS,
    "ID": [*_TEXTS, 0, 2**63],
    "EmailAddress": ["a@b.test", "ä@ö.test", "x" * 60 + "@b.test", "a@" + "b" * 250 + ".test"],
    "URL": ["https://a.test", "http://[::1]/\u2028", "https://a.test/" + "x" * 5_000],
    "Boolean": [True, False],
    "Int": [0, -1, 1, 2**31 - 1, -(2**31)],
    "Float": [0, -1, 0.1, 1e308, -1e308, 5e-324],
    "Credits": [0, 1, 2**31 - 1, 2**31, 2**53 - 1],
    "BigInt": [0, -1, 2**31, 2**53 - 1, -(2**53) + 1],
    "Decimal": ["0", "-0", "-1", "0.1", "1e30", "1e-30", "1E+400", "1e-400", "9" * 200],
    "DateTime": ["2026-03-29T02:30:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
                 "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"],
    "JSON": [{}, [], "text", 1, _DEEP, {"a": "\0"}, {"\0": 1}, {"a": 2**70}, {"": None}, "\0",
             {"a": float("inf")}, 2**70, {"password": "x"}],
}  # fmt: skip


def values(type_: Any, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values of a type as they are sent in variables."""
    if isinstance(type_, GraphQLNonNull):
        return _present(type_.of_type, depth)
    return st.none() | _present(type_, depth)


def changed(type_: GraphQLInputObjectType, given: dict[str, Any]) -> st.SearchStrategy[Any]:
    """An input that is fine, with some fields given other values or left out."""
    names = sorted(type_.fields)
    chosen = st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)
    return chosen.flatmap(
        lambda some: st.fixed_dictionaries(
            {name: values(type_.fields[name].type, 1) for name in some}
        )
    ).map(lambda new: given | new)


def _present(type_: Any, depth: int) -> st.SearchStrategy[Any]:
    if isinstance(type_, GraphQLList):
        return st.lists(values(type_.of_type, depth + 1), max_size=3)
    if isinstance(type_, GraphQLEnumType):
        return st.sampled_from(sorted(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        return _objects(type_, depth)
    return st.sampled_from(_SCALARS[type_.name])


def _objects(type_: GraphQLInputObjectType, depth: int) -> st.SearchStrategy[Any]:
    needed = {
        name: values(field.type, depth + 1)
        for name, field in type_.fields.items()
        if is_required_input_field(field)
    }
    optional = {
        name: values(field.type, depth + 1)
        for name, field in type_.fields.items()
        if name not in needed and depth < 4
    }
    return st.fixed_dictionaries(needed, optional=optional)

"""In which form a field's objects are asked for, where that alone tells how they are written."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLField, get_named_type, is_leaf_type, is_object_type

from schema.base.fields import Column
from schema.base.trees import BOUND, Bound

__all__ = ["form_of"]


def form_of(field: GraphQLField, wanted: Any) -> str | None:
    """The form as text, the same for everybody who asks for the same columns under the same keys.

    None where the objects do not reach the client whole, or show anything but columns: what is read
    or worked out for who asks has no form of its own.
    """
    return _form(str(field.type), field, wanted) if wanted.is_whole else None


def _form(name: str, field: GraphQLField, wanted: Any) -> str | None:
    type_ = get_named_type(field.type)
    if is_leaf_type(type_):
        return name
    if not is_object_type(type_):
        return None
    below = [_asked(asked) for asked in wanted.fields]
    if None in below:
        return None
    return f"{name}{{{' '.join(map(str, below))}}}"


def _asked(asked: Any) -> str | None:
    name = f"{asked.key}:{asked.name}"
    if asked.name == "__typename":
        return name
    bound: Bound | None = asked.field.extensions.get(BOUND)
    is_column = bound is not None and isinstance(bound.declaration, Column)
    return _form(name, asked.field, asked.wanted) if is_column else None

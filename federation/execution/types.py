"""Which object types an abstract type stands for, in the whole supergraph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

__all__ = ["AbstractTypes", "is_of_type", "type_name"]

AbstractTypes: TypeAlias = Mapping[str, frozenset[str]]
"""Possible object types by the name of an interface or union, inaccessible ones included."""


def type_name(item: Mapping[str, Any]) -> str | None:
    """What an object tells of its type: None when it tells nothing, "" when it tells nonsense."""
    name = item.get("__typename")
    return name if name is None or isinstance(name, str) else ""


def is_of_type(runtime: str | None, condition: str, abstract: AbstractTypes) -> bool:
    """Whether an object of a runtime type meets a type condition; unknown types meet all."""
    return runtime is None or runtime == condition or runtime in abstract.get(condition, ())

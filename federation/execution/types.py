"""Which object types an abstract type stands for, in the whole supergraph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

__all__ = ["AbstractTypes", "is_of_type"]

AbstractTypes: TypeAlias = Mapping[str, frozenset[str]]
"""Possible object types by the name of an interface or union, inaccessible ones included."""


def is_of_type(runtime: object, condition: str, abstract: AbstractTypes) -> bool:
    """Whether an object of a runtime type meets a type condition; unknown types meet all."""
    return runtime is None or runtime == condition or runtime in abstract.get(condition, ())

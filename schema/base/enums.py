"""Enumerations of the graph: values are their own names, each with a sentence for the explorer."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

import strawberry

__all__ = ["described"]

EnumT = TypeVar("EnumT", bound=type[Enum])


def described(description: str, **values: str) -> Callable[[EnumT], EnumT]:
    """Show an enumeration in the graph, with a description of it and of each value."""

    def declare(cls: EnumT) -> EnumT:
        declared: Any = strawberry.enum(cls, description=description)
        for value in declared.__strawberry_definition__.values:
            value.description = values[value.name]
        return cls

    return declare

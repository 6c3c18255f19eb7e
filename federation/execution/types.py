"""Which object types an abstract type stands for, in the whole supergraph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from graphql import (
    DocumentNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    UnionTypeDefinitionNode,
)

__all__ = ["AbstractTypes", "abstract_types", "is_of_type"]

AbstractTypes: TypeAlias = Mapping[str, frozenset[str]]
"""Possible object types by the name of an interface or union, inaccessible ones included."""


def abstract_types(document: DocumentNode) -> AbstractTypes:
    """Read them from a supergraph document, in which every type is defined once."""
    possible: dict[str, set[str]] = {}
    for definition in document.definitions:
        if isinstance(definition, InterfaceTypeDefinitionNode):
            possible.setdefault(definition.name.value, set())
        elif isinstance(definition, ObjectTypeDefinitionNode):
            for interface in definition.interfaces or ():
                possible.setdefault(interface.name.value, set()).add(definition.name.value)
        elif isinstance(definition, UnionTypeDefinitionNode):
            names = {member.name.value for member in definition.types or ()}
            possible[definition.name.value] = names
    return {name: frozenset(names) for name, names in possible.items()}


def is_of_type(runtime: object, condition: str, abstract: AbstractTypes) -> bool:
    """Whether an object of a runtime type meets a type condition; unknown types meet all."""
    return runtime is None or runtime == condition or runtime in abstract.get(condition, ())

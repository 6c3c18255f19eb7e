"""Definitions as values: one form for what a subgraph declares and for what is composed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeVar

from graphql import ConstValueNode, DirectiveDefinitionNode, OperationType, TypeNode
from graphql.utilities import value_from_ast_untyped

from federation.directives import Link

__all__ = [
    "Applied",
    "EnumValue",
    "Field",
    "InputValue",
    "Kind",
    "Source",
    "Subgraph",
    "TypeDefinition",
    "find_all",
    "has",
]

_Definition = TypeVar("_Definition")


class Kind(StrEnum):
    """Kinds of named type (GraphQL section 3.4)."""

    SCALAR = "scalar"
    OBJECT = "type"
    INTERFACE = "interface"
    UNION = "union"
    ENUM = "enum"
    INPUT = "input"


class Applied(NamedTuple):
    """One application of a directive."""

    name: str
    arguments: Mapping[str, ConstValueNode]
    in_extension: bool = False
    """Written on an `extend`."""
    line: int | None = None

    def value(self, argument: str) -> Any:
        """Plain value of an argument, None when it is not given."""
        node = self.arguments.get(argument)
        return None if node is None else value_from_ast_untyped(node)


class InputValue(NamedTuple):
    """An argument or an input field."""

    name: str
    description: str | None
    type: TypeNode
    default: ConstValueNode | None
    directives: tuple[Applied, ...]
    line: int | None = None


class Field(NamedTuple):
    """A field of an object or interface."""

    name: str
    description: str | None
    arguments: Mapping[str, InputValue]
    type: TypeNode
    directives: tuple[Applied, ...]
    line: int | None = None


class EnumValue(NamedTuple):
    """A value of an enum."""

    name: str
    description: str | None
    directives: tuple[Applied, ...]
    line: int | None = None


@dataclass(frozen=True, slots=True)
class TypeDefinition:
    """A named type with its extensions folded in; only the parts of its kind are filled."""

    name: str
    kind: Kind
    description: str | None = None
    directives: tuple[Applied, ...] = ()
    interfaces: tuple[str, ...] = ()
    fields: Mapping[str, Field] | None = None
    inputs: Mapping[str, InputValue] | None = None
    values: Mapping[str, EnumValue] | None = None
    members: tuple[str, ...] = ()
    line: int | None = None
    is_extension: bool = False
    """Only extended, never defined, in the subgraph."""


@dataclass(frozen=True, slots=True)
class Subgraph:
    """One subgraph, read: names of the specification are in the form of `vocabulary`."""

    name: str
    url: str | None
    graph: str
    """Its value of `join__Graph`."""
    is_federation_2: bool
    links: tuple[Link, ...]
    types: Mapping[str, TypeDefinition]
    """Root types are called Query, Mutation and Subscription, whatever the document says."""
    directives: Mapping[str, DirectiveDefinitionNode]
    roots: frozenset[OperationType]
    schema_directives: tuple[Applied, ...]

    def field(self, type_name: str, name: str) -> Field | None:
        """A field of an object or interface, None where there is none."""
        definition = self.types.get(type_name)
        return None if definition is None else (definition.fields or {}).get(name)


class Source(NamedTuple, Generic[_Definition]):
    """What one subgraph says of something that several may define."""

    subgraph: Subgraph
    definition: _Definition


def find_all(directives: Iterable[Applied], name: str) -> Iterator[Applied]:
    """Applications of one directive."""
    return (applied for applied in directives if applied.name == name)


def has(directives: Iterable[Applied], name: str) -> bool:
    """Whether a directive is applied."""
    return any(applied.name == name for applied in directives)

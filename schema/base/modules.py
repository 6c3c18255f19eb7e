"""A module's types, and how its subgraph is put together.

Core types refer to objects of other modules by name (`references`). Within the module that owns
such an object the name means the real type, elsewhere a stub with nothing but its key, so one
definition of `Actor` or `AccountScoped` serves every subgraph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Annotated, Any, ForwardRef, TypeVar, Union, dataclass_transform

import strawberry
from graphql import GraphQLSchema
from strawberry.federation.schema_directives import Key
from strawberry.printer import print_schema
from strawberry.types.lazy_type import LazyType, StrawberryLazyReference

from resolvers.base import BatchRead
from schema.base.binding import bind
from schema.base.guards import Guard
from schema.base.scalars import config
from schema.base.wording import word_connections

__all__ = ["Entity", "Module", "ModuleSubgraph", "build", "entity", "record", "to", "union_of"]

ClassT = TypeVar("ClassT", bound=type)

_types: ContextVar[Mapping[str, type]] = ContextVar("types of the module being built")


@dataclass(frozen=True, slots=True)
class Entity:
    """What stands behind an object type: its row, and for entities how it is found by its key."""

    row: type
    read: BatchRead[Any] | None = None
    """Batch read by id; None for stubs, whose row is made of the representation itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """One subgraph: its root types and the entities it owns or extends."""

    name: str
    query: type
    mutation: type | None = None
    subscription: type | None = None
    entities: Sequence[type] = ()
    """Every entity class of the module, so that references by name find them."""
    stubs: Sequence[type] = field(default=())
    """Stubs of other modules' entities, for the names the module has no type of its own for."""
    nouns: Mapping[str, str] = field(default_factory=dict)
    """What to call items of lists whose type's name does not read well as a noun."""


@dataclass(frozen=True, slots=True)
class ModuleSubgraph:
    """A module ready to be composed and executed."""

    name: str
    schema: GraphQLSchema
    sdl: str


class _ByName(LazyType[Any, Any]):
    """A type named in core, resolved within the module whose subgraph is being built."""

    def resolve_type(self) -> type[Any]:
        return _types.get()[self.type_name]


class _NameReference(StrawberryLazyReference):
    def __init__(self) -> None:
        super().__init__("by name")

    def resolve_forward_ref(self, forward_ref: ForwardRef) -> _ByName:
        return _ByName(forward_ref.__forward_arg__, self.module)


to = _NameReference()
"""Marks an annotation as a reference by name: `Annotated["User", to]`."""


def union_of(name: str, description: str, *members: str) -> Any:
    """A union of objects by name, each resolved within the module being built."""
    lazy = tuple(to.resolve_forward_ref(ForwardRef(member)) for member in members)
    return Annotated[Union[lazy], strawberry.union(name, description=description)]  # noqa: UP007 - of values


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def entity(
    row: type,
    read: BatchRead[Any] | None,
    description: str,
    *,
    guard: Guard = (),
    resolvable: bool = True,
    name: str | None = None,
) -> Callable[[ClassT], ClassT]:
    """Declare an entity type with the key `id`: its row, and its batch read by id."""
    key = Key(fields="id") if resolvable else Key(fields="id", resolvable=False)  # type: ignore[arg-type] # a scalar over str
    return _object(Entity(row, read), description, guard=guard, keys=[key], name=name)


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field,))
def record(
    row: type,
    description: str,
    *,
    guard: Guard = (),
    shareable: bool = False,
    name: str | None = None,
) -> Callable[[ClassT], ClassT]:
    """Declare an object type that is no entity: it is reached only through its parent."""
    return _object(Entity(row), description, guard=guard, shareable=shareable, name=name)


def _object(entity: Entity, description: str, **options: Any) -> Callable[[ClassT], ClassT]:
    directives = list(options.pop("guard", ()))

    def declare(cls: ClassT) -> ClassT:
        declared: Any = strawberry.federation.type(
            description=description, directives=directives, **options
        )(cls)
        declared.__entity__ = entity
        return declared  # type: ignore[no-any-return] # Strawberry returns the class it was given

    return declare


def build(module: Module) -> ModuleSubgraph:
    """Build a module's executable schema and its subgraph document."""
    types = {cls.__strawberry_definition__.name: cls for cls in (*module.stubs, *module.entities)}  # type: ignore[attr-defined] # set by Strawberry
    token = _types.set(types)
    try:
        schema = strawberry.federation.Schema(
            query=module.query,
            mutation=module.mutation,
            subscription=module.subscription,
            types=list(module.entities),
            config=config(),
            federation_version="2.9",
        )
        word_connections(schema._schema, module.nouns)  # noqa: SLF001 - as below
        sdl = print_schema(schema)
    finally:
        _types.reset(token)
    bind(schema._schema, types)  # noqa: SLF001 - the graphql-core schema has no public name
    return ModuleSubgraph(module.name, schema._schema, sdl)  # noqa: SLF001 - as above

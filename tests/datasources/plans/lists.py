"""Every list of the graph, taken from the schema, and the parents it is asked for."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from graphql import GraphQLObjectType
from sqlalchemy.types import ARRAY, TypeEngine, Uuid

from datasources.paging import Listing
from schema.base.fields import PageOf, declaration_of
from schema.subgraphs import subgraphs

__all__ = ["LISTS", "ListField", "value_of"]


class ListField(NamedTuple):
    """A field that answers with a page."""

    coordinate: str
    pages: Listing
    by: tuple[str, ...]

    @property
    def type_name(self) -> str:
        """The type that has the field."""
        return self.coordinate.partition(".")[0]

    def key_of(self, parent: Mapping[str, Any]) -> Hashable:
        """What the page of a parent is asked for with."""
        values = [parent[name] for name in self.by]
        return values[0] if len(values) == 1 else (tuple(values) or None)


def _lists() -> Iterator[ListField]:
    for module in subgraphs():
        for type_ in module.schema.type_map.values():
            if isinstance(type_, GraphQLObjectType):
                for name, field in type_.fields.items():
                    declaration = _declaration(field)
                    if isinstance(declaration, PageOf):
                        coordinate = f"{type_.name}.{name}"
                        yield ListField(coordinate, declaration.pages, declaration.by)


def _declaration(field: Any) -> Any:
    definition = (field.extensions or {}).get("strawberry-definition")
    return None if definition is None else declaration_of(definition)


LISTS = {one.coordinate: one for one in _lists()}


def value_of(type_: TypeEngine[Any], id: str) -> Hashable:
    """A value for a filter of this type, as a client gives it; `id` where it is an id."""
    if isinstance(type_, ARRAY):
        return (value_of(type_.item_type, id),)
    return id if isinstance(type_, Uuid) else _VALUES[type_.python_type]


_VALUES: Mapping[type, Hashable] = {
    bool: True,
    datetime: datetime(2026, 3, 1, tzinfo=UTC),
    float: 50.0,
    int: 7,
    str: "a",
}

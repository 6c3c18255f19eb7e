"""What is asked of an object, as a tree that PostgreSQL writes.

Only what a declaration says in so many words can be written: columns of types that PostgreSQL
writes as Python does, and rows of other reads by columns. What is computed is not, nor is anything
whose arguments only the request tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from graphql import (
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)

from datasources.trees import (
    Fixed,
    Leaf,
    Linked,
    Listed,
    Made,
    Node,
    Paged,
    Part,
    Reached,
    Tree,
    Unwritable,
)
from resolvers.base import BatchRead
from resolvers.errors import BadUserInput
from schema.base import fields
from schema.base.fields import Column, Computed, Declaration, Many, One, PageOf, Reference
from schema.base.inputs import page_request, plain_arguments

__all__ = ["BOUND", "DEFINITION", "Bound", "columns_of", "connection_tree", "entity_of", "tree_of"]

DEFINITION = "strawberry-definition"
"""Key under which Strawberry keeps what a graphql-core object was made from."""

BOUND = "bound"
"""Key of what is known of a field, in its extensions."""


class Bound(NamedTuple):
    """A field's declaration, and what it means for the type that has it."""

    declaration: Declaration
    name: str
    """The field's name in Python."""
    row: type | None
    """Class of the rows that have it."""
    entity: Any
    """Of a reference, what stands behind the type referred to."""


def entity_of(type_: GraphQLObjectType) -> Any:
    """What stands behind an object type; None for types that are none of ours."""
    definition = (type_.extensions or {}).get(DEFINITION)
    return getattr(getattr(definition, "origin", None), "__entity__", None)


def tree_of(wanted: Any) -> Tree | None:
    """The tree of a field's objects, where they reach the client whole; None for one at a time."""
    if not wanted.is_whole or not wanted.fields:
        return None
    try:
        return _tree(wanted)
    except Unwritable:
        return None


def connection_tree(wanted: Any) -> Tree | None:
    """The tree of the rows of a connection, if only one of its fields shows them."""
    shown = [asked.wanted for asked in wanted.fields if asked.name == "nodes"]
    for edges in wanted.fields:
        if edges.name == "edges":
            shown += [asked.wanted for asked in edges.wanted.fields if asked.name == "node"]
    return tree_of(shown[0]) if len(shown) == 1 else None


def _tree(wanted: Any) -> Tree:
    if not wanted.fields:
        raise Unwritable("Which type the objects are of differs from row to row.")
    return tuple((asked.key, _node(asked)) for asked in wanted.fields)


def _node(asked: Any) -> Any:  # noqa: PLR0911 - one return a kind of declaration
    if asked.move is not None:
        return _moved(asked)
    if asked.name == "__typename":
        return Fixed(f'"{asked.type_name}"')
    field: GraphQLField = asked.field
    bound: Bound | None = field.extensions.get(BOUND)
    if bound is None or asked.arguments is None:
        raise Unwritable(f"{asked.name} is not declared, or depends on the request.")
    match bound.declaration:  # a table: one line a kind
        case Column(in_sql=str(name)) | Computed(in_sql=str(name)):
            return _leaf(asked, name)
        case Column(in_sql=Mapping() as columns) | Computed(in_sql=Mapping() as columns):
            return _part(asked, columns)
        case Column(of):
            return _column(asked, bound, of or bound.name)
        case One(read, by):
            return _linked(asked, read, by)
        case Many(read, by, limited):
            return _listed(asked, read, by, limited=limited)
        case PageOf(pages, by):
            return _paged(asked, pages, by)
        case Reference(by):
            return _reference(asked, bound, by)
        case fields.Made(row, columns):
            return _made(asked, row, columns)
    raise Unwritable(f"{asked.name} is worked out.")


def _column(asked: Any, bound: Bound, column: str) -> Leaf:
    if bound.row is None or column not in getattr(bound.row, "_fields", ()):
        raise Unwritable(f"{column} is no column.")
    return _leaf(asked, column)


def _leaf(asked: Any, column: str) -> Leaf:
    field: GraphQLField = asked.field
    if not is_leaf_type(get_nullable_type(field.type)):
        raise Unwritable(f"{column} is no single value.")
    write = (get_named_type(field.type).extensions or {}).get("in_sql")
    if write is None:
        raise Unwritable(f"{get_named_type(field.type)} is not written in SQL.")
    return Leaf(column, write, _is_required(field))


def _linked(asked: Any, read: BatchRead[Any], by: tuple[str, ...]) -> Linked:
    if not isinstance(get_nullable_type(asked.field.type), GraphQLObjectType):
        raise Unwritable(f"{asked.name} is no object of one type.")
    return Linked(read, by, _tree(asked.wanted), _is_required(asked.field))


def _listed(asked: Any, read: BatchRead[Any], by: tuple[str, ...], *, limited: bool) -> Listed:
    first = asked.arguments.get("first") if limited else None
    if first is not None and first < 0:
        raise Unwritable("Fewer than none.")
    _expect_objects(asked.field)
    return Listed(read, by, _tree(asked.wanted), first)


def _expect_objects(field: GraphQLField) -> None:
    """Raises `Unwritable` for what is not a list of objects of which none may be null."""
    items = get_nullable_type(field.type)
    if not is_list_type(items) or not isinstance(items.of_type, GraphQLNonNull):
        raise Unwritable("Not a list of objects.")


def _paged(asked: Any, pages: Any, by: tuple[str, ...]) -> Paged:
    try:
        request = page_request(pages, _arguments(asked))
    except BadUserInput:
        raise Unwritable("The arguments are refused.") from None
    keys = tuple((part.key, _part_of_page(part)) for part in asked.wanted.fields)
    return Paged(pages, by, request, keys)


def _arguments(asked: Any) -> Mapping[str, Any]:
    """The arguments as the declaration takes them. Raises `Unwritable` for what is refused."""
    try:
        return plain_arguments(asked.field.args, asked.arguments)
    except BadUserInput:
        raise Unwritable("The arguments are refused.") from None


def _part_of_page(asked: Any) -> Any:
    match asked.name:
        case "nodes":
            return _tree(asked.wanted)
        case "totalCount":
            return None
        case "__typename":
            return Fixed(f'"{asked.type_name}"')
    raise Unwritable("Cursors are written in Python.")


def _reference(asked: Any, bound: Bound, by: tuple[str, ...]) -> Any:
    if bound.entity.read is not None:
        return _linked(asked, bound.entity.read, by)
    return _part(asked, dict(zip(bound.entity.row._fields, by, strict=False)))


def _made(asked: Any, row: Any, columns: Mapping[str, str]) -> Made:
    constants = _arguments(asked)
    named = ((name, columns[name]) for name in row._fields if name in columns)
    return Made(tuple(named), tuple(constants.items()), _tree(asked.wanted))


def _part(asked: Any, columns: Mapping[str, str]) -> Part:
    """An object made of some columns of the row, null where the first of them is."""
    tree = _renamed_tree(_tree(asked.wanted), columns)
    first = next(iter(columns.values()))
    return Part(tree, (first,), _is_required(asked.field))


def _moved(asked: Any) -> Node:
    """A field of the object's row in another module: the same row, where its key is all it has."""
    entity = entity_of(asked.move.there)
    if entity is None:
        raise Unwritable(f"{asked.move.there} is none of our types.")
    columns = columns_of(asked.move.here)
    node: Node = _node(asked._replace(move=None))
    if set(entity.row._fields) <= columns.keys():
        return _renamed(node, columns)
    if entity.read is None or "id" not in columns:
        raise Unwritable("The row cannot be told from here.")
    return Reached(entity.read, (columns["id"],), node)


def columns_of(type_: GraphQLObjectType, names: frozenset[str] | None = None) -> Mapping[str, str]:
    """Columns of a type's rows, by the names in Python of its fields: of all, or of some."""
    found = {}
    for name, field in type_.fields.items():
        if names is not None and name not in names:
            continue
        bound: Bound | None = (field.extensions or {}).get(BOUND)
        if bound is not None and isinstance(bound.declaration, Column):
            found[bound.name] = bound.declaration.name or bound.name
    return found


def _renamed_tree(tree: Tree, columns: Mapping[str, str]) -> Tree:
    return tuple((key, _renamed(node, columns)) for key, node in tree)


def _renamed(node: Node, columns: Mapping[str, str]) -> Node:
    """A node of an object whose columns have other names in the row it is made from.

    Raises `Unwritable` for a column that the row does not have.
    """

    def there(name: str) -> str:
        if name not in columns:
            raise Unwritable(f"Another row has no {name}.")
        return columns[name]

    match node:  # a table: one line a kind
        case Fixed():
            return node
        case Leaf(column):
            return replace(node, column=there(column))
        case Part(tree, needs):
            return replace(node, tree=_renamed_tree(tree, columns), needs=tuple(map(there, needs)))
        case Made(own):
            return replace(node, columns=tuple((name, there(of)) for name, of in own))
    return replace(node, by=tuple(map(there, node.by)))


def _is_required(field: GraphQLField) -> bool:
    return isinstance(field.type, GraphQLNonNull)

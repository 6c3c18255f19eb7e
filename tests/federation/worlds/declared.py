"""What a subgraph's document declares, read apart from the engine's own reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    SelectionSetNode,
    parse,
)
from graphql.utilities import value_from_ast_untyped

__all__ = ["Declared", "DeclaredKey", "declared", "declared_keys", "overridden"]

_Declaring = (
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
)


class Declared(NamedTuple):
    """What the document says of a field."""

    is_external: bool
    requires: SelectionSetNode | None
    provides: SelectionSetNode | None
    override: str | None
    """Subgraph it is taken over from; not for a share of no requests."""
    is_waiting: bool
    """To be taken over by none of the requests yet."""


class DeclaredKey(NamedTuple):
    """One `@key`."""

    selection: SelectionSetNode
    is_resolvable: bool
    is_extension: bool


def declared_keys(document: DocumentNode) -> dict[str, list[DeclaredKey]]:
    keys: dict[str, list[DeclaredKey]] = {}
    for node in document.definitions:
        if isinstance(node, _Declaring):
            is_extension = isinstance(
                node, (ObjectTypeExtensionNode, InterfaceTypeExtensionNode)
            ) or any(True for _ in _applied(node.directives, "extends"))
            for arguments in _applied(node.directives, "key"):
                key = DeclaredKey(
                    field_set(arguments["fields"]),
                    arguments.get("resolvable", True),
                    is_extension,
                )
                keys.setdefault(node.name.value, []).append(key)
    return keys


def declared(document: DocumentNode) -> dict[tuple[str, str], Declared]:
    """What a document says of each field."""
    found: dict[tuple[str, str], Declared] = {}
    for node in document.definitions:
        if not isinstance(node, _Declaring):
            continue
        all_external = any(True for _ in _applied(node.directives, "external"))
        for field in node.fields or ():
            is_external = any(True for _ in _applied(field.directives, "external"))
            found[node.name.value, field.name.value] = Declared(
                is_external or all_external,
                _sole_set(field.directives, "requires"),
                _sole_set(field.directives, "provides"),
                _override(field.directives, is_waiting=False),
                _override(field.directives, is_waiting=True) is not None,
            )
    return found


def overridden(sdl_by_name: Mapping[str, str], name: str) -> frozenset[tuple[str, str]]:
    """Coordinates that other subgraphs have taken over from one."""
    return frozenset(
        at
        for other, sdl in sdl_by_name.items()
        if other != name
        for at, field in declared(parse(sdl)).items()
        if field.override == name
    )


def _override(directives: Iterable[ConstDirectiveNode] | None, *, is_waiting: bool) -> str | None:
    return next(
        (
            str(each["from"])
            for each in _applied(directives, "override")
            if (each.get("label") == "percent(0)") is is_waiting
        ),
        None,
    )


def field_set(text: str) -> SelectionSetNode:
    return parse("{" + text + "}").definitions[0].selection_set  # type: ignore[attr-defined, no-any-return]


def _sole_set(
    directives: Iterable[ConstDirectiveNode] | None, name: str
) -> SelectionSetNode | None:
    return next((field_set(each["fields"]) for each in _applied(directives, name)), None)


def _applied(
    directives: Iterable[ConstDirectiveNode] | None, name: str
) -> Iterator[dict[str, Any]]:
    for directive in directives or ():
        if directive.name.value.removeprefix("federation__") == name:
            yield {
                argument.name.value: value_from_ast_untyped(argument.value)
                for argument in directive.arguments or ()
            }

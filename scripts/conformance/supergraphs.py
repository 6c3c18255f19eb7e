"""Whether two supergraph documents say the same, whatever their order and versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from graphql import (
    DirectiveNode,
    Node,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    parse,
    print_ast,
)

__all__ = ["differences"]

_MACHINERY = ("join__", "link__", "core__")


def differences(given: str, composed: str) -> list[str]:
    """One line for each statement that only one of two supergraphs makes."""
    ours, theirs = set(_statements(composed)), set(_statements(given))
    return [
        *(f"- {line}" for line in sorted(theirs - ours)),
        *(f"+ {line}" for line in sorted(ours - theirs)),
    ]


def _statements(sdl: str) -> Iterator[str]:
    """The document taken apart into statements whose order means nothing.

    Definitions of directives are left out: they follow from the versions of the specifications.
    """
    for node in parse(sdl, no_location=True).definitions:
        if isinstance(node, SchemaDefinitionNode):
            yield from _schema(node)
        elif isinstance(node, TypeDefinitionNode) and _is_told(node):
            yield from _type(node)


def _is_told(node: TypeDefinitionNode) -> bool:
    name = node.name.value
    return name == "join__Graph" or not name.startswith(_MACHINERY)


def _schema(node: SchemaDefinitionNode) -> Iterator[str]:
    for entry in node.operation_types or ():
        yield f"schema {entry.operation.value}: {entry.type.name.value}"
    for link in node.directives or ():
        arguments = {argument.name.value: argument.value for argument in link.arguments or ()}
        url = str(getattr(arguments.get("url"), "value", ""))
        rest = {name: value for name, value in arguments.items() if name != "url"}
        yield f"schema @link({url.rpartition('/v')[0]}{_arguments(rest)})"


def _type(node: TypeDefinitionNode) -> Iterator[str]:
    name = node.name.value
    yield f"{node.kind.removesuffix('_type_definition')} {name}"
    yield from _described(name, node)
    for interface in getattr(node, "interfaces", None) or ():
        yield f"{name} implements {interface.name.value}"
    for member in getattr(node, "types", None) or ():
        yield f"{name} = {member.name.value}"
    for value in getattr(node, "values", None) or ():
        yield f"{name}.{value.name.value}"
        yield from _described(f"{name}.{value.name.value}", value)
    for field in getattr(node, "fields", None) or ():
        yield from _member(f"{name}.{field.name.value}", field)
        for argument in getattr(field, "arguments", None) or ():
            yield from _member(f"{name}.{field.name.value}({argument.name.value}:)", argument)


def _member(coordinate: str, node: Any) -> Iterator[str]:
    default = getattr(node, "default_value", None)
    text = "" if default is None else f" = {print_ast(default)}"
    yield f"{coordinate}: {print_ast(node.type)}{text}"
    yield from _described(coordinate, node)


def _described(coordinate: str, node: Any) -> Iterator[str]:
    if node.description is not None:
        yield f"{coordinate} {' '.join(node.description.value.split())!r}"
    for directive in node.directives or ():
        yield f"{coordinate} {_directive(directive)}"


def _directive(node: DirectiveNode) -> str:
    arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
    return f"@{node.name.value}({_arguments(arguments).removeprefix(', ')})"


def _arguments(arguments: dict[str, Any]) -> str:
    """Arguments by name, but for those that only repeat their default."""
    return "".join(
        f", {name}: {_value(name, value)}"
        for name, value in sorted(arguments.items())
        if (name, print_ast(value)) not in _DEFAULTS
    )


def _value(name: str, node: Node) -> str:
    text = print_ast(node)
    return " ".join(_TOKEN.findall(text)) if name in _FIELD_SETS else text


_TOKEN = re.compile(r"\w+|\.\.\.|[^\s,]")
_DEFAULTS = {("extension", "false"), ("resolvable", "true"), ("isInterfaceObject", "false")}
_FIELD_SETS = {"key", "requires", "provides"}

"""The join specification: which subgraph defines, resolves and keys what.

A supergraph document records it in `@join__*` directives (versions 0.3 to 0.5 of
https://specs.apollo.dev/join); this module turns them into an index of plain values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from graphql import (
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLError,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    SelectionSetNode,
    TypeNode,
    UnionTypeDefinitionNode,
    parse,
    parse_type,
    print_ast,
)
from graphql.utilities import value_from_ast_untyped

from federation.directives import APOLLO, links_of
from federation.errors import SupergraphError

__all__ = [
    "CompositeType",
    "ContextArgument",
    "GraphField",
    "JoinedField",
    "Key",
    "Kind",
    "LabelledOverride",
    "SubgraphInfo",
    "applied",
    "composite_types",
    "named_type",
    "possible_types",
    "subgraphs",
]

_Composite: TypeAlias = (
    ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | UnionTypeDefinitionNode
)


class SubgraphInfo(NamedTuple):
    """A subgraph as the supergraph names it."""

    name: str
    graph_enum: str
    """Value of `join__Graph`, by which all other directives refer to it."""
    url: str


class Key(NamedTuple):
    """One `@key` of a type in one subgraph."""

    selection: SelectionSetNode
    is_resolvable: bool


class LabelledOverride(NamedTuple):
    """A field taken over from another subgraph for the requests that have a label."""

    source: str
    """Name of the subgraph that answers all other requests."""
    label: str


class ContextArgument(NamedTuple):
    """An argument of a field that is filled in from an object above (`@fromContext`)."""

    name: str
    type: str
    """Its type in the subgraph, as text."""
    context: str
    """Name of the context in the supergraph: types that set it bear `@context` with it."""
    selection: SelectionSetNode
    """What to take of the nearest object that sets the context: one value."""


class GraphField(NamedTuple):
    """What one subgraph declares of a field."""

    type: str
    """Its type there, as text; may differ from the composed one in nullability or name."""
    type_name: str
    is_external: bool = False
    """Declared there but resolved elsewhere, or overridden by another subgraph for good."""
    requires: SelectionSetNode | None = None
    provides: SelectionSetNode | None = None
    override: LabelledOverride | None = None
    contexts: tuple[ContextArgument, ...] = ()


class JoinedField(NamedTuple):
    """A field of a composed type, and what each subgraph (by its enum value) declares of it."""

    name: str
    type: str
    type_name: str
    graphs: Mapping[str, GraphField]


class Kind(StrEnum):
    """Kinds of composite type (specification section 3.4)."""

    OBJECT = "object"
    INTERFACE = "interface"
    UNION = "union"


@dataclass(frozen=True, slots=True)
class CompositeType:
    """A composed type with selections; graphs are named by their enum values."""

    name: str
    kind: Kind
    fields: Mapping[str, JoinedField]
    keys: Mapping[str, tuple[Key, ...]]
    """Keys by graph; every graph that knows the type has an entry."""
    interface_objects: frozenset[str]
    """Graphs that know this interface as an object (`@interfaceObject`)."""
    interfaces: Mapping[str, frozenset[str]]
    """Interfaces by graph; under "" those of the composed type."""
    members: Mapping[str, frozenset[str]]
    """Members of a union by graph; under "" all."""
    contexts: frozenset[str] = frozenset()
    """Contexts that objects of the type set for fields below them."""


def subgraphs(document: DocumentNode) -> Iterator[SubgraphInfo]:
    """The subgraphs that `join__Graph` lists."""
    enums = (node for node in document.definitions if isinstance(node, EnumTypeDefinitionNode))
    for enum in enums:
        for value in enum.values or () if enum.name.value == "join__Graph" else ():
            for arguments in applied(value.directives, "join__graph"):
                graph = value.name.value
                name, url = str(arguments.get("name", graph)), str(arguments.get("url", ""))
                yield SubgraphInfo(name, graph, url)


def composite_types(document: DocumentNode) -> dict[str, CompositeType]:
    """Index of all object, interface and union types of a supergraph document.

    Raises:
        SupergraphError: a field set of a join directive is not one.
    """
    context = _name_of_context(document)
    return {
        definition.name.value: _composite_type(definition, context)
        for definition in document.definitions
        if isinstance(definition, _Composite)
    }


def possible_types(types: Mapping[str, CompositeType]) -> dict[str, frozenset[str]]:
    """Object types that each interface and union stands for in the whole supergraph."""
    possible: dict[str, set[str]] = {
        name: set(entry.members.get("", ()))
        for name, entry in types.items()
        if entry.kind is not Kind.OBJECT
    }
    for name, entry in types.items():
        if entry.kind is Kind.OBJECT:
            for interface in entry.interfaces.get("", ()):
                possible.setdefault(interface, set()).add(name)
    return {name: frozenset(names) for name, names in possible.items()}


def applied(directives: Iterable[DirectiveNode] | None, name: str) -> Iterator[dict[str, Any]]:
    """Arguments of each application of a directive."""
    for directive in directives or ():
        if directive.name.value == name:
            yield {
                argument.name.value: value_from_ast_untyped(argument.value)
                for argument in directive.arguments or ()
            }


def named_type(node: TypeNode) -> str:
    """Name inside the list and non-null wrappers of a type."""
    while isinstance(node, (ListTypeNode, NonNullTypeNode)):
        node = node.type
    assert isinstance(node, NamedTypeNode)  # noqa: S101 - the only other kind of TypeNode
    return node.name.value


def _name_of_context(document: DocumentNode) -> str:
    """What the document calls `@context` of the context specification."""
    for link in links_of(document):
        if link.identity == f"{APOLLO}context":
            return link.local("context")
    return "context"


def _composite_type(node: _Composite, context: str) -> CompositeType:
    keys = _keys(node)
    is_union = isinstance(node, UnionTypeDefinitionNode)
    return CompositeType(
        name=node.name.value,
        kind=_kind(node),
        fields={} if is_union else _fields(node, tuple(keys)),
        keys=keys,
        interface_objects=frozenset(
            arguments["graph"]
            for arguments in applied(node.directives, "join__type")
            if arguments.get("isInterfaceObject")
        ),
        interfaces={} if is_union else _interfaces(node),
        members=_members(node, tuple(keys)) if is_union else {},
        contexts=frozenset(
            str(arguments.get("name")) for arguments in applied(node.directives, context)
        ),
    )


def _kind(node: _Composite) -> Kind:
    if isinstance(node, ObjectTypeDefinitionNode):
        return Kind.OBJECT
    return Kind.INTERFACE if isinstance(node, InterfaceTypeDefinitionNode) else Kind.UNION


def _keys(node: _Composite) -> dict[str, tuple[Key, ...]]:
    keys: dict[str, tuple[Key, ...]] = {}
    for arguments in applied(node.directives, "join__type"):
        present = keys.setdefault(arguments["graph"], ())
        if "key" in arguments:
            key = Key(_field_set(arguments["key"]), bool(arguments.get("resolvable", True)))
            keys[arguments["graph"]] = (*present, key)
    return keys


def _interfaces(node: _Composite) -> dict[str, frozenset[str]]:
    assert not isinstance(node, UnionTypeDefinitionNode)  # noqa: S101 - asked by the caller
    by_graph: dict[str, set[str]] = {"": {name.name.value for name in node.interfaces or ()}}
    for arguments in applied(node.directives, "join__implements"):
        by_graph.setdefault(arguments["graph"], set()).add(arguments["interface"])
    return {graph: frozenset(names) for graph, names in by_graph.items()}


def _members(node: _Composite, graphs: tuple[str, ...]) -> dict[str, frozenset[str]]:
    assert isinstance(node, UnionTypeDefinitionNode)  # noqa: S101 - asked by the caller
    by_graph: dict[str, set[str]] = {"": {name.name.value for name in node.types or ()}}
    for arguments in applied(node.directives, "join__unionMember"):
        by_graph.setdefault(arguments["graph"], set()).add(arguments["member"])
    if len(by_graph) == 1:
        by_graph.update((graph, by_graph[""]) for graph in graphs)
    return {graph: frozenset(names) for graph, names in by_graph.items()}


def _fields(node: _Composite, graphs: tuple[str, ...]) -> dict[str, JoinedField]:
    assert not isinstance(node, UnionTypeDefinitionNode)  # noqa: S101 - asked by the caller
    return {field.name.value: _field(field, graphs) for field in node.fields or ()}


def _field(node: FieldDefinitionNode, graphs: tuple[str, ...]) -> JoinedField:
    text, name = print_ast(node.type), named_type(node.type)
    joins = list(applied(node.directives, "join__field"))
    declared = {
        arguments["graph"]: _graph_field(arguments, text, name)
        for arguments in joins
        if arguments.get("graph") is not None
    }
    if not joins:
        declared = {graph: GraphField(text, name) for graph in graphs}
    return JoinedField(node.name.value, text, name, declared)


def _graph_field(arguments: Mapping[str, Any], text: str, name: str) -> GraphField:
    own = arguments.get("type")
    source, label = arguments.get("override"), arguments.get("overrideLabel")
    is_overridden = bool(arguments.get("usedOverridden")) and not label
    return GraphField(
        type=own or text,
        type_name=named_type(parse_type(own, no_location=True)) if own else name,
        is_external=bool(arguments.get("external")) or is_overridden,
        requires=_optional_field_set(arguments.get("requires")),
        provides=_optional_field_set(arguments.get("provides")),
        override=LabelledOverride(source, label) if source and label else None,
        contexts=tuple(map(_context_argument, arguments.get("contextArguments") or ())),
    )


def _context_argument(argument: Mapping[str, str]) -> ContextArgument:
    return ContextArgument(
        name=argument["name"],
        type=argument["type"],
        context=argument["context"],
        selection=_field_set(argument["selection"]),
    )


def _optional_field_set(text: str | None) -> SelectionSetNode | None:
    return _field_set(text) if text else None


def _field_set(text: str) -> SelectionSetNode:
    try:
        whole = text if text.lstrip().startswith("{") else "{" + text + "}"
        definition = parse(whole, no_location=True).definitions[0]
    except GraphQLError as error:
        raise SupergraphError(f'"{text}" is not a set of fields: {error.message}') from error
    return definition.selection_set  # type: ignore[attr-defined, no-any-return]  # a query shorthand

"""Reading a subgraph: its document becomes values, its names those of the specification."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

from graphql import (
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    GraphQLError,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ListTypeNode,
    NamedTypeNode,
    NameNode,
    Node,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    OperationType,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    parse,
)

from federation.composition.federation_1 import without_moot_directives
from federation.composition.links import federation_links, refuse_unknown_links
from federation.composition.report import Report
from federation.composition.source import SubgraphSource
from federation.composition.subgraph import (
    Applied,
    EnumValue,
    Field,
    InputValue,
    Kind,
    Subgraph,
    TypeDefinition,
)
from federation.composition.validate_document import validate_document
from federation.composition.vocabulary import (
    MACHINERY_FIELDS,
    MACHINERY_TYPES,
)
from federation.directives import APOLLO, Link, spec_name

__all__ = ["read"]

_Definition: TypeAlias = TypeDefinitionNode | TypeExtensionNode
_KINDS = {
    "scalar_type": Kind.SCALAR,
    "object_type": Kind.OBJECT,
    "interface_type": Kind.INTERFACE,
    "union_type": Kind.UNION,
    "enum_type": Kind.ENUM,
    "input_object_type": Kind.INPUT,
}
_DEFAULT_ROOTS = {
    OperationType.QUERY: "Query",
    OperationType.MUTATION: "Mutation",
    OperationType.SUBSCRIPTION: "Subscription",
}
_ROOTS = frozenset(_DEFAULT_ROOTS.values())
_PartT = TypeVar("_PartT")
_BUILT_IN = frozenset({"Boolean", "Float", "ID", "Int", "String"})


def read(source: SubgraphSource, graph: str, report: Report) -> Subgraph | None:
    """Read one subgraph.

    Args:
        source: name, address and document.
        graph: its value of `join__Graph`.
        report: takes INVALID_GRAPHQL and mistakes in links.

    Returns:
        The subgraph, or None if its document cannot be read.
    """
    try:
        document = parse(source.sdl)
    except GraphQLError as error:
        line = error.locations[0].line if error.locations else None
        report.mistake("INVALID_GRAPHQL", f"[{source.name}] {error.message}", None, (), line)
        return None
    links, is_federation_2 = federation_links(document)
    reader = _Reader(links, document)
    subgraph = reader.subgraph(source, graph, is_federation_2=is_federation_2)
    refuse_unknown_links(subgraph, report)
    validate_document(document, subgraph, report)
    return subgraph


class _Reader:
    """Turns the nodes of one document into values."""

    def __init__(self, links: tuple[Link, ...], document: DocumentNode) -> None:
        self._links = links
        self._document = document
        self._names: dict[str, str | None] = {}
        self._root_names = _root_names(document)

    def subgraph(self, source: SubgraphSource, graph: str, *, is_federation_2: bool) -> Subgraph:
        types = self._types()
        if not is_federation_2:
            types = without_moot_directives(types)
        roots = frozenset(operation for operation, name in _DEFAULT_ROOTS.items() if name in types)
        return Subgraph(
            name=source.name,
            url=source.url,
            graph=graph,
            is_federation_2=is_federation_2,
            links=self._links,
            types=types,
            directives=self._directives(),
            roots=roots,
            schema_directives=self._schema_directives(),
        )

    def _types(self) -> dict[str, TypeDefinition]:
        parts: dict[str, list[_Definition]] = {}
        for node in self._document.definitions:
            if isinstance(node, (TypeDefinitionNode, TypeExtensionNode)):
                parts.setdefault(node.name.value, []).append(node)
        types = (self._type(nodes) for name, nodes in parts.items() if not self._is_machinery(name))
        # Every subgraph answers Query._service, so each has a Query, if without own fields.
        query = {"Query": TypeDefinition("Query", Kind.OBJECT, fields={})}
        return query | {
            entry.name: entry for entry in types if entry.name not in _ROOTS or entry.fields
        }

    def _is_machinery(self, name: str) -> bool:
        return (
            name in MACHINERY_TYPES
            or name in _BUILT_IN
            or any(
                link.type(name) is not None
                for link in self._links
                if link.identity.startswith(APOLLO)
            )
        )

    def _directives(self) -> dict[str, DirectiveDefinitionNode]:
        return {
            node.name.value: node
            for node in self._document.definitions
            if isinstance(node, DirectiveDefinitionNode)
            and self._canonical(node.name.value) == node.name.value
        }

    def _schema_directives(self) -> tuple[Applied, ...]:
        return tuple(
            applied
            for node in self._document.definitions
            if isinstance(node, (SchemaDefinitionNode, SchemaExtensionNode))
            for applied in self._applied(node.directives)
        )

    def _canonical(self, local: str) -> str | None:
        """Name in the form of `vocabulary`; None for what only concerns linking."""
        if local not in self._names:
            self._names[local] = _canonical(self._links, local)
        return self._names[local]

    def _applied(
        self, nodes: Iterable[ConstDirectiveNode] | None, *, in_extension: bool = False
    ) -> tuple[Applied, ...]:
        return tuple(
            Applied(
                name,
                {argument.name.value: argument.value for argument in node.arguments or ()},
                in_extension,
                _line(node),
            )
            for node in nodes or ()
            if (name := self._canonical(node.name.value)) is not None
        )

    def _type(self, nodes: Sequence[_Definition]) -> TypeDefinition:
        first = next((node for node in nodes if isinstance(node, TypeDefinitionNode)), nodes[0])
        parts = [self._part(node) for node in nodes]
        name = self._root_names.get(first.name.value, first.name.value)
        fields = _joined(part.fields for part in parts)
        if fields is not None and name in _ROOTS:
            fields = {key: field for key, field in fields.items() if key not in MACHINERY_FIELDS}
        return TypeDefinition(
            name=name,
            kind=parts[0].kind,
            description=next((part.description for part in parts if part.description), None),
            directives=tuple(applied for part in parts for applied in part.directives),
            interfaces=tuple(dict.fromkeys(name for part in parts for name in part.interfaces)),
            fields=fields,
            inputs=_joined(part.inputs for part in parts),
            values=_joined(part.values for part in parts),
            members=tuple(dict.fromkeys(name for part in parts for name in part.members)),
            line=_line(first),
            is_extension=not isinstance(first, TypeDefinitionNode),
        )

    def _part(self, node: _Definition) -> TypeDefinition:
        in_extension = isinstance(node, TypeExtensionNode)
        kind = _KINDS[node.kind.removesuffix("_definition").removesuffix("_extension")]
        part = TypeDefinition(
            name=node.name.value,
            kind=kind,
            description=_description(node),
            directives=self._applied(node.directives, in_extension=in_extension),
        )
        match node:
            case (
                ObjectTypeDefinitionNode()
                | ObjectTypeExtensionNode()
                | InterfaceTypeDefinitionNode()
                | InterfaceTypeExtensionNode()
            ):
                fields = {entry.name.value: self._field(entry) for entry in node.fields or ()}
                names = tuple(entry.name.value for entry in node.interfaces or ())
                return replace(part, interfaces=names, fields=fields)
            case InputObjectTypeDefinitionNode() | InputObjectTypeExtensionNode():
                return replace(part, inputs=self._inputs(node.fields))
            case EnumTypeDefinitionNode() | EnumTypeExtensionNode():
                return replace(
                    part,
                    values={entry.name.value: self._value(entry) for entry in node.values or ()},
                )
            case UnionTypeDefinitionNode() | UnionTypeExtensionNode():
                members = (self._rooted(entry.name.value) for entry in node.types or ())
                return replace(part, members=tuple(members))
        return part

    def _field(self, node: FieldDefinitionNode) -> Field:
        return Field(
            name=node.name.value,
            description=_description(node),
            arguments=self._inputs(node.arguments),
            type=self._type_reference(node.type),
            directives=self._applied(node.directives),
            line=_line(node),
        )

    def _inputs(self, nodes: Iterable[InputValueDefinitionNode] | None) -> dict[str, InputValue]:
        return {
            node.name.value: InputValue(
                name=node.name.value,
                description=_description(node),
                type=node.type,
                default=node.default_value,
                directives=self._applied(node.directives),
                line=_line(node),
            )
            for node in nodes or ()
        }

    def _value(self, node: EnumValueDefinitionNode) -> EnumValue:
        return EnumValue(
            node.name.value, _description(node), self._applied(node.directives), _line(node)
        )

    def _rooted(self, name: str) -> str:
        return self._root_names.get(name, name)

    def _type_reference(self, node: TypeNode) -> TypeNode:
        if not self._root_names:
            return node
        match node:
            case NonNullTypeNode():
                inner = self._type_reference(node.type)
                assert isinstance(inner, (NamedTypeNode, ListTypeNode))  # noqa: S101 - kept above
                return NonNullTypeNode(type=inner)
            case ListTypeNode():
                return ListTypeNode(type=self._type_reference(node.type))
            case NamedTypeNode():
                return NamedTypeNode(name=NameNode(value=self._rooted(node.name.value)))
        return node


def _canonical(links: Iterable[Link], local: str) -> str | None:
    found = spec_name(links, local)
    if found is None or not found[0].identity.startswith(APOLLO):
        return local
    return None if found[0].name == "link" else f"federation__{found[1]}"


def _root_names(document: DocumentNode) -> dict[str, str]:
    """Custom names of root types, and what they are called from here on."""
    return {
        entry.type.name.value: _DEFAULT_ROOTS[entry.operation]
        for node in document.definitions
        if isinstance(node, (SchemaDefinitionNode, SchemaExtensionNode))
        for entry in node.operation_types or ()
        if entry.type.name.value != _DEFAULT_ROOTS[entry.operation]
    }


def _joined(parts: Iterable[Mapping[str, _PartT] | None]) -> dict[str, _PartT] | None:
    given = [part for part in parts if part is not None]
    return {name: entry for part in given for name, entry in part.items()} if given else None


def _description(node: Node) -> str | None:
    described = getattr(node, "description", None)
    return described.value if described is not None else None


def _line(node: Node) -> int | None:
    return node.loc.start_token.line if node.loc else None

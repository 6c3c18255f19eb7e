"""The API schema: what clients see of a supergraph.

Taken away are the machinery of the link and join specifications, everything `@inaccessible` with
what refers only to it, and directives that speak to routers (`@tag`, `@policy`, `@cost`). Kept
are those that speak to clients: `@deprecated`, `@specifiedBy`, `@oneOf`, `@authenticated`,
`@requiresScopes` and directives composed from elsewhere, with their definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias, TypeGuard, TypeVar

from graphql import (
    ConstDirectiveNode,
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    print_ast,
)

from federation.directives import APOLLO, Link, links_of, spec_name

__all__ = ["api_document", "api_sdl"]

_FOR_CLIENTS = frozenset({"authenticated", "requiresScopes"})
_FOR_ROUTERS = frozenset(
    {"cacheTag", "context", "cost", "fromContext", "inaccessible", "link", "listSize", "policy"}
    | {"tag"}
)
_SCALARS = frozenset({"Boolean", "Float", "ID", "Int", "String"})
_Element: TypeAlias = (
    TypeDefinitionNode | FieldDefinitionNode | InputValueDefinitionNode | EnumValueDefinitionNode
)
_ElementT = TypeVar("_ElementT", bound=_Element)


def api_document(supergraph: DocumentNode) -> DocumentNode:
    """Derive the document of the API schema, in the supergraph's order.

    Args:
        supergraph: a composed document with join directives; left untouched.

    Returns:
        A document from which `build_ast_schema` makes a schema; what was inaccessible is gone.
    """
    vocabulary = _Vocabulary(links_of(supergraph))
    definitions = [
        definition
        for definition in supergraph.definitions
        if not vocabulary.is_machinery(definition)
    ]
    while True:
        pruned = list(_Pruning(vocabulary, definitions).prune())
        if pruned == definitions:
            return DocumentNode(definitions=tuple(pruned))
        definitions = pruned


def api_sdl(supergraph: DocumentNode) -> str:
    """The API schema as text: directives, then types, each by name."""
    definitions = sorted(api_document(supergraph).definitions, key=_order)
    return "\n\n".join(print_ast(definition) for definition in definitions) + "\n"


class _Vocabulary:
    """Which names of a document are whose."""

    def __init__(self, links: tuple[Link, ...]) -> None:
        self._links = links
        self._for_clients: dict[str, bool] = {}
        self._inaccessible: dict[str, bool] = {}

    def is_machinery(self, definition: DefinitionNode) -> bool:
        """Whether a definition serves routers alone."""
        if isinstance(definition, DirectiveDefinitionNode):
            return not self.is_for_clients(definition.name.value)
        if not isinstance(definition, TypeDefinitionNode):
            return False
        name = definition.name.value
        owners = [link for link in self._links if link.type(name) is not None]
        if owners:
            return _is_for_routers(owners[0], owners[0].name)
        return name.startswith(("join__", "link__"))

    def is_for_clients(self, directive: str) -> bool:
        """Whether applications of a directive stay."""
        if directive not in self._for_clients:
            found = spec_name(self._links, directive)
            self._for_clients[directive] = (
                directive not in _FOR_ROUTERS and not directive.startswith("join__")
                if found is None
                else not _is_for_routers(*found)
            )
        return self._for_clients[directive]

    def is_inaccessible(self, directives: Iterable[DirectiveNode]) -> bool:
        """Whether `@inaccessible` is among them, whatever the document calls it."""
        return any(self._means_inaccessible(directive.name.value) for directive in directives)

    def _means_inaccessible(self, directive: str) -> bool:
        if directive not in self._inaccessible:
            found = spec_name(self._links, directive)
            self._inaccessible[directive] = (
                directive == "inaccessible"
                if found is None
                else found[0].identity.startswith(APOLLO) and found[1] == "inaccessible"
            )
        return self._inaccessible[directive]


def _is_for_routers(link: Link, name: str) -> bool:
    return link.identity.startswith(APOLLO) and name not in _FOR_CLIENTS


class _Pruning:
    """One pass over the definitions; taking a type away may leave another empty for the next."""

    def __init__(self, vocabulary: _Vocabulary, definitions: list[DefinitionNode]) -> None:
        self._vocabulary = vocabulary
        self._definitions = definitions
        self._types = _SCALARS | {
            definition.name.value
            for definition in definitions
            if isinstance(definition, TypeDefinitionNode)
            and not vocabulary.is_inaccessible(definition.directives or ())
            and not _is_empty(definition)
        }
        self._directives = {
            definition.name.value
            for definition in definitions
            if isinstance(definition, DirectiveDefinitionNode) and self._keeps(definition)
        } | {"deprecated", "oneOf", "specifiedBy"}

    def prune(self) -> Iterator[DefinitionNode]:
        for definition in self._definitions:
            if isinstance(definition, SchemaDefinitionNode):
                yield self._schema(definition)
            elif isinstance(definition, DirectiveDefinitionNode):
                if definition.name.value in self._directives:
                    yield definition
            elif self._keeps_type(definition):
                yield self._type(definition)

    def _keeps_type(self, definition: DefinitionNode) -> TypeGuard[TypeDefinitionNode]:
        return isinstance(definition, TypeDefinitionNode) and definition.name.value in self._types

    def _keeps(self, definition: DirectiveDefinitionNode) -> bool:
        return all(self._knows(argument.type) for argument in definition.arguments or ())

    def _knows(self, type_: TypeNode) -> bool:
        while isinstance(type_, (ListTypeNode, NonNullTypeNode)):
            type_ = type_.type
        return isinstance(type_, NamedTypeNode) and type_.name.value in self._types

    def _schema(self, node: SchemaDefinitionNode) -> SchemaDefinitionNode:
        return replace(
            node,
            directives=self._applications(node.directives),
            operation_types=tuple(
                entry for entry in node.operation_types or () if self._knows(entry.type)
            ),
        )

    def _type(self, node: TypeDefinitionNode) -> TypeDefinitionNode:
        directives = self._applications(node.directives)
        match node:
            case ScalarTypeDefinitionNode():
                return replace(node, directives=directives)
            case UnionTypeDefinitionNode():
                return replace(node, directives=directives, types=self._named(node.types))
            case EnumTypeDefinitionNode():
                return replace(node, directives=directives, values=self._values(node.values))
            case InputObjectTypeDefinitionNode():
                return replace(node, directives=directives, fields=self._inputs(node.fields))
            case ObjectTypeDefinitionNode() | InterfaceTypeDefinitionNode():
                return replace(
                    node,
                    directives=directives,
                    interfaces=self._named(node.interfaces),
                    fields=self._kept(node.fields, self._field),
                )
        return node

    def _applications(
        self, nodes: Iterable[ConstDirectiveNode] | None
    ) -> tuple[ConstDirectiveNode, ...]:
        return tuple(
            node
            for node in nodes or ()
            if node.name.value in self._directives
            and self._vocabulary.is_for_clients(node.name.value)
        )

    def _named(self, nodes: Iterable[NamedTypeNode] | None) -> tuple[NamedTypeNode, ...]:
        return tuple(node for node in nodes or () if self._knows(node))

    def _values(
        self, nodes: Iterable[EnumValueDefinitionNode] | None
    ) -> tuple[EnumValueDefinitionNode, ...]:
        return self._kept(
            nodes, lambda node: replace(node, directives=self._applications(node.directives))
        )

    def _inputs(
        self, nodes: Iterable[InputValueDefinitionNode] | None
    ) -> tuple[InputValueDefinitionNode, ...]:
        return self._kept(
            nodes, lambda node: replace(node, directives=self._applications(node.directives))
        )

    def _field(self, node: FieldDefinitionNode) -> FieldDefinitionNode:
        return replace(
            node,
            arguments=self._inputs(node.arguments),
            directives=self._applications(node.directives),
        )

    def _kept(
        self, nodes: Iterable[_ElementT] | None, shape: Callable[[_ElementT], _ElementT]
    ) -> tuple[_ElementT, ...]:
        return tuple(
            shape(node)
            for node in nodes or ()
            if not self._vocabulary.is_inaccessible(node.directives or ())
            and self._knows_type_of(node)
        )

    def _knows_type_of(self, node: _Element) -> bool:
        return not isinstance(node, (FieldDefinitionNode, InputValueDefinitionNode)) or self._knows(
            node.type
        )


def _is_empty(node: TypeDefinitionNode) -> bool:
    match node:
        case UnionTypeDefinitionNode():
            return not node.types
        case EnumTypeDefinitionNode():
            return not node.values
        case (
            ObjectTypeDefinitionNode()
            | InterfaceTypeDefinitionNode()
            | InputObjectTypeDefinitionNode()
        ):
            return not node.fields
    return False


def _order(definition: DefinitionNode) -> tuple[int, str]:
    if isinstance(definition, DirectiveDefinitionNode):
        return 1, definition.name.value
    if isinstance(definition, TypeDefinitionNode):
        return 2, definition.name.value
    return 0, ""

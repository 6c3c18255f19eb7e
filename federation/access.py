"""Access rules: `@authenticated`, `@requiresScopes` and `@policy` as a supergraph states them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from graphql import (
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    UnionTypeDefinitionNode,
)

from federation.join import applied, named_type

__all__ = ["AccessRule", "access_rules"]

_Sets = tuple[tuple[frozenset[str], ...], ...]


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What a caller must bring to read one field of one type.

    `scopes` and `policies` hold one entry per directive, all of which must hold; an entry lists
    sets of which one must be granted whole.
    """

    authenticated: bool = False
    scopes: _Sets = ()
    policies: _Sets = ()

    def __and__(self, other: AccessRule) -> AccessRule:
        """The rule that asks for what both ask for."""
        return AccessRule(
            self.authenticated or other.authenticated,
            (*self.scopes, *(entry for entry in other.scopes if entry not in self.scopes)),
            (*self.policies, *(entry for entry in other.policies if entry not in self.policies)),
        )

    def implies(self, other: AccessRule) -> bool:
        """Whether whoever satisfies this rule satisfies another one too."""
        return (
            self.authenticated >= other.authenticated
            and _imply(self.scopes, other.scopes)
            and _imply(self.policies, other.policies)
        )


def _imply(held: _Sets, asked: _Sets) -> bool:
    ways = [frozenset[str]().union(*chosen) for chosen in product(*held)]
    return all(any(names <= way for names in anyof) for anyof in asked for way in ways)


_OPEN = AccessRule()
_Fielded = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode
_Typed = (
    ObjectTypeDefinitionNode
    | InterfaceTypeDefinitionNode
    | UnionTypeDefinitionNode
    | EnumTypeDefinitionNode
    | ScalarTypeDefinitionNode
)


def access_rules(document: DocumentNode) -> dict[str, AccessRule]:
    """Rules by coordinate ("Type.field") of every object and interface field that has any.

    A rule on a type holds for its fields and for every field that returns it; a rule on an
    interface, or on its field, holds for the implementing types too. The reverse is decided per
    concrete type by whoever walks an operation.
    """
    names = _directive_names(document)
    typed = [node for node in document.definitions if isinstance(node, _Typed)]
    by_type = {node.name.value: _rule(node.directives, names) for node in typed}
    fielded = {node.name.value: node for node in typed if isinstance(node, _Fielded)}
    rules: dict[str, AccessRule] = {}
    for node in fielded.values():
        interfaces = [
            fielded[entry.name.value]
            for entry in node.interfaces or ()
            if entry.name.value in fielded
        ]
        for field in node.fields or ():
            rule = _field_rule(field, (node, *interfaces), by_type, names)
            if rule != _OPEN:
                rules[f"{node.name.value}.{field.name.value}"] = rule
    return rules


def _field_rule(
    field: FieldDefinitionNode,
    owners: Iterable[_Fielded],
    by_type: Mapping[str, AccessRule],
    names: Mapping[str, str],
) -> AccessRule:
    rule = by_type.get(named_type(field.type), _OPEN)
    for owner in owners:
        for declared in owner.fields or ():
            if declared.name.value == field.name.value:
                rule &= by_type[owner.name.value]
                rule &= _rule(declared.directives, names)
    return rule


def _rule(directives: Iterable[DirectiveNode] | None, names: Mapping[str, str]) -> AccessRule:
    applications = tuple(directives or ())
    return AccessRule(
        any(True for _ in applied(applications, names["authenticated"])),
        tuple(_sets(applications, names["requiresScopes"], "scopes")),
        tuple(_sets(applications, names["policy"], "policies")),
    )


def _sets(
    directives: Iterable[DirectiveNode], name: str, argument: str
) -> Iterator[tuple[frozenset[str], ...]]:
    for arguments in applied(directives, name):
        yield tuple(frozenset(entry) for entry in arguments.get(argument, ()))


def _directive_names(document: DocumentNode) -> dict[str, str]:
    """Names under which the document uses the three directives: `@link` may rename them."""
    names = {name: name for name in ("authenticated", "requiresScopes", "policy")}
    for definition in document.definitions:
        if isinstance(definition, (SchemaDefinitionNode, SchemaExtensionNode)):
            for link in applied(definition.directives, "link"):
                _read_link(link, names)
    return names


def _read_link(link: Mapping[str, object], names: dict[str, str]) -> None:
    feature = _feature(str(link.get("url", "")))
    if feature in names and link.get("as"):
        # The specification's own directive follows the name of the link.
        names[feature] = str(link["as"])
    imports = link.get("import")
    for entry in imports if isinstance(imports, list) else ():
        if isinstance(entry, dict):
            name = str(entry.get("name", "")).removeprefix("@")
            if name in names and feature in {name, "federation"}:
                names[name] = str(entry.get("as", name)).removeprefix("@")


def _feature(url: str) -> str:
    parts = [part for part in url.split("/") if part]
    if parts and parts[-1].startswith("v") and parts[-1][1:2].isdigit():
        parts.pop()
    return parts[-1] if parts else ""

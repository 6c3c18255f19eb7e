"""The supergraph document: composed types in the form of the link and join specifications.

Versions are those of the official composition since Federation 2.8: link 1.0, join 0.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphql import (
    ConstArgumentNode,
    ConstDirectiveNode,
    ConstListValueNode,
    ConstObjectFieldNode,
    ConstObjectValueNode,
    ConstValueNode,
    DefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumValueDefinitionNode,
    EnumValueNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    NameNode,
    ObjectTypeDefinitionNode,
    OperationType,
    OperationTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    StringValueNode,
    UnionTypeDefinitionNode,
    parse,
)

from federation.composition.features import Feature, used_features
from federation.composition.merge.composed import Composed
from federation.composition.merged import MergedSchema
from federation.composition.subgraph import (
    Applied,
    EnumValue,
    Field,
    InputValue,
    Kind,
    Subgraph,
    TypeDefinition,
)
from federation.directives import APOLLO

__all__ = ["supergraph_document"]

_ROOTS = {
    OperationType.QUERY: "Query",
    OperationType.MUTATION: "Mutation",
    OperationType.SUBSCRIPTION: "Subscription",
}
_JOIN = """
directive @join__directive(
  graphs: [join__Graph!], name: String!, args: join__DirectiveArguments
) repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(
  graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String,
  external: Boolean, override: String, usedOverridden: Boolean, overrideLabel: String,
  contextArguments: [join__ContextArgument!]
) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(
  graph: join__Graph!, interface: String!
) repeatable on OBJECT | INTERFACE
directive @join__type(
  graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false,
  resolvable: Boolean! = true, isInterfaceObject: Boolean! = false
) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(
  url: String, as: String, for: link__Purpose, import: [link__Import]
) repeatable on SCHEMA
input join__ContextArgument {
  name: String!
  type: String!
  context: String!
  selection: join__FieldValue!
}
scalar join__DirectiveArguments
scalar join__FieldSet
scalar join__FieldValue
scalar link__Import
enum link__Purpose {
  "`SECURITY` features provide metadata necessary to securely resolve fields."
  SECURITY
  "`EXECUTION` features provide metadata necessary for operation execution."
  EXECUTION
}
"""


def supergraph_document(merged: MergedSchema) -> DocumentNode:
    """The whole document: the schema with its links, directives by name, types by name."""
    features = used_features(merged.types.values())
    machinery = parse(
        _JOIN + "\n".join(feature.definitions for feature in features), no_location=True
    ).definitions
    composed = (entry.definition for entry in merged.composed.values())
    definitions = [*machinery, *composed, *merged.executable, _graphs(merged.subgraphs)]
    definitions += [_type(definition) for definition in merged.types.values()]
    return DocumentNode(definitions=(_schema(merged, features), *sorted(definitions, key=_order)))


def _order(node: DefinitionNode) -> tuple[bool, str]:
    name = getattr(node, "name", None)
    return node.kind != "directive_definition", "" if name is None else name.value


def _schema(merged: MergedSchema, features: Iterable[Feature]) -> SchemaDefinitionNode:
    return SchemaDefinitionNode(
        directives=tuple(map(_directive, _links(merged, features))),
        operation_types=tuple(
            OperationTypeDefinitionNode(operation=operation, type=_named(name))
            for operation, name in _ROOTS.items()
            if name in merged.types
        ),
    )


def _links(merged: MergedSchema, features: Iterable[Feature]) -> Iterator[Applied]:
    yield _link(f"{APOLLO}link/v1.0")
    yield _link(f"{APOLLO}join/v0.5", purpose="EXECUTION")
    for feature in features:
        names = tuple(StringValueNode(value=name) for name in feature.imports)
        yield _link(feature.url, purpose=feature.purpose, imports=names)
    by_url: dict[str, list[Composed]] = {}
    for entry in merged.composed.values():
        by_url.setdefault(entry.link.url, []).append(entry)
    for url, entries in sorted(by_url.items()):
        yield _link(url, purpose=entries[0].link.purpose, imports=tuple(map(_import, entries)))


def _link(
    url: str, *, purpose: str | None = None, imports: tuple[ConstValueNode, ...] = ()
) -> Applied:
    arguments: dict[str, ConstValueNode] = {"url": StringValueNode(value=url)}
    if purpose is not None:
        arguments["for"] = EnumValueNode(value=purpose)
    if imports:
        arguments["import"] = ConstListValueNode(values=imports)
    return Applied("link", arguments)


def _import(entry: Composed) -> ConstValueNode:
    spec, local = StringValueNode(value=f"@{entry.spec_name}"), f"@{entry.name}"
    if spec.value == local:
        return spec
    return ConstObjectValueNode(
        fields=(
            ConstObjectFieldNode(name=NameNode(value="name"), value=spec),
            ConstObjectFieldNode(name=NameNode(value="as"), value=StringValueNode(value=local)),
        )
    )


def _graphs(subgraphs: Iterable[Subgraph]) -> EnumTypeDefinitionNode:
    return EnumTypeDefinitionNode(
        name=NameNode(value="join__Graph"),
        directives=(),
        values=tuple(
            EnumValueDefinitionNode(
                name=NameNode(value=subgraph.graph), directives=(_directive(_graph(subgraph)),)
            )
            for subgraph in subgraphs
        ),
    )


def _graph(subgraph: Subgraph) -> Applied:
    return Applied(
        "join__graph",
        {
            "name": StringValueNode(value=subgraph.name),
            "url": StringValueNode(value=subgraph.url or ""),
        },
    )


def _type(definition: TypeDefinition) -> DefinitionNode:
    name, description = NameNode(value=definition.name), _description(definition.description)
    directives = _directives(definition.directives)
    match definition.kind:
        case Kind.SCALAR:
            return ScalarTypeDefinitionNode(
                name=name, description=description, directives=directives
            )
        case Kind.OBJECT | Kind.INTERFACE:
            node = (
                ObjectTypeDefinitionNode
                if definition.kind is Kind.OBJECT
                else InterfaceTypeDefinitionNode
            )
            return node(
                name=name,
                description=description,
                directives=directives,
                interfaces=tuple(map(_named, definition.interfaces)),
                fields=tuple(map(_field, (definition.fields or {}).values())),
            )
        case Kind.UNION:
            return UnionTypeDefinitionNode(
                name=name,
                description=description,
                directives=directives,
                types=tuple(map(_named, definition.members)),
            )
        case Kind.ENUM:
            return EnumTypeDefinitionNode(
                name=name,
                description=description,
                directives=directives,
                values=tuple(map(_value, (definition.values or {}).values())),
            )
        case Kind.INPUT:
            return InputObjectTypeDefinitionNode(
                name=name,
                description=description,
                directives=directives,
                fields=_inputs(definition.inputs or {}),
            )


def _field(field: Field) -> FieldDefinitionNode:
    return FieldDefinitionNode(
        name=NameNode(value=field.name),
        description=_description(field.description),
        arguments=_inputs(field.arguments),
        type=field.type,
        directives=_directives(field.directives),
    )


def _inputs(inputs: Mapping[str, InputValue]) -> tuple[InputValueDefinitionNode, ...]:
    return tuple(
        InputValueDefinitionNode(
            name=NameNode(value=value.name),
            description=_description(value.description),
            type=value.type,
            default_value=value.default,
            directives=_directives(value.directives),
        )
        for value in inputs.values()
    )


def _value(value: EnumValue) -> EnumValueDefinitionNode:
    return EnumValueDefinitionNode(
        name=NameNode(value=value.name),
        description=_description(value.description),
        directives=_directives(value.directives),
    )


def _directives(directives: Iterable[Applied]) -> tuple[ConstDirectiveNode, ...]:
    return tuple(map(_directive, directives))


def _directive(applied: Applied) -> ConstDirectiveNode:
    return ConstDirectiveNode(
        name=NameNode(value=applied.name.removeprefix("federation__")),
        arguments=tuple(
            ConstArgumentNode(name=NameNode(value=name), value=value)
            for name, value in applied.arguments.items()
        ),
    )


def _description(text: str | None) -> StringValueNode | None:
    return (
        None if text is None else StringValueNode(value=text, block="\n" in text or len(text) > 70)
    )


def _named(name: str) -> NamedTypeNode:
    return NamedTypeNode(name=NameNode(value=name))

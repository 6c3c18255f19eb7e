"""What the schema demands of callers, read from the directives that people read.

The engine enforces the policies made of them, so a test that compares both checks the translation.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import (
    ConstDirectiveNode,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    value_from_ast_untyped,
)

from auth.caller import Caller
from tests.isolation.walk import Step

__all__ = ["admits"]


def admits(schema: GraphQLSchema, step: Step, caller: Caller | None) -> bool:
    """Whether a caller may have one field: by its own guards, its type's and its answer's."""
    return all(_holds(directive, caller) for directive in _directives(schema, step))


def _directives(schema: GraphQLSchema, step: Step) -> Iterator[ConstDirectiveNode]:
    parent = schema.type_map[step[0]]
    assert isinstance(parent, GraphQLObjectType)
    field = parent.fields[step[1]]
    sources = [field.ast_node, parent.ast_node, get_named_type(field.type).ast_node]
    for interface in parent.interfaces:
        sources.append(interface.ast_node)
        if step[1] in interface.fields:
            sources.append(interface.fields[step[1]].ast_node)
    for node in sources:
        yield from (node.directives or ()) if node is not None else ()


def _holds(directive: ConstDirectiveNode, caller: Caller | None) -> bool:
    name = directive.name.value
    values = [value_from_ast_untyped(argument.value) for argument in directive.arguments or ()]
    if name not in {
        "authenticated",
        "requiresFeature",
        "requiresRole",
        "requiresScopes",
        "superAdmin",
    }:
        return True
    if caller is None:
        return False
    if caller.is_super_admin or name == "authenticated":
        return True
    if name == "requiresRole":
        return not caller.roles.isdisjoint(values[0])
    if name == "requiresScopes":
        return any(caller.scopes >= set(scopes) for scopes in values[0])
    return name == "requiresFeature" and values[0] in caller.features

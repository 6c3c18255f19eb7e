"""Operations whose values were written out, with a variable in the place of each."""

from __future__ import annotations

from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    GraphQLInputType,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse_type,
    value_from_ast_untyped,
    visit,
)

__all__ = ["hoisted"]


class _Hoist(Visitor):
    """Notes what stands in the arguments of fields and directives, and names it instead."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self._info = info
        self.values: dict[str, Any] = {}
        self.types: dict[str, GraphQLInputType] = {}

    def enter_argument(self, node: ArgumentNode, *_rest: Any) -> Any:
        type_ = self._info.get_input_type()
        assert type_ is not None
        name = f"v{len(self.values)}"
        self.values[name] = value_from_ast_untyped(node.value)
        self.types[name] = type_
        return ArgumentNode(name=node.name, value=VariableNode(name=NameNode(value=name)))

    def enter_directive(self, node: DirectiveNode, *_rest: Any) -> Any:
        # A label and the like have to stand in the document.
        return None if node.name.value in {"include", "skip"} else self.SKIP

    def leave_operation_definition(self, node: OperationDefinitionNode, *_rest: Any) -> Any:
        definitions = tuple(
            VariableDefinitionNode(
                variable=VariableNode(name=NameNode(value=name)),
                type=parse_type(str(type_)),
                directives=(),
            )
            for name, type_ in self.types.items()
        )
        return OperationDefinitionNode(
            operation=node.operation,
            name=node.name,
            variable_definitions=definitions,
            directives=node.directives,
            selection_set=node.selection_set,
        )


def hoisted(schema: GraphQLSchema, document: DocumentNode) -> tuple[DocumentNode, dict[str, Any]]:
    """A document of one operation with variables, and their values."""
    info = TypeInfo(schema)
    hoist = _Hoist(info)
    return visit(document, TypeInfoVisitor(info, hoist)), hoist.values

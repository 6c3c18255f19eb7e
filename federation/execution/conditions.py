"""Which variables decide what an operation's response holds."""

from __future__ import annotations

from typing import Any

from graphql import DirectiveNode, FragmentDefinitionNode, VariableNode, Visitor, visit

from federation.operation import Operation

__all__ = ["condition_variables"]


class _Conditions(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def enter_directive(self, node: DirectiveNode, *_context: Any) -> None:
        if node.name.value not in {"skip", "include"}:
            return
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.names[argument.value.name.value] = None


def condition_variables(operation: Operation) -> tuple[str, ...]:
    """Names of the variables that `@skip` and `@include` use, each once."""
    conditions = _Conditions()
    nodes: list[Any] = [operation.definition]
    fragments: list[FragmentDefinitionNode] = list(operation.fragments.values())
    for node in (*nodes, *fragments):
        visit(node, conditions)
    return tuple(conditions.names)

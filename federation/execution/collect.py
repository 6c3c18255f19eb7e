"""Which fields a selection set holds for one object type (specification section 6.3.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)

__all__ = ["Applies", "Truth", "collect_fields", "is_included", "selection_sets"]

Applies = Callable[[str], bool]
"""Whether a fragment with this type condition concerns the object type in question."""

Truth = Mapping[str, bool]
"""Values of the variables that conditions use; a variable that is absent is undecided."""


def collect_fields(
    sets: Iterable[SelectionSetNode],
    fragments: Mapping[str, FragmentDefinitionNode],
    applies: Applies,
    truth: Truth,
) -> dict[str, list[FieldNode]]:
    """Fields by response key, in the order the client wrote them; undecided ones are kept."""
    collected: dict[str, list[FieldNode]] = {}
    visited: set[str] = set()

    def visit(selections: Iterable[SelectionNode]) -> None:
        for node in selections:
            if not is_included(node, truth):
                continue
            if isinstance(node, FieldNode):
                collected.setdefault(_response_key(node), []).append(node)
            elif isinstance(node, InlineFragmentNode):
                visit_fragment(node)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in visited:
                visited.add(node.name.value)
                visit_fragment(fragments[node.name.value])

    def visit_fragment(node: InlineFragmentNode | FragmentDefinitionNode) -> None:
        condition = node.type_condition
        if condition is None or applies(condition.name.value):
            visit(node.selection_set.selections)

    for selection_set in sets:
        visit(selection_set.selections)
    return collected


def selection_sets(nodes: Iterable[FieldNode]) -> tuple[SelectionSetNode, ...]:
    """Selection sets of fields that share a response key."""
    return tuple(node.selection_set for node in nodes if node.selection_set is not None)


def is_included(node: SelectionNode, truth: Truth) -> bool:
    """Whether `@skip` and `@include` let a selection stand."""
    for directive in node.directives or ():
        name = directive.name.value
        if name not in {"skip", "include"}:
            continue
        for argument in directive.arguments or ():
            if _decision(argument.value, truth) is (name == "skip"):
                return False
    return True


def _decision(value: object, truth: Truth) -> bool | None:
    if isinstance(value, VariableNode):
        return truth.get(value.name.value)
    return value.value if isinstance(value, BooleanValueNode) else None


def _response_key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value

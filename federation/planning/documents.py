"""Fetch documents: a step's selection as an operation of its subgraph."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from graphql import (
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    InlineFragmentNode,
    ListTypeNode,
    ListValueNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    TypeNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    parse_type,
    print_ast,
)

from federation.operation import Operation
from federation.plan import ContextValue, Fetch
from federation.planning.conditions import Conditions, Test, deferrals
from federation.planning.steps import Output, OutputField, Step
from federation.supergraph import Supergraph

__all__ = ["FetchWriter"]

_REPRESENTATIONS = "representations"


class FetchWriter:
    """Turns the steps of one operation into fetches."""

    def __init__(self, supergraph: Supergraph, operation: Operation) -> None:
        self._supergraph = supergraph
        self._name = operation.name
        self._definitions = operation.definition.variable_definitions or ()
        self._written = 0

    def fetch(self, step: Step) -> Fetch:
        """The fetch of a step."""
        subgraph = self._supergraph.graphs[step.graph].name
        selection = _selection_set(step.output)
        used = set(_variables(selection))
        definitions = [node for node in self._definitions if node.variable.name.value in used]
        representations = _unused(_REPRESENTATIONS, used)
        document = self._document(step, subgraph, selection, definitions, representations)
        return Fetch(
            subgraph=subgraph,
            kind=step.kind,
            operation=_text(document),
            document=document,
            variables=tuple(node.variable.name.value for node in definitions),
            representations=representations,
            requires=step.requires,
            renames=step.renames,
            contexts=step.contexts,
        )

    def _document(
        self,
        step: Step,
        subgraph: str,
        selection: SelectionSetNode,
        definitions: list[VariableDefinitionNode],
        representations: str,
    ) -> DocumentNode:
        declared = [*map(_declared, definitions), *map(_context_variable, step.contexts)]
        if step.requires:
            declared.insert(0, _representations(representations))
            selection = SelectionSetNode(selections=(_entities(selection, representations),))
        operation = OperationDefinitionNode(
            operation=OperationType(step.kind.value),
            name=self._next_name(subgraph),
            variable_definitions=tuple(declared),
            directives=(),
            selection_set=selection,
        )
        return DocumentNode(definitions=(operation,))

    def _next_name(self, subgraph: str) -> NameNode | None:
        """Name that tells a subgraph's logs whose fetch it is."""
        number = self._written
        self._written += 1
        if self._name is None:
            return None
        return _name(f"{self._name}__{re.sub(r'[^_0-9A-Za-z]', '_', subgraph)}__{number}")


def _selection_set(output: Output) -> SelectionSetNode:
    fields = [_field(asked) for asked in output.fields.values()]
    fragments = [
        _fragment(condition, conditions, fragment)
        for (condition, conditions), fragment in output.fragments.items()
    ]
    return SelectionSetNode(selections=(*fields, *fragments))


def _field(asked: OutputField) -> FieldNode:
    key = asked.alias or asked.key
    return FieldNode(
        alias=None if key == asked.name else _name(key),
        name=_name(asked.name),
        arguments=asked.arguments,
        directives=(),
        selection_set=None if asked.selection is None else _selection_set(asked.selection),
    )


def _fragment(condition: str | None, conditions: Conditions, output: Output) -> InlineFragmentNode:
    selection = _selection_set(output)
    tests = sorted(conditions - deferrals(conditions))
    for test in tests[1:]:
        # One fragment a test: a directive may not be repeated at one place.
        selection = SelectionSetNode(selections=(_inline(None, test, selection),))
    return _inline(condition, tests[0] if tests else None, selection)


def _inline(
    condition: str | None, test: Test | None, selection: SelectionSetNode
) -> InlineFragmentNode:
    return InlineFragmentNode(
        type_condition=None if condition is None else NamedTypeNode(name=_name(condition)),
        directives=() if test is None else (_directive(test),),
        selection_set=selection,
    )


def _directive(test: Test) -> DirectiveNode:
    argument = ArgumentNode(name=_name("if"), value=VariableNode(name=_name(test.variable)))
    name = "include" if test.wanted else "skip"
    return DirectiveNode(name=_name(name), arguments=(argument,))


def _unused(name: str, used: set[str]) -> str:
    """The name of a variable of ours, whatever the client has called its own."""
    while name in used:
        name = f"_{name}"
    return name


def _entities(selection: SelectionSetNode, representations: str) -> FieldNode:
    variable = VariableNode(name=_name(representations))
    argument = ArgumentNode(name=_name(_REPRESENTATIONS), value=variable)
    return FieldNode(
        alias=None,
        name=_name("_entities"),
        arguments=(argument,),
        directives=(),
        selection_set=selection,
    )


def _representations(name: str) -> VariableDefinitionNode:
    item = NonNullTypeNode(type=NamedTypeNode(name=_name("_Any")))
    return VariableDefinitionNode(
        variable=VariableNode(name=_name(name)),
        type=NonNullTypeNode(type=ListTypeNode(type=item)),
        default_value=None,
        directives=(),
    )


def _declared(node: VariableDefinitionNode) -> VariableDefinitionNode:
    """The client's definition, without directives a subgraph may not know."""
    return VariableDefinitionNode(
        variable=node.variable, type=node.type, default_value=node.default_value, directives=()
    )


def _context_variable(value: ContextValue) -> VariableDefinitionNode:
    return VariableDefinitionNode(
        variable=VariableNode(name=_name(value.variable)),
        type=parse_type(value.type, no_location=True),
        default_value=None,
        directives=(),
    )


def _text(document: DocumentNode) -> str:
    """A document on one line."""
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)  # noqa: S101 - as written above
    name = f" {operation.name.value}" if operation.name else ""
    declared = ", ".join(map(_declared_text, operation.variable_definitions or ()))
    variables = f"({declared})" if declared else ""
    selection = _selection_text(operation.selection_set)
    if operation.operation is OperationType.QUERY and not name and not variables:
        return selection
    return f"{operation.operation.value}{name}{variables} {selection}"


def _declared_text(node: VariableDefinitionNode) -> str:
    # PERF: bench/costs; every fetch of entities declares its representations.
    if node.default_value is None:
        return f"${node.variable.name.value}: {_type_text(node.type)}"
    return print_ast(node)


def _type_text(node: TypeNode) -> str:
    if isinstance(node, NonNullTypeNode):
        return _type_text(node.type) + "!"
    if isinstance(node, ListTypeNode):
        return f"[{_type_text(node.type)}]"
    assert isinstance(node, NamedTypeNode)  # noqa: S101 - the last kind there is
    return node.name.value


def _argument_text(node: ArgumentNode) -> str:
    if isinstance(node.value, VariableNode):
        return f"{node.name.value}: ${node.value.name.value}"
    return print_ast(node)


def _selection_text(selection: SelectionSetNode) -> str:
    # PERF: bench/costs; the general printer takes three times as long on large operations.
    return "{ " + " ".join(map(_node_text, selection.selections)) + " }"


def _node_text(node: SelectionNode) -> str:
    if isinstance(node, FieldNode):
        text = f"{node.alias.value}: {node.name.value}" if node.alias else node.name.value
        if node.arguments:
            text += "(" + ", ".join(map(_argument_text, node.arguments)) + ")"
        return (
            text if node.selection_set is None else text + " " + _selection_text(node.selection_set)
        )
    assert isinstance(node, InlineFragmentNode)  # noqa: S101 - as written above
    condition = f" on {node.type_condition.name.value}" if node.type_condition else ""
    directives = "".join(f" {print_ast(directive)}" for directive in node.directives or ())
    return f"...{condition}{directives} {_selection_text(node.selection_set)}"


def _variables(selection: SelectionSetNode) -> Iterator[str]:
    for node in selection.selections:
        yield from _variables_of(node)


def _variables_of(node: SelectionNode) -> Iterator[str]:
    for directive in node.directives or ():
        yield from _variables_in(argument.value for argument in directive.arguments or ())
    if isinstance(node, FieldNode):
        yield from _variables_in(argument.value for argument in node.arguments or ())
    if isinstance(node, (FieldNode, InlineFragmentNode)) and node.selection_set is not None:
        yield from _variables(node.selection_set)


def _variables_in(values: Iterable[ValueNode]) -> Iterator[str]:
    for value in values:
        if isinstance(value, VariableNode):
            yield value.name.value
        elif isinstance(value, ListValueNode):
            yield from _variables_in(value.values)
        elif isinstance(value, ObjectValueNode):
            yield from _variables_in(field.value for field in value.fields)


def _name(value: str) -> NameNode:
    return NameNode(value=value)

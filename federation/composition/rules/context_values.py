"""What `@fromContext` selects must be one value that fits the argument, wherever it is set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from graphql import (
    FieldNode,
    InlineFragmentNode,
    ListTypeNode,
    NonNullTypeNode,
    SelectionSetNode,
    TypeNode,
)

from federation.composition.contexts import Reference
from federation.composition.merge.references import is_subtype, type_text
from federation.composition.subgraph import InputValue, Kind, Subgraph
from federation.join import named_type

__all__ = ["selection_mistakes"]

_COMPOSITE = frozenset({Kind.OBJECT, Kind.INTERFACE, Kind.UNION})


class _InvalidError(Exception):
    """Why a selection is none of one value."""


def selection_mistakes(
    subgraph: Subgraph, argument: InputValue, reference: Reference, setters: Sequence[str]
) -> Iterator[str]:
    """Yield what is wrong with a selection, at most once for each type that sets the context."""
    selection = reference.selection
    if selection is None:
        yield f'selects "{reference.text.strip()}", which is no selection of fields.'
        return
    for setter in setters:
        try:
            for type_ in _values(subgraph, setter, selection):
                _check_fits(type_, argument)
        except _InvalidError as error:
            yield f'selects from "{setter}", which sets "{reference.context}": {error}'
    yield from _unused_conditions(subgraph, selection, setters)


def _check_fits(type_: TypeNode, argument: InputValue) -> None:
    if not is_subtype(type_, argument.type, {}):
        message = f'"{type_text(type_)}" does not fit the argument of type '
        raise _InvalidError(f'{message}"{type_text(argument.type)}".')


def _values(subgraph: Subgraph, setter: str, selection: SelectionSetNode) -> Iterator[TypeNode]:
    """Types of the value, one for each type condition that can hold for a setter."""
    nodes = selection.selections
    fragments = [node for node in nodes if isinstance(node, InlineFragmentNode)]
    if not fragments:
        yield _value(subgraph, setter, selection)
        return
    if len(fragments) < len(nodes):
        raise _InvalidError("fields and type conditions stand side by side.")
    conditions = [_condition(subgraph, node) for node in fragments]
    if len(set(conditions)) < len(conditions):
        raise _InvalidError("a type condition is repeated.")
    matching = [
        _value(subgraph, condition, node.selection_set)
        for condition, node in zip(conditions, fragments, strict=True)
        if _is_a(subgraph, condition, setter)
    ]
    if not matching:
        raise _InvalidError("no type condition holds for it.")
    yield from matching


def _condition(subgraph: Subgraph, node: InlineFragmentNode) -> str:
    if node.directives:
        raise _InvalidError("directives are not allowed.")
    if node.type_condition is None:
        raise _InvalidError("fragments need a type condition.")
    name = node.type_condition.name.value
    definition = subgraph.types.get(name)
    if definition is None or definition.kind is not Kind.OBJECT:
        raise _InvalidError(f'the type condition "{name}" is no object type.')
    return name


def _value(subgraph: Subgraph, type_name: str, selection: SelectionSetNode) -> TypeNode:
    """Type of the one value that is selected."""
    if len(selection.selections) > 1:
        raise _InvalidError("more than one field is selected.")
    (node,) = selection.selections
    if not isinstance(node, FieldNode):
        raise _InvalidError("only fields can be selected here.")
    return _field_value(subgraph, type_name, node)


def _field_value(subgraph: Subgraph, type_name: str, node: FieldNode) -> TypeNode:
    name = node.name.value
    if node.alias is not None or node.directives:
        raise _InvalidError("aliases and directives are not allowed.")
    field = subgraph.field(type_name, name)
    if field is None:
        raise _InvalidError(f'"{type_name}" has no field "{name}".')
    returned = named_type(field.type)
    target = subgraph.types.get(returned)
    is_composite = target is not None and target.kind in _COMPOSITE
    if is_composite is not (node.selection_set is not None):
        message = "needs a selection of its own" if is_composite else "has nothing to select"
        raise _InvalidError(f'"{type_name}.{name}" {message}.')
    if node.selection_set is None:
        return field.type
    return _wrapped(field.type, _value(subgraph, returned, node.selection_set))


def _wrapped(outer: TypeNode, inner: TypeNode) -> TypeNode:
    """The inner type in the lists of the outer one; null wherever one of them may be."""
    if isinstance(outer, NonNullTypeNode):
        wrapped = _wrapped(outer.type, inner)
        if isinstance(outer.type, ListTypeNode) and isinstance(wrapped, ListTypeNode):
            return NonNullTypeNode(type=wrapped)
        return inner
    if isinstance(outer, ListTypeNode):
        return ListTypeNode(type=_wrapped(outer.type, inner))
    return inner.type if isinstance(inner, NonNullTypeNode) else inner


def _unused_conditions(
    subgraph: Subgraph, selection: SelectionSetNode, setters: Iterable[str]
) -> Iterator[str]:
    for node in selection.selections:
        if isinstance(node, InlineFragmentNode) and node.type_condition is not None:
            name = node.type_condition.name.value
            if not any(_is_a(subgraph, name, setter) for setter in setters):
                yield f'has a type condition "{name}" that holds nowhere.'


def _is_a(subgraph: Subgraph, name: str, setter: str) -> bool:
    """Whether objects of a type are among those of a setter."""
    if name == setter:
        return True
    definition, abstract = subgraph.types.get(name), subgraph.types[setter]
    return name in abstract.members or (definition is not None and setter in definition.interfaces)

"""Arguments filled in from contexts: they leave the graph that clients see."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import (
    ConstListValueNode,
    ConstObjectFieldNode,
    ConstObjectValueNode,
    ConstValueNode,
    NameNode,
    NonNullTypeNode,
    StringValueNode,
)

from federation.composition.contexts import composed_name, contextual, own_arguments
from federation.composition.merge.context import MergeContext
from federation.composition.merge.references import type_text
from federation.composition.subgraph import Field, InputValue, Source

__all__ = ["context_arguments", "filled_arguments"]


def filled_arguments(
    context: MergeContext, coordinate: str, sources: Sequence[Source[Field]]
) -> frozenset[str]:
    """Names of the arguments that some subgraph fills in; none is left for clients to give.

    Args:
        context: where mistakes go.
        coordinate: of the field.
        sources: the field in each subgraph.
    """
    filled = frozenset(
        entry.argument.name for source in sources for entry in contextual(source.definition)
    )
    for source in sources if filled else ():
        for name, argument in own_arguments(source.definition).items():
            if name in filled:
                _report_given(context, f"{coordinate}({name}:)", source, argument)
    return filled


def _report_given(
    context: MergeContext, coordinate: str, source: Source[Field], argument: InputValue
) -> None:
    code = "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS"
    message = f'"{coordinate}" is filled in from a context elsewhere, but not in '
    message += f'"{source.subgraph.name}"'
    if isinstance(argument.type, NonNullTypeNode) and argument.default is None:
        message += ", where it is required."
        context.report.mistake(code, message, coordinate, [source.subgraph], argument.line)
    else:
        message += ", where it is left out: clients cannot give it."
        context.report.hint(code, message, coordinate, [source.subgraph])


def context_arguments(source: Source[Field]) -> ConstValueNode | None:
    """Value of `@join__field(contextArguments:)`; None where a subgraph fills in nothing."""
    values = tuple(
        _object(
            context=composed_name(source.subgraph, reference.context),
            name=entry.argument.name,
            type=type_text(entry.argument.type),
            selection=reference.text,
        )
        for entry in contextual(source.definition)
        if (reference := entry.reference) is not None
    )
    return ConstListValueNode(values=values) if values else None


def _object(**fields: str) -> ConstObjectValueNode:
    return ConstObjectValueNode(
        fields=tuple(
            ConstObjectFieldNode(name=NameNode(value=name), value=StringValueNode(value=value))
            for name, value in fields.items()
        )
    )

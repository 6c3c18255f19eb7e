"""Directives of the join specification, as composition applies them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphql import (
    BooleanValueNode,
    ConstListValueNode,
    ConstObjectFieldNode,
    ConstObjectValueNode,
    ConstValueNode,
    EnumValueNode,
    NameNode,
    StringValueNode,
)

from federation.composition.subgraph import Applied, Subgraph

__all__ = ["join", "join_directive", "join_field"]


def join(
    directive: str, subgraph: Subgraph | None, **arguments: ConstValueNode | str | bool | None
) -> Applied:
    """One application, such as `@join__type(graph: A, key: "id")`; None is left out."""
    values: dict[str, ConstValueNode] = {}
    if subgraph is not None:
        values["graph"] = EnumValueNode(value=subgraph.graph)
    for name, value in arguments.items():
        if isinstance(value, str):
            values[name] = StringValueNode(value=value)
        elif isinstance(value, ConstValueNode):
            values[name] = value
        elif value is not None:
            values[name] = BooleanValueNode(value=value)
    return Applied(f"join__{directive}", values)


def join_field(
    subgraph: Subgraph | None, **arguments: ConstValueNode | str | bool | None
) -> Applied:
    """`@join__field`; without a subgraph it marks a field that an interface object resolves."""
    return join("field", subgraph, **arguments)


def join_directive(
    graphs: Sequence[EnumValueNode], name: str, arguments: Mapping[str, ConstValueNode]
) -> Applied:
    """`@join__directive`: a directive that only routers who know it read."""
    fields = tuple(
        ConstObjectFieldNode(name=NameNode(value=key), value=value)
        for key, value in arguments.items()
    )
    return Applied(
        "join__directive",
        {
            "graphs": ConstListValueNode(values=tuple(graphs)),
            "name": StringValueNode(value=name),
            "args": ConstObjectValueNode(fields=fields),
        },
    )

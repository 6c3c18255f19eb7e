"""Supergraphs and operations for planning tests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse

from federation.operation import Operation
from federation.plan import Condition, Defer, Fetch, Flatten, PlanNode, Subscription
from federation.supergraph import Supergraph

_SUPERGRAPHS = Path(__file__).parent / "supergraphs"


@cache
def supergraph(name: str) -> Supergraph:
    """A supergraph of this folder."""
    return Supergraph.parse((_SUPERGRAPHS / f"{name}.graphql").read_text())


def operation(text: str) -> Operation:
    """The first operation of a document."""
    document = parse(text, no_location=True)
    found = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    return Operation(text, found[0], fragments)


def fetches(node: PlanNode | Subscription | Defer | None) -> Iterator[Fetch]:
    """All fetches of a plan, in order."""
    if isinstance(node, Fetch):
        yield node
    elif isinstance(node, Flatten):
        yield node.node
    elif isinstance(node, Condition):
        yield from fetches(node.if_true)
        yield from fetches(node.if_false)
    elif isinstance(node, Defer):
        yield from fetches(node.primary)
        for part in node.deferred:
            yield from fetches(part.node)
    elif isinstance(node, Subscription):
        yield node.primary
        yield from fetches(node.rest)
    elif node is not None:
        for child in node.nodes:
            yield from fetches(child)

"""Refuse operations that are too deep or too wide before anything is planned for them.

A named fragment is measured once and counted at every place it is spread, so a document that
doubles itself twenty times over is refused in the time it takes to read it.
"""

from __future__ import annotations

from typing import NamedTuple

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, SelectionSetNode

from federation.bounded_cache import BoundedCache
from federation.operation import Operation
from federation.prepared import PreparedOperation
from gateway.errors import OperationTooComplex
from gateway.exchange import Exchange

__all__ = ["Limit", "OperationSize", "measure"]

_KEPT = 1000


class OperationSize(NamedTuple):
    """How deep fields are nested, and how many there are with every fragment written out."""

    depth: int
    fields: int


class Limit:
    """Raises `OperationTooComplex` past either limit."""

    def __init__(self, max_depth: int, max_fields: int) -> None:
        self._max_depth = max_depth
        self._max_fields = max_fields
        self._sizes: BoundedCache[PreparedOperation, OperationSize] = BoundedCache(_KEPT)

    def __call__(self, exchange: Exchange) -> None:
        """Measure the operation, once for all its requests, and judge."""
        size = self._size(exchange.prepared)
        if size.depth > self._max_depth:
            raise OperationTooComplex(
                f"The operation is nested {size.depth} fields deep; {self._max_depth} are allowed."
            )
        if size.fields > self._max_fields:
            raise OperationTooComplex(
                f"The operation asks for {size.fields} fields; {self._max_fields} are allowed."
            )

    def _size(self, prepared: PreparedOperation) -> OperationSize:
        size = self._sizes.get(prepared)
        if size is None:
            size = measure(prepared.operation)
            self._sizes.put(prepared, size)
        return size


def measure(operation: Operation) -> OperationSize:
    """The size of a valid operation, whose fragments therefore form no cycle."""
    known: dict[str, OperationSize] = {}

    def of_fragment(name: str) -> OperationSize:
        if name not in known:
            known[name] = of_selections(operation.fragments[name].selection_set)
        return known[name]

    def of_selection(node: object) -> OperationSize:
        if isinstance(node, FragmentSpreadNode):
            return of_fragment(node.name.value)
        if isinstance(node, InlineFragmentNode):
            return of_selections(node.selection_set)
        below = of_selections(node.selection_set) if isinstance(node, FieldNode) else _NOTHING
        return OperationSize(below.depth + 1, below.fields + 1)

    def of_selections(selections: SelectionSetNode | None) -> OperationSize:
        sizes = [of_selection(node) for node in selections.selections] if selections else []
        return OperationSize(
            max((size.depth for size in sizes), default=0), sum(size.fields for size in sizes)
        )

    return of_selections(operation.definition.selection_set)


_NOTHING = OperationSize(0, 0)

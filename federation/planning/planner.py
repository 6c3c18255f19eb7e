"""The planner: an operation in, a query plan out.

    collect ─ walk ─ place ─ passes ─ build

The walk lays out all positions of the response and every site from which a field there could be
had; placing takes the leaves one by one, those with the fewest ways first, and puts each where it
adds least; passes then join steps, and building turns the steps into plan nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from federation.bounded_cache import BoundedCache
from federation.deferral import Delay
from federation.errors import OperationTooComplexError
from federation.operation import Operation
from federation.plan import OperationKind, QueryPlan
from federation.planning.budget import Budget
from federation.planning.build import build_deferring, build_node, build_subscription
from federation.planning.collect import Collector
from federation.planning.deep_stack import with_deep_stack
from federation.planning.documents import FetchWriter
from federation.planning.graph import Graph
from federation.planning.passes import passes
from federation.planning.positions import Workspace
from federation.planning.reach import Reach
from federation.planning.roots import plan_steps
from federation.planning.steps import Step
from federation.supergraph import Supergraph

__all__ = ["Planner"]

_BUDGET = 22_000


_REACHES = 16
"""Combinations of override labels that are remembered."""


class Planner:
    """Plans operations over one supergraph; pure, and independent of variables' values."""

    def __init__(self, supergraph: Supergraph, *, budget: int = _BUDGET) -> None:
        """Prepare for a supergraph.

        Args:
            supergraph: what to plan over.
            budget: units of work one operation may take; about 200,000 a second, so that the
                default refuses what would take longer than 100 milliseconds.
        """
        self._supergraph = supergraph
        self._reaches: BoundedCache[frozenset[str], Reach] = BoundedCache(_REACHES)
        self._budget = budget

    def plan(
        self,
        operation: Operation,
        denied: frozenset[str] = frozenset(),
        labels: frozenset[str] = frozenset(),
        defers: Sequence[Delay] = (),
    ) -> QueryPlan:
        """Plan a valid operation.

        Args:
            operation: validated against the API schema.
            denied: coordinates ("Type.field", of object types) that the caller may not read; they
                are left out wherever they would be reached.
            labels: labels of progressive overrides that hold.
            defers: what the conditions of a `Deferral`'s operation stand for.

        Raises:
            PlanningError: a field cannot be had from any subgraph.
            OperationTooComplexError: the budget is used up.
        """
        try:
            reach = self._reach(labels)
            return with_deep_stack(lambda: self._plan(operation, denied, reach, defers))
        except RecursionError as error:
            # A chain of fetches as deep as the operation: hops take several frames a level.
            message = "The operation is too complex: it is nested too deeply."
            raise OperationTooComplexError(message) from error

    def _reach(self, labels: frozenset[str]) -> Reach:
        """What is known about levels while some labels hold."""
        reach = self._reaches.get(labels)
        if reach is None:
            reach = Reach(Graph(self._supergraph, labels))
            self._reaches.put(labels, reach)
        return reach

    def _plan(
        self,
        operation: Operation,
        denied: frozenset[str],
        reach: Reach,
        defers: Sequence[Delay],
    ) -> QueryPlan:
        graph = reach.graph
        declared = operation.definition.variable_definitions or ()
        workspace = Workspace(
            graph,
            reach,
            Budget(self._budget),
            taken_variables=frozenset(node.variable.name.value for node in declared),
        )
        collector = Collector(graph, operation.fragments, denied, workspace.budget)
        plan_steps(workspace, collector, operation.definition)
        steps = workspace.ledger.steps
        for improve in passes(graph):
            steps = improve(steps)
        writer = FetchWriter(self._supergraph, operation)
        if defers:
            node = build_deferring(_in_order(steps), writer, defers)
            return QueryPlan(operation.kind, node)
        build = build_subscription if operation.kind is OperationKind.SUBSCRIPTION else build_node
        return QueryPlan(operation.kind, build(_in_order(steps), writer))


def _in_order(steps: Iterable[Step]) -> list[Step]:
    return sorted(steps, key=lambda step: step.order)

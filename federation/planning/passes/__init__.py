"""Passes over the steps of a plan, in order; each makes it smaller or flatter."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from federation.planning.graph import Graph
from federation.planning.passes.alias_conflicts import alias_conflicts
from federation.planning.passes.fold_fragments import fold_fragments
from federation.planning.passes.gather_places import gather_places
from federation.planning.passes.lift_conditions import lift_conditions
from federation.planning.passes.merge_steps import merge_steps
from federation.planning.passes.tidy_outputs import tidy_outputs
from federation.planning.steps import Step

__all__ = ["Pass", "passes"]

Pass: TypeAlias = Callable[[list[Step]], list[Step]]


def passes(graph: Graph) -> tuple[Pass, ...]:
    """The passes over steps that were planned on a graph."""
    return (
        merge_steps,
        lift_conditions,  # after merging, which may bring a condition inside
        partial(fold_fragments, graph=graph),
        tidy_outputs,  # after folding, which empties fragments
        gather_places,  # when outputs have their final content
        alias_conflicts,  # last: what the other passes removed cannot clash
    )

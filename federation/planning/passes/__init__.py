"""Passes over the steps of a plan, in order; each makes it smaller or flatter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from federation.planning.passes.alias_conflicts import alias_conflicts
from federation.planning.passes.gather_places import gather_places
from federation.planning.passes.lift_conditions import lift_conditions
from federation.planning.passes.merge_steps import merge_steps
from federation.planning.passes.tidy_outputs import tidy_outputs
from federation.planning.steps import Step

__all__ = ["PASSES", "Pass"]

Pass: TypeAlias = Callable[[list[Step]], list[Step]]

PASSES: tuple[Pass, ...] = (
    merge_steps,
    lift_conditions,  # after merging, which may bring a condition inside
    tidy_outputs,
    gather_places,  # when outputs have their final content
    alias_conflicts,  # last: what the other passes removed cannot clash
)

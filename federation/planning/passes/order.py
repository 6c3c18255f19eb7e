"""What waits for what among the steps of a plan."""

from __future__ import annotations

from collections.abc import Iterable

from federation.planning.steps import Step

__all__ = ["Order", "replace"]


class Order:
    """How long the way to each step is, and which steps others wait for."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self.levels = _levels(steps)
        self.parents = {parent for step in self.levels for parent in step.parents}


def replace(steps: Iterable[Step], gone: Step, by: Step) -> None:
    """Let whatever waits for one step wait for another."""
    for step in steps:
        if gone in step.parents:
            step.parents.discard(gone)
            step.parents.add(by)


def _levels(steps: Iterable[Step]) -> dict[Step, int]:
    """Length of the longest way to each step."""
    known: dict[Step, int] = {}

    def level(step: Step) -> int:
        if step not in known:
            known[step] = 1 + max((level(parent) for parent in step.parents), default=-1)
        return known[step]

    for step in steps:
        level(step)
    return known

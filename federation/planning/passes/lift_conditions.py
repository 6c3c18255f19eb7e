"""A fetch whose whole content stands under one condition is not sent unless it holds."""

from __future__ import annotations

from federation.planning.conditions import ALWAYS, Conditions
from federation.planning.steps import Output, Step

__all__ = ["lift_conditions"]


def lift_conditions(steps: list[Step]) -> list[Step]:
    """Move conditions of whole outputs to their steps."""
    for step in steps:
        if step.requires:
            _lift_from_entities(step)
        else:
            found = _sole_condition(step.output)
            if found:
                step.conditions |= found
                step.output = step.output.fragments[None, found]
    return steps


def _lift_from_entities(step: Step) -> None:
    found = {_sole_condition(entity) for entity in step.output.fragments.values()}
    if len(found) == 1 and found != {ALWAYS}:
        conditions = found.pop()
        step.conditions |= conditions
        for at, entity in step.output.fragments.items():
            step.output.fragments[at] = entity.fragments[None, conditions]


def _sole_condition(output: Output) -> Conditions:
    if output.fields or len(output.fragments) != 1:
        return ALWAYS
    ((condition, conditions),) = output.fragments
    return conditions if condition is None else ALWAYS

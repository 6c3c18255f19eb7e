"""Plan nodes from steps: what must wait is put in sequence, what need not runs at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from federation.deferral import Delay, number_of
from federation.plan import (
    Condition,
    Defer,
    Deferred,
    Flatten,
    OperationKind,
    Parallel,
    PlanNode,
    Subscription,
)
from federation.plan import Sequence as InSequence
from federation.planning.conditions import ALWAYS, Conditions, deferrals
from federation.planning.documents import FetchWriter
from federation.planning.steps import Step

__all__ = ["build_deferring", "build_node", "build_subscription"]


def build_node(
    steps: Sequence[Step], writer: FetchWriter, known: Conditions = ALWAYS
) -> PlanNode | None:
    """The plan of some steps under conditions that hold; None when there are none."""
    orders = sorted({step.order for step in steps})
    nodes = [
        _build([step for step in steps if step.order == order], known, writer) for order in orders
    ]
    return _in_sequence(nodes) if nodes else None


def build_subscription(steps: Sequence[Step], writer: FetchWriter) -> Subscription | None:
    """The plan of a subscription: its trigger, and what is done for each event.

    None when nothing is left to ask, because the caller may not read the root field.
    """
    triggers = [step for step in steps if step.kind is OperationKind.SUBSCRIPTION]
    if not triggers:
        return None
    (trigger,) = triggers
    primary = writer.fetch(trigger)
    return Subscription(primary, build_node([s for s in steps if s is not trigger], writer))


def build_deferring(
    steps: Sequence[Step], writer: FetchWriter, defers: Sequence[Delay]
) -> PlanNode | Defer | None:
    """The plan of an operation with `@defer`; as any other when nothing is fetched for it alone.

    `defers` are what the conditions stand for, by number.
    """
    groups: dict[Conditions, list[Step]] = {ALWAYS: []}
    for step in steps:
        groups.setdefault(deferrals(step.conditions), []).append(step)
    primary = build_node(groups.pop(ALWAYS), writer)
    parts: list[Deferred] = []
    for under in sorted(groups, key=len):
        node = build_node(groups[under], writer, under)
        assert node is not None  # noqa: S101 - no group is empty
        numbers = frozenset(number_of(test.variable) for test in under)
        parts.append(Deferred(numbers, node, defers[max(numbers)].label))
    return Defer(primary, tuple(parts)) if parts else primary


def _build(steps: Sequence[Step], known: Conditions, writer: FetchWriter) -> PlanNode:
    """A node for some steps whose other parents are done."""
    shared = frozenset.intersection(*(step.conditions for step in steps)) - known
    if shared:
        return _under(shared, _build(steps, known | shared, writer))
    here = set(steps)
    first = [step for step in steps if step.parents.isdisjoint(here)]
    # Where only one need not wait, all others wait for it, so none of them is independent.
    parts = _independent(steps) if len(first) > 1 else []
    if len(parts) > 1:
        return Parallel(tuple(_build(part, known, writer) for part in parts))
    if len(steps) == 1:
        return _fetch(steps[0], writer)
    rest = [step for step in steps if not step.parents.isdisjoint(here)]
    return _in_sequence((_build(first, known, writer), _build(rest, known, writer)))


def _fetch(step: Step, writer: FetchWriter) -> PlanNode:
    fetch = writer.fetch(step)
    return Flatten(step.path, fetch, step.further) if step.path else fetch


def _in_sequence(nodes: Iterable[PlanNode]) -> PlanNode:
    flat: list[PlanNode] = []
    for node in nodes:
        flat.extend(node.nodes if isinstance(node, InSequence) else (node,))
    return flat[0] if len(flat) == 1 else InSequence(tuple(flat))


def _under(conditions: Conditions, node: PlanNode) -> PlanNode:
    for test in sorted(conditions, reverse=True):
        node = (
            Condition(test.variable, if_true=node)
            if test.wanted
            else Condition(test.variable, if_false=node)
        )
    return node


def _independent(steps: Sequence[Step]) -> list[list[Step]]:
    """Steps in groups of which none waits for another."""
    group_of: dict[Step, list[Step]] = {step: [step] for step in steps}
    for step in steps:
        for parent in step.parents:
            smaller, larger = group_of[step], group_of.get(parent)
            if larger is None or larger is smaller:
                continue
            if len(smaller) > len(larger):
                smaller, larger = larger, smaller
            larger.extend(smaller)
            group_of.update(dict.fromkeys(smaller, larger))
    groups: dict[int, list[Step]] = {}
    for step in steps:
        groups.setdefault(id(group_of[step]), []).append(step)
    return list(groups.values())

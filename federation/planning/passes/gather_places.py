"""One request for the same entities at several places of the response.

`me { reviews { product { price } } } topProducts { related { price } }` asks one subgraph for the
price of products at two places: one list of representations does for both, equal ones sent once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from federation.planning.passes.order import Order
from federation.planning.steps import Output, Step

__all__ = ["gather_places"]


def gather_places(steps: list[Step]) -> list[Step]:
    """Gather entity fetches that ask the same of one subgraph and make no other fetch wait."""
    order = Order(steps)
    into: dict[Step, Step] = {}
    for same in _alike(steps):
        for together in _simultaneous(same, order):
            first = together[0]
            for other in together[1:]:
                first.further += (other.path, *other.further)
                first.parents |= other.parents
                into[other] = first
    if not into:
        return steps
    for step in steps:
        step.parents = {into.get(parent, parent) for parent in step.parents}
    return [step for step in steps if step not in into]


def _alike(steps: Iterable[Step]) -> list[list[Step]]:
    """Entity fetches that differ only in the place they are for."""
    groups: dict[Hashable, list[Step]] = {}
    for step in steps:
        if step.requires and not step.contexts:
            asked = (step.graph, step.order, step.conditions, step.requires)
            groups.setdefault((asked, _content(step.output)), []).append(step)
    return [group for group in groups.values() if len(group) > 1]


def _simultaneous(same: Iterable[Step], order: Order) -> list[list[Step]]:
    """Those that can be one: of one level, and with the last of all those nobody waits for.

    Steps of one level never wait for each other, and no step's level changes by this.
    """
    last = max(order.levels[step] for step in same)
    groups: dict[int, list[Step]] = {}
    for step in same:
        level = order.levels[step] if step in order.parents else last
        groups.setdefault(level, []).append(step)
    return list(groups.values())


def _content(output: Output) -> Hashable:
    """What an output selects, in whatever order."""
    return (
        frozenset(
            (
                asked.key,
                asked.name,
                asked.arguments,
                None if asked.selection is None else _content(asked.selection),
            )
            for asked in output.fields.values()
        ),
        frozenset((at, _content(fragment)) for at, fragment in output.fragments.items()),
    )

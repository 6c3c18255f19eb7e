"""One request instead of two, where two entity fetches ask one subgraph about the same objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from federation.plan import PathSegment, RequiredField, RequiredType
from federation.planning.conditions import Conditions, deferrals
from federation.planning.passes.order import Order, replace
from federation.planning.steps import Output, Step, merge_required

__all__ = ["merge_steps"]


class _Place(NamedTuple):
    """Steps at the same place may be one step; the last segment's types may differ."""

    graph: str
    order: int
    above: tuple[PathSegment, ...]
    key: str


def merge_steps(steps: list[Step]) -> list[Step]:
    """Merge steps that neither wait for each other nor would make another wait longer."""
    merged = list(steps)
    for group in _by_place(steps):
        known = Order(merged)
        for later in list(group):
            earlier = _partner(later, group, known)
            if earlier is not None:
                _merge(earlier, later, merged)
                group.remove(later)
                merged.remove(later)
                known = Order(merged)
    return merged


def _by_place(steps: list[Step]) -> list[list[Step]]:
    places: dict[_Place, list[Step]] = {}
    for step in steps:
        if step.path:
            place = _Place(step.graph, step.order, step.path[:-1], step.path[-1].key)
            places.setdefault(place, []).append(step)
    return [group for group in places.values() if len(group) > 1]


def _partner(step: Step, group: list[Step], known: Order) -> Step | None:
    """A step that can take another in."""
    level = known.levels[step]
    for other in group:
        is_later = known.levels[other] > level and step not in known.parents
        if (
            other is not step
            and (is_later or known.levels[other] == level)
            and _may_share(other, step)
            and not _waits(other, step)
        ):
            return other
    return None


def _may_share(into: Step, step: Step) -> bool:
    return (
        into.conditions <= step.conditions
        and deferrals(into.conditions) == deferrals(step.conditions)
        and bool(into.requires) == bool(step.requires)
        and into.contexts == step.contexts
        and (into.conditions == step.conditions or step.requires == into.requires)
        and _representations_agree(into, step)
        and (into.path == step.path or _outputs_apart(into, step))
    )


def _representations_agree(first: Step, second: Step) -> bool:
    """Objects must not be represented in two ways in one request."""
    if first.path == second.path:
        kinds = [{entry[::2] for entry in step.requires} for step in (first, second)]
        return kinds[0] == kinds[1] and _values_agree((*first.requires, *second.requires))
    types = [step.path[-1].types for step in (first, second)]
    return types[0] is not None and types[1] is not None and not types[0] & types[1]


def _values_agree(required: Iterable[RequiredField | RequiredType]) -> bool:
    """Whether no field is required with two values, as one `price` of two currencies would be."""
    keys: dict[str, str] = {}
    below: dict[tuple[type, str], list[RequiredField | RequiredType]] = {}
    for entry in required:
        name = entry.name if isinstance(entry, RequiredField) else entry.type_name
        if isinstance(entry, RequiredField) and keys.setdefault(name, entry.key) != entry.key:
            return False
        below.setdefault((type(entry), name), []).extend(entry.selections)
    return all(map(_values_agree, below.values()))


def _outputs_apart(first: Step, second: Step) -> bool:
    """Objects of one type must not be asked what only those of another are."""
    shared = first.output.fragments.keys() & second.output.fragments.keys()
    return all(first.output.fragments[at] == second.output.fragments[at] for at in shared)


def _waits(first: Step, second: Step) -> bool:
    return second in _ancestors(first) or first in _ancestors(second)


def _ancestors(step: Step) -> set[Step]:
    found: set[Step] = set()
    open_ = list(step.parents)
    while open_:
        parent = open_.pop()
        if parent not in found:
            found.add(parent)
            open_.extend(parent.parents)
    return found


def _merge(into: Step, step: Step, steps: list[Step]) -> None:
    into.output.absorb(_under(step.conditions - into.conditions, step.output))
    required = merge_required(into.requires, step.requires)
    into.requires = tuple(entry for entry in required if isinstance(entry, RequiredType))
    into.path = (*into.path[:-1], _widened(into.path[-1], step.path[-1]))
    into.parents |= step.parents
    replace(steps, step, into)


def _widened(first: PathSegment, second: PathSegment) -> PathSegment:
    if first.types is None or second.types is None:
        return first._replace(types=None)
    return first._replace(types=first.types | second.types)


def _under(conditions: Conditions, output: Output) -> Output:
    """The same output, below its entity fragments, under conditions."""
    if not conditions:
        return output
    wrapped = Output()
    for (condition, inner), fragment in output.fragments.items():
        wrapped.fragment(condition, inner).fragments[None, conditions] = fragment
    return wrapped

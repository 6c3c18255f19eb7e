"""The walk over everything that clients can ask for.

The composed schema has endlessly many paths; what can be resolved at the end of one depends only
on the type reached and the set of places that may hold the object. So the walk visits pairs of
(type, places), and none that is easier than one visited: fewer places are harder. Each type is
visited at most once for each set that survives that comparison, which ends the walk.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from federation.composition.merged import MergedSchema
from federation.composition.satisfiability.contexts import Setting
from federation.composition.satisfiability.graph import Graph, Places
from federation.composition.subgraph import find_all, has
from federation.composition.vocabulary import INACCESSIBLE, OVERRIDE
from federation.errors import CompositionMistake

__all__ = ["everything_is_reachable"]

_OPERATIONS = {"Query": "query", "Mutation": "mutation", "Subscription": "subscription"}


class _Step(NamedTuple):
    """A type reached, from where, and by which fields."""

    type_name: str
    places: Places
    path: tuple[str, ...]
    settings: frozenset[Setting] = frozenset()
    """Contexts that are set above, and can be read there."""


def everything_is_reachable(merged: MergedSchema) -> Iterator[CompositionMistake]:
    """Yield SATISFIABILITY_ERROR for each field to which some path leads and no plan does."""
    found: dict[str, CompositionMistake] = {}
    for labels_hold in (True, False) if _has_labels(merged) else (True,):
        walk = _Walk(merged, Graph(merged, labels_hold=labels_hold))
        for mistake in walk.mistakes():
            found.setdefault(str(mistake.coordinate), mistake)
    yield from found.values()


def _has_labels(merged: MergedSchema) -> bool:
    return any(
        applied.value("label") is not None
        for subgraph in merged.subgraphs
        for definition in subgraph.types.values()
        for field in (definition.fields or {}).values()
        for applied in find_all(field.directives, OVERRIDE)
    )


class _Walk:
    def __init__(self, merged: MergedSchema, graph: Graph) -> None:
        self._merged = merged
        self._graph = graph
        self._visited: dict[str, list[_Step]] = {}

    def mistakes(self) -> Iterator[CompositionMistake]:
        waiting = deque(_Step(name, places, (name,)) for name, places in self._graph.roots())
        while waiting:
            step = waiting.popleft()
            if self._is_news(step):
                yield from self._visit(step, waiting)

    def _is_news(self, step: _Step) -> bool:
        visited = self._visited.setdefault(step.type_name, [])
        if any(
            other.places <= step.places and other.settings <= step.settings for other in visited
        ):
            return False
        visited.append(step)
        return True

    def _visit(self, step: _Step, waiting: deque[_Step]) -> Iterator[CompositionMistake]:
        reached = self._graph.reach(step.type_name, step.places)
        definition = self._merged.types[step.type_name]
        below = self._graph.settings_below(step.type_name, reached, step.settings)
        for field in (definition.fields or {}).values():
            if has(field.directives, INACCESSIBLE):
                continue
            resolutions = self._graph.resolutions(
                step.type_name, field.name, reached, step.settings
            )
            if not resolutions:
                yield self._mistake(step, field.name, reached)
            for child, places in self._graph.children(resolutions).items():
                if not has(self._merged.types[child].directives, INACCESSIBLE):
                    waiting.append(_Step(child, places, (*step.path, field.name), below))

    def _mistake(self, step: _Step, name: str, reached: Places) -> CompositionMistake:
        coordinate = f"{step.type_name}.{name}"
        graphs = sorted({place.graph for place in reached})
        reasons = [
            *(f'from subgraph "{graph}": cannot resolve "{coordinate}".' for graph in graphs),
            *(
                self._why_not(step.type_name, graph, graphs)
                for graph in self._graph.declarers(step.type_name, name)
                if graph not in graphs
            ),
            *self._unset(step, name),
        ]
        text = "\n".join(f"- {reason}" for reason in reasons)
        return CompositionMistake(
            "SATISFIABILITY_ERROR",
            f"The query\n{_query(step, name)}\ncannot be answered by the subgraphs:\n{text}",
            coordinate,
            tuple(graphs),
        )

    def _unset(self, step: _Step, name: str) -> Iterator[str]:
        for graph in self._graph.declarers(step.type_name, name):
            field = self._merged.usages[graph].subgraph.field(step.type_name, name)
            needed = self._graph.contexts.needed(graph, field) if field else frozenset()
            for setting in sorted(needed - step.settings):
                yield (
                    f'subgraph "{graph}" needs the context "{setting.context}", of which '
                    f'"{setting.text.strip()}" cannot be read anywhere above.'
                )

    def _why_not(self, type_name: str, graph: str, graphs: list[str]) -> str:
        keys = [str(key.value("fields")) for key in self._graph.keys(graph, type_name)]
        origin = ", ".join(f'"{name}"' for name in graphs)
        if not keys:
            return (
                f'cannot move to subgraph "{graph}", which has the field, because type '
                f'"{type_name}" has no resolvable @key there.'
            )
        listed = ", ".join(f'@key(fields: "{key}")' for key in keys)
        return (
            f'cannot move to subgraph "{graph}" using {listed} of "{type_name}": the key '
            f"cannot be resolved from {origin}."
        )


def _query(step: _Step, name: str) -> str:
    operation, *path = (_OPERATIONS[step.path[0]], *step.path[1:])
    lines = [f"{operation} {{" if operation != "query" else "{"]
    for depth, field in enumerate(path, 1):
        lines.append(f"{'  ' * depth}{field} {{")
    depth = len(path) + 1
    lines.append(f"{'  ' * depth}{_selection(step, name)}")
    lines += [f"{'  ' * level}}}" for level in range(len(path), -1, -1)]
    return "\n".join(lines)


def _selection(step: _Step, name: str) -> str:
    return f"... on {step.type_name} {{ {name} }}" if len(step.path) > 1 else name

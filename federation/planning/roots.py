"""Where an operation starts: the root types of its subgraphs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from graphql import OperationDefinitionNode

from federation.errors import OperationTooComplexError, PlanningError
from federation.plan import OperationKind
from federation.planning.collect import Collector, Groups
from federation.planning.graph import Stand
from federation.planning.place import place_all
from federation.planning.positions import Position, Workspace
from federation.planning.sites import RootSite, Site
from federation.planning.steps import Step
from federation.planning.walk import Walk

__all__ = ["plan_steps"]


def plan_steps(
    workspace: Workspace, collector: Collector, definition: OperationDefinitionNode
) -> None:
    """Plan the steps of an operation into the workspace.

    A query's root fields may come from several subgraphs at once. Those of a mutation run in
    series, and each field of a mutation or subscription starts in exactly one subgraph.
    """
    root = workspace.graph.supergraph.roots[definition.operation]
    kind = OperationKind(definition.operation.value)
    groups = collector.collect(root, (definition.selection_set,))
    if kind is not OperationKind.QUERY:
        _plan_in_series(workspace, collector, kind, root, groups)
        return
    graphs = workspace.graph.types[root].keys
    _plan(workspace, collector, _root(workspace, kind, root, tuple(graphs), 0), groups)


def _plan(workspace: Workspace, collector: Collector, position: Position, groups: Groups) -> None:
    walk = Walk(collector)
    walk.walk_groups(position, groups)
    place_all(walk.leaves)


def _root(
    workspace: Workspace, kind: OperationKind, root: str, graphs: tuple[str, ...], order: int
) -> Position:
    sites: list[Site] = [
        RootSite(Stand(graph, root, 0), workspace.ledger, kind, order) for graph in graphs
    ]
    return Position(workspace, root, sites, order=order)


def _plan_in_series(
    workspace: Workspace, collector: Collector, kind: OperationKind, root: str, groups: Groups
) -> None:
    """Neighbouring fields of one subgraph share a request: it runs them in series too.

    They do so only under the same conditions, for those under others stand apart in a document;
    a field that is asked under several is called once all the same.
    """
    runs: list[tuple[str, Groups]] = []
    for field in _fields(groups):
        before = runs[-1][0] if runs else ""
        starts = list(_starts(workspace, collector, kind, root, field))
        if not starts:
            raise PlanningError(f"No subgraph can answer {root}.{_name(field)}.")
        graph = _best(starts, before)
        if graph == before and runs[-1][1].keys() == field.keys() and len(field) == 1:
            for group, entries in field.items():
                runs[-1][1][group].update(entries)
        else:
            runs.append((graph, field))
    for order, (graph, run) in enumerate(runs):
        _plan(workspace, collector, _root(workspace, kind, root, (graph,), order), run)
        _put_in_order(workspace.ledger.steps, order, run)


def _put_in_order(steps: Iterable[Step], order: int, run: Groups) -> None:
    """Let the request of a run ask its fields in the client's order, not in that of placing."""
    if len(run) > 1:
        return  # one field under several conditions
    ((group, entries),) = run.items()
    places = {key: entry.place for key, entry in entries.items()}
    for step in steps:
        if step.order == order and not step.path:
            asked = step.output.fragment(None, group.conditions)
            ranked = sorted(asked.fields.items(), key=lambda field: places.get(field[0], -1))
            asked.fields = dict(ranked)


def _fields(groups: Groups) -> Iterator[Groups]:
    """Each response key by itself, in the client's order."""
    fields: dict[str, Groups] = {}
    places: dict[str, int] = {}
    for group, entries in groups.items():
        for key, entry in entries.items():
            if entry.name not in {"__typename", "__schema", "__type"}:
                fields.setdefault(key, {})[group] = {key: entry}
                places[key] = min(entry.place, places.get(key, entry.place))
    yield from (fields[key] for key in sorted(fields, key=places.__getitem__))


def _name(field: Groups) -> str:
    return next(entry.name for entries in field.values() for entry in entries.values())


class _Start(NamedTuple):
    """A subgraph in which a root field can start, and the steps it takes from there."""

    graph: str
    steps: int


def _best(starts: Iterable[_Start], before: str) -> str:
    """The subgraph in which a root field takes fewest steps; of equals, that of the one before."""
    return min(starts, key=lambda start: (start.steps, start.graph != before, start.graph)).graph


def _starts(
    workspace: Workspace, collector: Collector, kind: OperationKind, root: str, field: Groups
) -> Iterator[_Start]:
    """Every subgraph that resolves a root field, tried one by one where there are several.

    One that cannot answer all that is asked below the field is left out.
    """
    graphs = workspace.graph.resolvers(root, _name(field))
    for graph in graphs:
        trial = Workspace(workspace.graph, workspace.reach, workspace.budget)
        if len(graphs) > 1:
            try:
                _plan(trial, collector, _root(trial, kind, root, (graph,), 0), field)
            except OperationTooComplexError:
                raise
            except PlanningError:
                continue
        yield _Start(graph, len(trial.ledger.steps))

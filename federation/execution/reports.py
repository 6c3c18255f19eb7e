"""Errors of subgraphs, brought from the subgraph's own response to positions in the data tree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from federation.execution.answers import Answers
from federation.execution.execution import Execution, Occurrence
from federation.execution.places import paths_at
from federation.execution.response import ResponsePath
from federation.execution.types import type_name
from federation.plan import Fetch, PathSegment
from federation.subgraph import SubgraphError

__all__ = ["Site", "Target", "malformed", "report"]


class Site(NamedTuple):
    """A fetch, where in the data tree its answers belong, and what they should hold."""

    fetch: Fetch
    paths: Sequence[Sequence[PathSegment]]
    answers: Answers


class Target(NamedTuple):
    """What one object's answer should have been and what it is."""

    places: Sequence[dict[str, Any]]
    answer: Any
    """The part of the response that belongs to these places; None when there is none."""


def malformed(fetch: Fetch, what: str) -> SubgraphError:
    """A response that does not have the form its request asks for."""
    message = f"Subgraph '{fetch.subgraph}' {what}."
    return SubgraphError(message, None, {"code": "UPSTREAM_ERROR"})


def report(
    execution: Execution,
    site: Site,
    targets: Sequence[Target],
    errors: Iterable[SubgraphError],
) -> None:
    """Record errors at every place they concern.

    An error with a path belongs to that position below each place; one without a path to the keys
    that were asked for and are missing.
    """
    positions = _positions(execution, site)
    renames = {rename.alias: rename.key for rename in site.fetch.renames}
    for error in errors:
        target, rest = _locate(error, targets, is_entity_fetch=bool(site.fetch.requires))
        if target is None:
            for each in targets:
                _report_missing(execution, error, each, site.answers, positions)
            continue
        steps = tuple(renames.get(step, step) if isinstance(step, str) else step for step in rest)
        for place in _paths(target, positions):
            execution.errors.append(Occurrence(error, place + steps))


def _positions(execution: Execution, site: Site) -> dict[int, list[ResponsePath]]:
    """Response paths of all objects the fetch concerns, by their `id()`."""
    found: dict[int, list[ResponsePath]] = {}
    for path in site.paths:
        for item, paths in paths_at(execution.data, path).items():
            found.setdefault(item, []).extend(paths)
    return found


def _locate(
    error: SubgraphError, targets: Sequence[Target], *, is_entity_fetch: bool
) -> tuple[Target | None, ResponsePath]:
    path = error.path
    if not path or not targets:
        return None, ()
    if not is_entity_fetch:
        return targets[0], path
    index = path[1] if len(path) > 1 and path[0] == "_entities" else None
    if not isinstance(index, int) or not 0 <= index < len(targets):
        return None, ()
    return targets[index], path[2:]


def _report_missing(
    execution: Execution,
    error: SubgraphError,
    target: Target,
    answers: Answers,
    positions: dict[int, list[ResponsePath]],
) -> None:
    answer = target.answer if isinstance(target.answer, dict) else {}
    runtime = type_name(target.places[0]) if target.places else None
    expected = answers.expected(runtime, execution.abstract)
    missing = [key for key in expected if answer.get(key) is None]
    for place in _paths(target, positions):
        execution.errors.extend(Occurrence(error, (*place, key)) for key in missing)
        if not missing:
            execution.errors.append(Occurrence(error, place or None))


def _paths(target: Target, positions: dict[int, list[ResponsePath]]) -> list[ResponsePath]:
    return [path for place in target.places for path in positions.get(id(place), ())]

"""A query plan made ready to run: one step a node."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import chain
from typing import Any, Protocol

from federation.execution.answers import Answers
from federation.execution.apart import Apart, Part, batched
from federation.execution.contexts import grouped
from federation.execution.execution import Execution
from federation.execution.merge import is_same_type, merge_object, unshared
from federation.execution.places import objects_at
from federation.execution.renames import apply_renames
from federation.execution.reports import Site, Target, malformed, report
from federation.execution.representations import Batch, Representing
from federation.execution.sharing import NOWHERE, Sharing, share_equal
from federation.execution.types import AbstractTypes
from federation.plan import (
    Condition,
    Fetch,
    Flatten,
    Parallel,
    PathSegment,
    PlanNode,
)
from federation.plan import Sequence as SequenceNode
from federation.subgraph import SubgraphError, SubgraphResponse

__all__ = ["Step", "StepFactory", "has_contexts"]


class Step(Protocol):
    """Part of a plan that can run."""

    async def run(self, execution: Execution) -> None:
        """Fetch and merge; failures of subgraphs are recorded, never raised."""


class StepFactory:
    """Makes the steps of one plan."""

    def __init__(self, sharing: Sharing, abstract: AbstractTypes) -> None:
        self._sharing = sharing
        self._abstract = abstract

    def step(self, node: PlanNode) -> Step:
        """The step that runs a plan node."""
        match node:
            case Fetch():
                return _RootFetch((), node, self._sharing)
            case Flatten():
                return self._flattened(node)
            case SequenceNode(nodes=nodes):
                return _InSequence([self.step(child) for child in nodes])
            case Parallel(nodes=nodes):
                return _InParallel([self.step(child) for child in nodes])
            case Condition(variable=variable, if_true=if_true, if_false=if_false):
                return _Conditional(
                    variable,
                    None if if_true is None else self.step(if_true),
                    None if if_false is None else self.step(if_false),
                )

    def _flattened(self, node: Flatten) -> Step:
        fetch = node.node
        if not fetch.requires:
            return _RootFetch(node.path, fetch, self._sharing)
        representing = Representing(fetch.requires, self._abstract)
        if fetch.contexts:
            return _ContextFetch(node.path, fetch, representing)
        return _EntityFetch(node.paths, fetch, representing, self._sharing)


def has_contexts(node: PlanNode) -> bool:
    """Whether any value in a plan depends on where in the response it stands."""
    match node:
        case Fetch():
            return bool(node.contexts)
        case Flatten(node=fetch):
            return bool(fetch.contexts)
        case SequenceNode(nodes=nodes) | Parallel(nodes=nodes):
            return any(map(has_contexts, nodes))
        case Condition(if_true=if_true, if_false=if_false):
            return any(has_contexts(part) for part in (if_true, if_false) if part is not None)


class _RootFetch:
    """Fetches root fields and merges them into every object at the path."""

    def __init__(self, path: Sequence[PathSegment], fetch: Fetch, sharing: Sharing) -> None:
        self._site = Site(fetch, (path,), Answers.of(fetch))
        self._sharing = sharing.at(path)

    async def run(self, execution: Execution) -> None:
        fetch, (path,), answers = self._site
        places = objects_at(execution.data, path)
        if not places:
            return
        data, errors = _checked_data(fetch, await execution.ask(fetch))
        apply_renames(data, fetch.renames)
        share_equal((data,), self._sharing)
        wanted = {key: value for key, value in data.items() if key in answers.keys}
        _merge(execution, places, wanted)
        if errors:
            report(execution, self._site, [Target(places, data)], errors)


class _EntityFetch:
    """Fetches entities for the objects at some paths and merges each where it came from."""

    def __init__(
        self,
        paths: Sequence[Sequence[PathSegment]],
        fetch: Fetch,
        representing: Representing,
        sharing: Sharing,
    ) -> None:
        self._site = Site(fetch, paths, Answers.of(fetch))
        self._routes = [(path, sharing.shared(path)) for path in paths]
        self._representing = representing
        # At several places, what is below the same entity may be asked for differently.
        self._sharing = sharing.at(paths[0]) if len(paths) == 1 else NOWHERE

    async def run(self, execution: Execution) -> None:
        fetch, data = self._site.fetch, execution.data
        found = (objects_at(data, path, shared) for path, shared in self._routes)
        batch = self._representing.batch(chain.from_iterable(found))
        if batch.places:
            own = {fetch.representations: batch.representations}
            response = await execution.ask(fetch, own)
            _take_entities(execution, self._site, batch, response, self._sharing)


class _ContextFetch:
    """Fetches entities with values from above them, those with equal values together."""

    def __init__(
        self, path: Sequence[PathSegment], fetch: Fetch, representing: Representing
    ) -> None:
        self._site = Site(fetch, (path,), Answers.of(fetch))
        self._representing = representing
        self._apart = Apart(fetch)

    async def run(self, execution: Execution) -> None:
        fetch, (path,), _ = self._site
        parts = [
            Part(self._representing.batch(objects), values)
            for values, objects in grouped(execution.data, path, fetch.contexts, execution.abstract)
        ]
        parts = [part for part in parts if part.batch.places]
        async with asyncio.TaskGroup() as group:
            for some in batched(parts):
                group.create_task(self._fetch(execution, some))

    async def _fetch(self, execution: Execution, parts: Sequence[Part]) -> None:
        request = self._apart.request(parts)
        response = await execution.ask(request.fetch, request.variables)
        for part, own in zip(parts, request.split(response), strict=True):
            _take_entities(execution, self._site, part.batch, own)


class _InSequence:
    """Steps one after the other."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps

    async def run(self, execution: Execution) -> None:
        for step in self._steps:
            await step.run(execution)


class _InParallel:
    """Steps at the same time; when the request is cancelled, so is each of them."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps

    async def run(self, execution: Execution) -> None:
        first, *others = self._steps
        async with asyncio.TaskGroup() as group:
            for step in others:
                group.create_task(step.run(execution))
            # PERF: bench.federation; the task that is here already does as well as another.
            await first.run(execution)


class _Conditional:
    """One of two steps, by the value of a variable."""

    def __init__(self, variable: str, if_true: Step | None, if_false: Step | None) -> None:
        self._variable = variable
        self._if_true = if_true
        self._if_false = if_false

    async def run(self, execution: Execution) -> None:
        is_true = execution.variables.get(self._variable) is True
        step = self._if_true if is_true else self._if_false
        if step is not None:
            await step.run(execution)


def _take_entities(
    execution: Execution,
    site: Site,
    batch: Batch,
    response: SubgraphResponse,
    sharing: Sharing = NOWHERE,
) -> None:
    """Merge each entity of a response where it came from."""
    entities, errors = _checked_entities(site.fetch, response, batch, execution.abstract)
    answered = [entity for entity in entities if entity is not None]
    if site.fetch.renames:
        for each in answered:
            apply_renames(each, site.fetch.renames)
    share_equal(answered, sharing)
    keys, is_same = site.answers.keys, len(site.paths) == 1
    for places, entity in zip(batch.places, entities, strict=True):
        if entity is not None:
            wanted = {key: value for key, value in entity.items() if key in keys}
            _merge(execution, places, wanted, is_same=is_same)
    if errors:
        targets = [Target(*pair) for pair in zip(batch.places, entities, strict=True)]
        report(execution, site, targets, errors)


def _merge(
    execution: Execution,
    places: Sequence[dict[str, Any]],
    wanted: dict[str, Any],
    *,
    is_same: bool = True,
) -> None:
    """Merge into all places, which share what is below where the `same` is asked for there."""
    for number, place in enumerate(places):
        is_shared = number == 0 or (is_same and execution.shares)
        merge_object(place, wanted if is_shared else unshared(wanted), execution.abstract)


def _checked_data(
    fetch: Fetch, response: SubgraphResponse
) -> tuple[dict[str, Any], Sequence[SubgraphError]]:
    data, errors = response.data, response.errors
    if isinstance(data, dict):
        return data, errors
    return {}, errors or (malformed(fetch, "answered no data"),)


def _checked_entities(
    fetch: Fetch, response: SubgraphResponse, batch: Batch, abstract: AbstractTypes
) -> tuple[Sequence[dict[str, Any] | None], Sequence[SubgraphError]]:
    """One answer per representation, or none at all when they cannot be told apart."""
    data, errors = response.data, response.errors
    nothing: list[None] = [None] * len(batch.places)
    entities = data.get("_entities") if isinstance(data, dict) else None
    if entities is None and errors:
        return nothing, errors
    mistake = _entity_mistake(entities, batch, abstract)
    if mistake is not None:
        return nothing, (*errors, malformed(fetch, mistake))
    return entities or nothing, errors


def _entity_mistake(entities: Any, batch: Batch, abstract: AbstractTypes) -> str | None:
    """Why this cannot be the answer to these representations."""
    sent = batch.representations
    if not isinstance(entities, list):
        return "answered no list of entities"
    if len(entities) != len(sent):
        return f"answered {len(entities)} entities to {len(sent)} representations"
    for entity, representation in zip(entities, sent, strict=True):
        if entity is None:
            continue
        if not isinstance(entity, dict):
            return "answered entities that are no objects"
        if not is_same_type(entity, representation, abstract):
            return "answered entities of other types than it was asked for"
    return None

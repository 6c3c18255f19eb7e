"""`@override`: which subgraphs a field was taken away from.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/directives#override
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from federation.composition.merge.context import MergeContext
from federation.composition.subgraph import Applied, Field, Kind, Source, find_all, has
from federation.composition.vocabulary import OVERRIDE, PROVIDES, REQUIRES

__all__ = ["Overridden", "overridden_sources"]


class Overridden(NamedTuple):
    """A field that another subgraph has taken over."""

    by: str
    label: str | None
    """With a label the old subgraph still answers part of the traffic."""
    is_used: bool
    """The old subgraph's keys, requirements or interfaces still refer to the field."""


def overridden_sources(
    context: MergeContext, type_name: str, name: str, sources: Sequence[Source[Field]]
) -> dict[str, Overridden]:
    """What was taken over, by the name of the subgraph it was taken from."""
    if not any(has(source.definition.directives, OVERRIDE) for source in sources):
        return {}
    by_name = {source.subgraph.name: source for source in sources}
    overridden: dict[str, Overridden] = {}
    for source, applied in _overrides(sources):
        old = by_name.get(str(applied.value("from")))
        if not _is_allowed(context, type_name, source, applied, old) or old is None:
            continue
        usage = context.usages[old.subgraph.name]
        label = applied.value("label")
        overridden[old.subgraph.name] = Overridden(
            source.subgraph.name,
            None if label is None else str(label),
            usage.is_needed(type_name, old.definition),
        )
    return overridden


def _overrides(sources: Sequence[Source[Field]]) -> Iterator[tuple[Source[Field], Applied]]:
    for source in sources:
        for applied in find_all(source.definition.directives, OVERRIDE):
            yield source, applied


def _is_allowed(
    context: MergeContext,
    type_name: str,
    source: Source[Field],
    applied: Applied,
    old: Source[Field] | None,
) -> bool:
    coordinate = f"{type_name}.{source.definition.name}"
    problem = _problem(context, type_name, source, applied, old)
    if problem is not None:
        context.report.mistake(
            problem[0],
            f'"{coordinate}" in {source.subgraph.name} {problem[1]}',
            coordinate,
            [source.subgraph],
            applied.line,
        )
        return False
    if old is not None:
        return not context.is_external(type_name, old)
    _hint_unused(context, coordinate, source, str(applied.value("from")))
    return False


def _problem(
    context: MergeContext,
    type_name: str,
    source: Source[Field],
    applied: Applied,
    old: Source[Field] | None,
) -> tuple[str, str] | None:
    if source.subgraph.types[type_name].kind is Kind.INTERFACE:
        return "OVERRIDE_ON_INTERFACE", "is a field of an interface, which has nothing to override."
    if applied.value("from") == source.subgraph.name:
        return "OVERRIDE_FROM_SELF_ERROR", "is overridden from the subgraph it stands in."
    if context.is_external(type_name, source):
        return (
            "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
            "is @external, so it has no resolver to override with.",
        )
    return None if old is None else _problem_of_old(old)


def _problem_of_old(old: Source[Field]) -> tuple[str, str] | None:
    if has(old.definition.directives, OVERRIDE):
        return (
            "OVERRIDE_SOURCE_HAS_OVERRIDE",
            f"overrides {old.subgraph.name}, where the field overrides another one.",
        )
    for directive in (PROVIDES, REQUIRES):
        if has(old.definition.directives, directive):
            called = directive.removeprefix("federation__")
            return (
                "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE",
                f"overrides {old.subgraph.name}, where the field has @{called}.",
            )
    return None


def _hint_unused(context: MergeContext, coordinate: str, source: Source[Field], old: str) -> None:
    if any(subgraph.name == old for subgraph in context.subgraphs):
        code, reason = "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED", f"{old} no longer has the field"
    else:
        code, reason = "FROM_SUBGRAPH_DOES_NOT_EXIST", f'there is no subgraph "{old}"'
    context.report.hint(
        code,
        f'@override on "{coordinate}" does nothing: {reason}.',
        coordinate,
        [source.subgraph],
    )

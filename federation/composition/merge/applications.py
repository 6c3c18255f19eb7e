"""Applied directives: what several subgraphs say of one element becomes one statement.

What protects is never weakened: `@inaccessible` and `@authenticated` hold if any subgraph states
them, scopes and policies of all subgraphs must hold together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import product
from typing import Any, Protocol, TypeAlias, TypeVar

from graphql import (
    ConstListValueNode,
    ConstValueNode,
    EnumValueNode,
    IntValueNode,
    StringValueNode,
    print_ast,
)

from federation.composition.contexts import composed_name
from federation.composition.merge.context import MergeContext
from federation.composition.merge.joins import join_directive
from federation.composition.subgraph import Applied, Source, Subgraph, find_all
from federation.composition.vocabulary import (
    AUTHENTICATED,
    CACHE_TAG,
    CONTEXT,
    COST,
    INACCESSIBLE,
    LIST_SIZE,
    POLICY,
    REQUIRES_SCOPES,
    TAG,
)

__all__ = ["merge_applied"]


class _Annotated(Protocol):
    @property
    def directives(self) -> tuple[Applied, ...]: ...


_AnnotatedT = TypeVar("_AnnotatedT", bound=_Annotated)
_Alternatives: TypeAlias = tuple[frozenset[str], ...]
_Merge: TypeAlias = Callable[[Sequence[Applied]], Sequence[Applied]]


def merge_applied(
    context: MergeContext, coordinate: str, sources: Sequence[Source[_AnnotatedT]]
) -> tuple[Applied, ...]:
    """Directives of the composed element, each kind by its own rule, in a fixed order.

    Directives that neither the specification nor `@composeDirective` carries over are left out.
    """
    if not any(source.definition.directives for source in sources):
        return ()
    merged: list[Applied] = []
    for name, merge in _MERGES.items():
        found = _found(sources, name)
        if found:
            merged.extend(_clean(applied) for applied in merge(found))
    for name in _INTACT:
        merged.extend(_first(context, coordinate, name, sources))
    for name, is_security in context.composed.items():
        repeatable = _is_repeatable(context.subgraphs, name)
        merge_own = _distinct if repeatable else None
        if merge_own is None:
            merged.extend(_first(context, coordinate, name, sources, must_agree=is_security))
        else:
            merged.extend(_clean(applied) for applied in merge_own(_found(sources, name)))
    return (*merged, *_contexts(sources), *_cache_tags(sources))


def _contexts(sources: Sequence[Source[_AnnotatedT]]) -> Iterator[Applied]:
    """`@context` with names that tell the subgraphs' contexts apart."""
    for source in sources:
        for applied in find_all(source.definition.directives, CONTEXT):
            name = composed_name(source.subgraph, str(applied.value("name")))
            yield Applied(CONTEXT, {"name": StringValueNode(value=name)})


def _cache_tags(sources: Sequence[Source[_AnnotatedT]]) -> Iterator[Applied]:
    """`@cacheTag` in the form of the join specification, with the subgraphs that state it."""
    graphs: dict[str, list[EnumValueNode]] = {}
    for source in sources:
        formats = (tag.value("format") for tag in find_all(source.definition.directives, CACHE_TAG))
        for text in dict.fromkeys(map(str, formats)):
            graphs.setdefault(text, []).append(EnumValueNode(value=source.subgraph.graph))
    for text, values in graphs.items():
        yield join_directive(values, CACHE_TAG, {"format": StringValueNode(value=text)})


def _found(sources: Sequence[Source[_AnnotatedT]], name: str) -> list[Applied]:
    return [
        applied for source in sources for applied in find_all(source.definition.directives, name)
    ]


def _clean(applied: Applied) -> Applied:
    return Applied(applied.name, applied.arguments)


def _once(found: Sequence[Applied]) -> Sequence[Applied]:
    return found[:1]


def _distinct(found: Sequence[Applied]) -> Sequence[Applied]:
    return list({_text(applied): applied for applied in found}.values())


def _text(applied: Applied) -> str:
    return ", ".join(
        f"{name}: {print_ast(value)}" for name, value in sorted(applied.arguments.items())
    )


def _conjunction(argument: str) -> _Merge:
    def merge(found: Sequence[Applied]) -> Sequence[Applied]:
        stated = dict.fromkeys(_alternatives(applied.value(argument)) for applied in found)
        minimal = reduce(_both, stated)
        return [Applied(found[0].name, {argument: _node(sorted(map(sorted, minimal)))})]

    return merge


def _both(one: _Alternatives, other: _Alternatives) -> _Alternatives:
    """Sets that fulfil both; one that holds another asks for more than needed."""
    chosen = {left | right for left, right in product(one, other)}
    return tuple(entry for entry in chosen if not any(smaller < entry for smaller in chosen))


def _alternatives(value: Any) -> _Alternatives:
    if not isinstance(value, list):
        return (frozenset({str(value)}),)
    return tuple(
        frozenset(map(str, entry)) if isinstance(entry, list) else frozenset({str(entry)})
        for entry in value
    )


def _node(value: Any) -> ConstValueNode:
    if isinstance(value, list):
        return ConstListValueNode(values=tuple(_node(entry) for entry in value))
    return StringValueNode(value=str(value))


def _dearest(found: Sequence[Applied]) -> Sequence[Applied]:
    weight = max(int(applied.value("weight") or 0) for applied in found)
    return [Applied(COST, {"weight": IntValueNode(value=str(weight))})]


def _largest(found: Sequence[Applied]) -> Sequence[Applied]:
    return [max(found, key=lambda applied: int(applied.value("assumedSize") or 0))]


def _first(
    context: MergeContext,
    coordinate: str,
    name: str,
    sources: Sequence[Source[_AnnotatedT]],
    *,
    must_agree: bool = False,
) -> Iterator[Applied]:
    found = _found(sources, name)
    if len(_distinct(found)) > 1:
        _disagree(context, coordinate, name, [source.subgraph for source in sources], must_agree)
    yield from map(_clean, found[:1])


def _disagree(
    context: MergeContext,
    coordinate: str,
    name: str,
    subgraphs: Sequence[Subgraph],
    must_agree: bool,  # noqa: FBT001 - handed through by the one caller
) -> None:
    message = f'"@{name}" is applied to "{coordinate}" with different arguments'
    if must_agree:
        context.report.mistake(
            "DIRECTIVE_COMPOSITION_ERROR",
            f"{message}; it is a security directive, of which none may be dropped.",
            coordinate,
            subgraphs,
        )
        return
    context.report.hint(
        "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        f"{message}; the first is used.",
        coordinate,
        subgraphs,
    )


def _is_repeatable(subgraphs: Iterable[Subgraph], name: str) -> bool:
    return any(
        subgraph.directives[name].repeatable
        for subgraph in subgraphs
        if name in subgraph.directives
    )


_MERGES: Mapping[str, _Merge] = {
    INACCESSIBLE: _once,
    TAG: _distinct,
    AUTHENTICATED: _once,
    REQUIRES_SCOPES: _conjunction("scopes"),
    POLICY: _conjunction("policies"),
    COST: _dearest,
    LIST_SIZE: _largest,
    "oneOf": _once,
}
_INTACT = ("deprecated", "specifiedBy")

"""Values that fields are given by objects above them (`@fromContext`).

The nearest object counts that sets the context. Where its type is known only at run time, it may
set it or not: then the next one above is a source too, and so on to one that certainly sets it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from graphql import ArgumentNode, NameNode, VariableNode

from federation.join import ContextArgument
from federation.plan import ContextSource, ContextValue, RequiredField, RequiredType
from federation.planning.collect import GroupKey
from federation.planning.requirements import require
from federation.planning.steps import Step

if TYPE_CHECKING:  # scopes own their entity fetches, which look for values above
    from federation.planning.positions import Scope

__all__ = ["Given", "Taken", "given_from_above"]


class _Origin(NamedTuple):
    """Objects above that set a context."""

    scope: Scope
    members: tuple[Scope, ...] | None
    """Scopes of the object types that set it; None: all objects of the scope do."""
    level: int


class Taken(NamedTuple):
    """An argument, the variable it is given, and the steps the variable's values come from."""

    argument: ArgumentNode
    value: ContextValue
    steps: frozenset[Step]


@dataclass(frozen=True, slots=True)
class Given:
    """An argument and where its values can be had."""

    argument: ContextArgument
    origins: Sequence[_Origin]

    @property
    def level(self) -> int:
        """Level at which all of its values are known."""
        return max(origin.level for origin in self.origins)

    def take(self, limit: int) -> Taken:
        """Select the values, from sites below a level."""
        sources: list[ContextSource] = []
        steps: frozenset[Step] = frozenset()
        for origin in self.origins:
            source, found = self._take_from(origin, limit)
            sources.append(source)
            steps |= found
        workspace = self.origins[0].scope.workspace
        value = workspace.context_value(self.argument.type, tuple(sources))
        variable = VariableNode(name=NameNode(value=value.variable))
        node = ArgumentNode(name=NameNode(value=self.argument.name), value=variable)
        return Taken(node, value, steps)

    def _take_from(self, origin: _Origin, limit: int) -> tuple[ContextSource, frozenset[Step]]:
        depth, selection = len(origin.scope.path), self.argument.selection
        if origin.members is None:
            needs = require(origin.scope, selection, limit)
            return ContextSource(depth, None, needs.selections), needs.steps
        selections: list[RequiredField | RequiredType] = []
        steps: frozenset[Step] = frozenset()
        for member in origin.members:
            needs = require(member, selection, limit)
            selections.append(RequiredType(member.type_name, needs.selections))
            steps |= needs.steps
        types = frozenset(member.type_name for member in origin.members)
        return ContextSource(depth, types, tuple(selections)), steps


def given_from_above(scope: Scope, arguments: Iterable[ContextArgument]) -> list[Given] | None:
    """Where values of arguments can be had; None when one of them cannot be had everywhere."""
    given: list[Given] = []
    for argument in arguments:
        origins = _origins(scope, argument)
        if origins is None:
            return None
        given.append(Given(argument, origins))
    return given


def _origins(scope: Scope, argument: ContextArgument) -> list[_Origin] | None:
    origins: list[_Origin] = []
    for above in _above(scope):
        occurring = list(_members(above))
        setting = [inner for inner in occurring if above.graph.sets(inner.type_name, argument)]
        if not setting:
            continue
        is_certain = len(setting) == len(occurring)
        origin = _origin(above, None if is_certain else tuple(setting), argument)
        if origin is None:
            return None
        origins.append(origin)
        if is_certain:
            return origins
    return None


def _above(scope: Scope) -> Iterator[Scope]:
    above = scope.position.above
    while above is not None:
        yield above
        above = above.position.above


def _members(scope: Scope) -> Iterator[Scope]:
    """The object types that can occur at a scope."""
    if not scope.graph.is_abstract(scope.type_name):
        yield scope
        return
    for member in sorted(scope.graph.possible(scope.type_name)):
        inner = scope.position.scope(GroupKey(member, scope.key.conditions))
        if inner.can_occur():
            yield inner


def _origin(
    scope: Scope, members: tuple[Scope, ...] | None, argument: ContextArgument
) -> _Origin | None:
    found = [
        scope.workspace.reach.selection_level(inner.type_name, inner.stands, argument.selection)
        for inner in members or (scope,)
    ]
    levels = [level for level in found if level is not None]
    return _Origin(scope, members, max(levels)) if len(levels) == len(found) else None

"""`@defer` and `@stream` of one operation, as conditions that planning and execution know already.

A deferred fragment is a fragment under a condition that is false while the first payload is made.
The conditions are named as no variable can be, and appear in no document that is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphql import (
    REMOVE,
    ArgumentNode,
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    IntValueNode,
    NameNode,
    Node,
    StringValueNode,
    VariableNode,
    Visitor,
    visit,
)

from federation.operation import Operation

__all__ = ["Deferral", "Delay", "condition_of", "is_deferral", "number_of"]

_PREFIX = "@defer "


class Delay(NamedTuple):
    """What one application of `@defer` or `@stream` says."""

    label: str | None
    applies: bool | str
    """Whether it does, or the name of the variable that says so."""
    initial_count: int | str = 0
    """Of a stream: items of the first payload, or the variable that says how many."""

    def holds(self, variables: Mapping[str, Any]) -> bool:
        """Whether it applies to a request with these values."""
        applies = self.applies
        return variables.get(applies) is not False if isinstance(applies, str) else applies

    def count(self, variables: Mapping[str, Any]) -> int:
        """Items of the first payload, of a request with these values."""
        count = self.initial_count
        found = variables.get(count) if isinstance(count, str) else count
        return found if isinstance(found, int) and found > 0 else 0


@dataclass(frozen=True, slots=True, eq=False)
class Deferral:
    """An operation whose deferred fragments stand under conditions of ours."""

    operation: Operation
    defers: tuple[Delay, ...]
    """What each condition stands for, by its number."""
    streams: Mapping[int, Delay]
    """By the `id()` of the field in `operation`."""

    @classmethod
    def of(cls, operation: Operation) -> Deferral | None:
        """Read an operation; None when it delays nothing."""
        rewriting = _Rewriting()
        definition = visit(operation.definition, rewriting)
        fragments = {name: visit(node, rewriting) for name, node in operation.fragments.items()}
        if not rewriting.defers and not rewriting.delays:
            return None
        rewritten = Operation(operation.text, definition, fragments)
        streams: dict[int, Delay] = {}
        for node in (definition, *fragments.values()):
            visit(node, _Streams(rewriting.delays, streams))
        return cls(rewritten, tuple(rewriting.defers), streams)


def condition_of(number: int) -> str:
    """The name of the condition with a number."""
    return f"{_PREFIX}{number}"


def is_deferral(variable: str) -> bool:
    """Whether the name of a condition's variable is one of ours."""
    return variable.startswith(_PREFIX)


def number_of(variable: str) -> int:
    """The number in the name of one of our conditions."""
    return int(variable.removeprefix(_PREFIX))


class _Rewriting(Visitor):
    """Puts conditions in the place of `@defer`, and takes note of `@stream`."""

    def __init__(self) -> None:
        super().__init__()
        self.defers: list[Delay] = []
        self.delays: dict[int, Delay] = {}
        """Streams by the `id()` of their directive, which stays."""

    def enter_directive(self, node: DirectiveNode, *_context: object) -> Any:
        name = node.name.value
        if name == "stream":
            self.delays[id(node)] = _delay(node)
        if name != "defer":
            return None
        delay = _delay(node)
        if delay.applies is False:
            return REMOVE
        self.defers.append(delay)
        return _include(condition_of(len(self.defers) - 1))


class _Streams(Visitor):
    def __init__(self, delays: Mapping[int, Delay], found: dict[int, Delay]) -> None:
        super().__init__()
        self._delays = delays
        self._found = found

    def enter_field(self, node: FieldNode, *_context: object) -> None:
        for directive in node.directives or ():
            delay = self._delays.get(id(directive))
            if delay is not None:
                self._found[id(node)] = delay


def _include(variable: str) -> DirectiveNode:
    value = VariableNode(name=NameNode(value=variable))
    argument = ArgumentNode(name=NameNode(value="if"), value=value)
    return DirectiveNode(name=NameNode(value="include"), arguments=(argument,))


def _delay(node: DirectiveNode) -> Delay:
    given = {argument.name.value: argument.value for argument in node.arguments or ()}
    label, count = given.get("label"), given.get("initialCount")
    return Delay(
        label.value if isinstance(label, StringValueNode) else None,
        _boolean(given.get("if")),
        _integer(count),
    )


def _boolean(value: Node | None) -> bool | str:
    if isinstance(value, VariableNode):
        return value.name.value
    return value.value if isinstance(value, BooleanValueNode) else True


def _integer(value: Node | None) -> int | str:
    if isinstance(value, VariableNode):
        return value.name.value
    return int(value.value) if isinstance(value, IntValueNode) else 0

"""`@skip` and `@include` (specification section 3.13): literals folded, variables kept."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from graphql import BooleanValueNode, DirectiveNode, SelectionNode, VariableNode

from federation.deferral import is_deferral

__all__ = ["ALWAYS", "Conditions", "Test", "conditions_of", "deferrals"]


class Test(NamedTuple):
    """A Boolean variable and the value it must have."""

    variable: str
    wanted: bool


Conditions: TypeAlias = frozenset[Test]
"""Tests that must all hold."""

ALWAYS: Conditions = frozenset()


def deferrals(conditions: Conditions) -> Conditions:
    """Those that stand for `@defer`: no subgraph hears of them."""
    return frozenset(test for test in conditions if is_deferral(test.variable))


def conditions_of(selection: SelectionNode, inherited: Conditions) -> Conditions | None:
    """Conditions under which a selection is taken; None when it never is."""
    if not selection.directives:
        return inherited
    tests = set(inherited)
    for directive in selection.directives:
        if directive.name.value in {"skip", "include"}:
            test = _test(directive)
            if test is False:
                return None
            if isinstance(test, Test):
                tests.add(test)
    if len({test.variable for test in tests}) < len(tests):
        return None
    return frozenset(tests)


def _test(directive: DirectiveNode) -> Test | bool:
    """What a directive asks of a variable, or the answer where it holds a literal."""
    wanted = directive.name.value == "include"
    for argument in directive.arguments or ():
        if isinstance(argument.value, BooleanValueNode):
            return argument.value.value is wanted
        if isinstance(argument.value, VariableNode):
            return Test(argument.value.name.value, wanted)
    return True

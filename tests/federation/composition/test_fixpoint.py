from collections.abc import Mapping

from federation.composition.satisfiability.fixpoint import Fixpoint

EDGES: Mapping[str, tuple[str, ...]] = {
    "a": ("b",),
    "b": ("c", "a"),
    "c": ("b", "d"),
    "d": (),
    "e": ("a", "d"),
}


class Reach:
    """Which nodes a node of a circular graph leads to."""

    def __init__(self) -> None:
        self._fixpoint = Fixpoint()
        self.answered = 0

    def of(self, node: str) -> frozenset[str]:
        return self._fixpoint.ask(node, frozenset({node}), lambda: self._answer(node))

    def _answer(self, node: str) -> frozenset[str]:
        self.answered += 1
        return frozenset({node}).union(*map(self.of, EDGES[node]))


def test_answers_on_a_circle_are_the_same_wherever_it_is_entered() -> None:
    for first in "abcde":
        reach = Reach()
        reach.of(first)
        assert {node: "".join(sorted(reach.of(node))) for node in EDGES} == {
            "a": "abcd",
            "b": "abcd",
            "c": "abcd",
            "d": "d",
            "e": "abcde",
        }


def test_settled_answers_are_not_worked_out_again() -> None:
    reach = Reach()
    reach.of("e")
    answered = reach.answered
    reach.of("e")
    reach.of("d")
    assert reach.answered == answered


def test_yes_or_no_needs_a_reason_outside_the_circle() -> None:
    fixpoint = Fixpoint()

    def can(name: str) -> bool:
        needs = {"x": "y", "y": "x", "z": "w", "w": ""}[name]
        return fixpoint.ask(name, False, lambda: not needs or can(needs))

    assert [can(name) for name in "xyzw"] == [False, False, True, True]

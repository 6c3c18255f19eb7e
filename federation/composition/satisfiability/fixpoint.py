"""Questions whose answers depend on each other in circles.

Whether a key can be resolved may depend on another key, and that one on the first. Answers only
grow, so the smallest that fit together are found by asking again until none grows: a pass answers
each question once, from what the pass before said of those that are still open.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

__all__ = ["Fixpoint"]

_AnswerT = TypeVar("_AnswerT")


class Fixpoint:
    """Remembers settled answers, and drafts while a circle is open."""

    def __init__(self) -> None:
        self._settled: dict[Hashable, Any] = {}
        self._drafts: dict[Hashable, Any] = {}
        self._asked: set[Hashable] = set()
        self._grew = False

    def ask(self, question: Hashable, least: _AnswerT, answer: Callable[[], _AnswerT]) -> _AnswerT:
        """The smallest answer that fits those to the questions it asks itself.

        Args:
            question: what identifies it.
            least: the answer as long as nothing is known.
            answer: works it out, asking other questions; must never shrink when those grow.
        """
        if question in self._settled:
            # Answers are kept under the question they were given to, so the type is the same.
            return cast("_AnswerT", self._settled[question])
        if question in self._asked:
            return cast("_AnswerT", self._drafts[question])
        if self._asked:
            return self._draft(question, least, answer)
        return self._settle(question, least, answer)

    def _settle(
        self, question: Hashable, least: _AnswerT, answer: Callable[[], _AnswerT]
    ) -> _AnswerT:
        grew = True
        while grew:
            self._grew = False
            self._asked.clear()
            settled = self._draft(question, least, answer)
            grew = self._grew
        # What the last pass did not ask may be a draft that stopped growing too early.
        self._settled.update((asked, self._drafts[asked]) for asked in self._asked)
        self._asked.clear()
        self._drafts.clear()
        return settled

    def _draft(
        self, question: Hashable, least: _AnswerT, answer: Callable[[], _AnswerT]
    ) -> _AnswerT:
        self._asked.add(question)
        before = self._drafts.setdefault(question, least)
        now = answer()
        if now != before:
            self._drafts[question] = now
            self._grew = True
        return now

"""Where the passes write what they find wrong, so that one run reports every mistake."""

from __future__ import annotations

from collections.abc import Iterable

from federation.composition.source import Hint
from federation.errors import CompositionError, CompositionMistake

from .subgraph import Subgraph

__all__ = ["Report"]


class Report:
    """Mistakes and hints of one composition."""

    def __init__(self) -> None:
        self.mistakes: list[CompositionMistake] = []
        self.hints: list[Hint] = []

    def mistake(
        self,
        code: str,
        message: str,
        coordinate: str | None,
        subgraphs: Iterable[Subgraph],
        line: int | None = None,
    ) -> None:
        """Note a reason not to compose."""
        names = tuple(subgraph.name for subgraph in subgraphs)
        self.mistakes.append(CompositionMistake(code, message, coordinate, names, line))

    def hint(
        self, code: str, message: str, coordinate: str | None, subgraphs: Iterable[Subgraph]
    ) -> None:
        """Note something that composes but may surprise."""
        names = tuple(subgraph.name for subgraph in subgraphs)
        self.hints.append(Hint(code, message, coordinate, names))

    def raise_mistakes(self) -> None:
        """End here if anything was wrong.

        Raises:
            CompositionError: with every mistake noted so far.
        """
        if self.mistakes:
            raise CompositionError(tuple(dict.fromkeys(self.mistakes)))

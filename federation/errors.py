"""The engine's error tree.

EngineError
├── CompositionError       subgraphs that do not compose; carries one entry per mistake
├── SupergraphError        text that is not a supergraph this engine can serve
├── OperationError         the client's document is wrong: syntax, validation, operation name
└── PlanningError          no plan exists for a valid operation: composition missed something
    └── OperationTooComplexError    the planner's budget is used up
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from graphql import GraphQLError

__all__ = [
    "CompositionError",
    "CompositionMistake",
    "EngineError",
    "OperationError",
    "OperationTooComplexError",
    "PlanningError",
    "SupergraphError",
]


class EngineError(Exception):
    """Base of every error the engine raises on purpose."""


class CompositionMistake(NamedTuple):
    """One reason why subgraphs do not compose."""

    code: str
    """Stable code of the Federation specification, such as INVALID_FIELD_SHARING."""
    message: str
    coordinate: str | None = None
    subgraphs: tuple[str, ...] = ()
    line: int | None = None
    """Line in the first subgraph's document, from 1."""


class CompositionError(EngineError):
    """Subgraphs that do not compose; `mistakes` holds one entry per reason."""

    def __init__(self, mistakes: Sequence[CompositionMistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(f"{mistake.code}: {mistake.message}" for mistake in mistakes))


class SupergraphError(EngineError):
    """Text that is not a supergraph this engine can serve."""


class OperationError(EngineError):
    """The client's document is wrong; `errors` are ready to be sent."""

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(error.message for error in errors))


class PlanningError(EngineError):
    """No plan exists for a valid operation."""


class OperationTooComplexError(PlanningError):
    """The planner's budget is used up."""

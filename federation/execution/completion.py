"""Errors met while a response is brought into its final shape."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from federation.execution.response import ResponseError, ResponsePath

__all__ = ["Completion", "LinkedPath"]

LinkedPath: TypeAlias = tuple[Any, str | int] | None
"""A path as a chain (parent, last step), which is only spelled out when an error needs it."""


class Completion:
    """The errors of one response, with what is known about the positions they explain."""

    __slots__ = ("_beginnings", "_paths", "_refusal_code", "errors")

    def __init__(self, errors: Iterable[ResponseError], *, is_authenticated: bool) -> None:
        self.errors: list[ResponseError] = []
        self._paths: set[ResponsePath] = set()
        self._beginnings: set[ResponsePath] = set()
        self._refusal_code = "FORBIDDEN" if is_authenticated else "UNAUTHENTICATED"
        for error in errors:
            self._add(error)

    def refuse(self, path: LinkedPath, coordinate: str) -> None:
        """A position of a field that the caller may not read."""
        verb = "call" if coordinate.startswith("Mutation.") else "read"
        message = f"You may not {verb} {coordinate}."
        self._add(ResponseError(message, _steps(path), {"code": self._refusal_code}))

    def null(self, path: LinkedPath, coordinate: str) -> None:
        """Null where the type forbids it; one error, unless another already explains it."""
        steps = _steps(path)
        if not self._is_explained(steps):
            message = f"Cannot return null for non-nullable field {coordinate}."
            self._add(ResponseError(message, steps, {"code": "UPSTREAM_ERROR"}))

    def malformed(self, path: LinkedPath, coordinate: str) -> None:
        """A value that the type does not allow; the value itself is not shown."""
        message = f"The value of {coordinate} does not fit its type."
        self._add(ResponseError(message, _steps(path), {"code": "UPSTREAM_ERROR"}))

    def _add(self, error: ResponseError) -> None:
        self.errors.append(error)
        path = error.path
        if path is not None:
            self._paths.add(path)
            self._beginnings.update(path[:length] for length in range(len(path) + 1))

    def _is_explained(self, steps: ResponsePath) -> bool:
        if not self._paths:
            return False
        return steps in self._beginnings or any(
            steps[:length] in self._paths for length in range(len(steps) + 1)
        )


def _steps(path: LinkedPath) -> ResponsePath:
    steps: list[str | int] = []
    while path is not None:
        path, step = path
        steps.append(step)
    return tuple(reversed(steps))

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

    __slots__ = ("_beginnings", "_nulls", "_paths", "_refusal_code", "errors")

    def __init__(self, errors: Iterable[ResponseError], *, is_authenticated: bool) -> None:
        self.errors: list[ResponseError] = []
        self._nulls: set[int] = set()
        """Which of them only say that there is nothing."""
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
            self._nulls.add(len(self.errors))
            self._add(ResponseError(message, steps, {"code": "UPSTREAM_ERROR"}))

    def malformed(self, path: LinkedPath, coordinate: str) -> None:
        """A value that the type does not allow; the value itself is not shown."""
        message = f"The value of {coordinate} does not fit its type."
        self._add(ResponseError(message, _steps(path), {"code": "UPSTREAM_ERROR"}))

    def told(self, data: Any) -> list[ResponseError]:
        """The errors of data in its final shape, each null accounted for once.

        Where a field failed, its subgraph takes away what else it was asked for beside it: that
        there is nothing there either needs no error of its own (specification section 6.4.4).
        """
        if not 0 < len(self._nulls) < len(self.errors):
            return self.errors
        nulls = [_null_at(error.path, data) for error in self.errors]
        explained = {null for place, null in enumerate(nulls) if place not in self._nulls}
        return [
            error
            for place, error in enumerate(self.errors)
            if place not in self._nulls or nulls[place] not in explained
        ]

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


def _null_at(path: ResponsePath | None, data: Any) -> ResponsePath | None:
    """The position of the null at or above a path; the path itself where the data has no such."""
    value = data
    for length, step in enumerate(path or ()):
        if value is None:
            return (path or ())[:length]
        try:
            value = value[step]
        except (LookupError, TypeError):
            return path
    return path

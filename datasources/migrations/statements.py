"""SQL files cut into the statements a connection takes one at a time."""

from __future__ import annotations

__all__ = ["statements_in"]


def statements_in(text: str) -> list[str]:
    """The statements of a file in which each ends with a semicolon at the end of a line."""
    return [statement.strip() for statement in text.split(";\n") if statement.strip()]

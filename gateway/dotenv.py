"""`.env` files: `NAME=value` lines, taken literally.

There is no interpolation: a `$` in a value is a `$`, so a password means what it says. Libraries
for this format interpolate by default or treat `#` inside a password as a comment.
"""

from __future__ import annotations

import re

__all__ = ["DotenvError", "parse_dotenv"]

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


class DotenvError(Exception):
    """A line that is no assignment; the message names the line, never its content."""


def parse_dotenv(content: str) -> dict[str, str]:
    """The variables of a `.env` file. Raises `DotenvError` for a line that is no assignment."""
    variables: dict[str, str] = {}
    for number, raw in enumerate(content.splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise DotenvError(f"Line {number} of .env is no NAME=value assignment.")
        variables[match[1]] = _unquoted(match[2])
    return variables


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value

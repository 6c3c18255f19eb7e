"""The production schema as SQL, one section a table or view.

A section begins with a line `-- table NAME` or `-- view NAME`; it holds the object with its
indexes and is applied as a whole, or not at all.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from datasources.migrations.statements import statements_in

__all__ = ["Section", "sections"]

_HEADING = re.compile(r"^-- (?:table|view) (?P<name>\S+)$", re.MULTILINE)


class Section(NamedTuple):
    """One table or view."""

    name: str
    """Its name with schema, quoted where PostgreSQL asks for quotes."""
    statements: tuple[str, ...]
    """What creates it, in order."""


def sections() -> list[Section]:
    """Every section, referenced tables before those that refer to them."""
    return [
        section
        for path in sorted(Path(__file__).parent.glob("*.sql"))
        for section in _sections_of(path.read_text("utf-8"))
    ]


def _sections_of(text: str) -> list[Section]:
    _, *parts = _HEADING.split(text)
    return [
        Section(name, tuple(statements_in(body)))
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    ]

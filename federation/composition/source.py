"""What goes into composition and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Composition", "Contract", "Hint", "SubgraphSource"]


@dataclass(frozen=True, slots=True)
class SubgraphSource:
    """A subgraph as its owner hands it in."""

    name: str
    url: str | None
    """Where routers reach it; None for one that lives in the process."""
    sdl: str


class Hint(NamedTuple):
    """Something that composes but that its owners may want to know."""

    code: str
    message: str
    coordinate: str | None = None
    subgraphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Composition:
    """A composed supergraph."""

    sdl: str
    hints: tuple[Hint, ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """Which part of a graph some clients get, by the names in `@tag`.

    Args:
        include: keep unions and fields of objects and interfaces only if they, or the type the
            field stands in, bear one of these tags; without any, all are kept.
        exclude: leave out every element that bears one of these tags.
    """

    include: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()

"""Progressive override: which labels hold for one request.

A label `percent(N)` holds for that share of requests; every other label is the host's to decide.
https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/directives#override
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping

from federation.supergraph import Supergraph

__all__ = ["OverrideLabels"]

_PERCENT = re.compile(r"percent\((\d{1,3}(?:\.\d+)?)\)")


class OverrideLabels:
    """The labels of one supergraph."""

    def __init__(self, supergraph: Supergraph, draw: Callable[[], float] = random.random) -> None:
        """Read the labels; `draw` answers a number from 0 up to but not including 1."""
        self._percent: Mapping[str, float | None] = {
            label: _percent(label) for label in sorted(_labels(supergraph))
        }
        self._draw = draw
        self.names = frozenset(self._percent)
        """Every label there is."""

    def holding(self, named: frozenset[str]) -> frozenset[str]:
        """Labels that hold for a request for which the host has named some.

        One number is drawn for all shares, so that they differ between requests in few ways.
        """
        if not self._percent:
            return frozenset()
        drawn = 100 * self._draw()
        return frozenset(
            label
            for label, percent in self._percent.items()
            if label in named or (percent is not None and drawn < percent)
        )


def _labels(supergraph: Supergraph) -> Iterator[str]:
    for type_ in supergraph.types.values():
        for field in type_.fields.values():
            for declared in field.graphs.values():
                if declared.override is not None:
                    yield declared.override.label


def _percent(label: str) -> float | None:
    found = _PERCENT.fullmatch(label)
    return None if found is None else float(found[1])

"""Descriptions: the first one given, with a hint where subgraphs tell different stories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from federation.composition.merge.context import MergeContext
from federation.composition.subgraph import Source

__all__ = ["merge_description"]


class _Described(Protocol):
    @property
    def description(self) -> str | None: ...


_DescribedT = TypeVar("_DescribedT", bound=_Described)


def merge_description(
    context: MergeContext, coordinate: str, sources: Sequence[Source[_DescribedT]]
) -> str | None:
    """The first description that is not empty."""
    given = list(
        dict.fromkeys(
            source.definition.description.strip()
            for source in sources
            if source.definition.description and source.definition.description.strip()
        )
    )
    if len(given) > 1:
        context.report.hint(
            "INCONSISTENT_DESCRIPTION",
            f'"{coordinate}" has different descriptions; the first is used.',
            coordinate,
            [source.subgraph for source in sources],
        )
    return given[0] if given else None

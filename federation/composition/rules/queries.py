"""A supergraph must have something to ask for."""

from __future__ import annotations

from collections.abc import Iterator

from federation.composition.merged import MergedSchema
from federation.errors import CompositionMistake

__all__ = ["there_are_queries"]


def there_are_queries(merged: MergedSchema) -> Iterator[CompositionMistake]:
    """Yield NO_QUERIES if no subgraph has a field of Query."""
    query = merged.types.get("Query")
    if query is None or not query.fields:
        yield CompositionMistake(
            "NO_QUERIES",
            "No subgraph defines a field of the type Query, so nothing could be asked.",
            None,
            tuple(subgraph.name for subgraph in merged.subgraphs),
        )

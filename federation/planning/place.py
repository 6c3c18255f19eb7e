"""Placing: every leaf is put where it adds least to the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, NamedTuple

from federation.planning.choose import cheapest
from federation.planning.collect import Entry
from federation.planning.sites import Site
from federation.planning.steps import OutputField, Step

if TYPE_CHECKING:  # only named here: positions are built on this module
    from federation.planning.positions import Scope

__all__ = ["Leaf", "place", "place_all"]


class Leaf(NamedTuple):
    """A field to be placed, and the sites that have it."""

    scope: Scope
    entry: Entry
    sites: Sequence[Site]


def place_all(leaves: Collection[Leaf]) -> None:
    """Place leaves, those with the fewest subgraphs to choose from first."""
    popularity = Counter(graph for leaf in leaves for graph in _graphs(leaf))
    for leaf in sorted(leaves, key=lambda leaf: len(_graphs(leaf))):
        place(leaf.scope, leaf.entry, cheapest(leaf.sites, popularity))


def place(scope: Scope, entry: Entry, site: Site) -> Step:
    """Select a leaf at a site; the step that fetches it."""
    step, output = site.open()
    resolved = scope.graph.resolution(site.stand, entry.name)
    declared = scope.graph.types[site.stand.type_name].fields.get(entry.name)
    text = resolved.type if resolved else declared.type if declared else "String!"
    arguments = (*entry.arguments, *site.arguments)
    output.put(OutputField(entry.key, entry.name, arguments, text))
    return step


def _graphs(leaf: Leaf) -> set[str]:
    return {site.stand.graph for site in leaf.sites}

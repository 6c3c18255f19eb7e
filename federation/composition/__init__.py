"""Composition of subgraphs into a supergraph."""

from __future__ import annotations

from federation.composition.compose import compose
from federation.composition.merged import MergedSchema, Rule
from federation.composition.source import Composition, Contract, Hint, SubgraphSource

__all__ = ["Composition", "Contract", "Hint", "MergedSchema", "Rule", "SubgraphSource", "compose"]

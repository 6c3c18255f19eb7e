"""Rules in the order they are checked; one rule a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from federation.composition.merged import Rule
from federation.composition.rules.cache_tags import cache_tags_are_valid
from federation.composition.rules.contexts import contexts_are_valid
from federation.composition.rules.extensions import extensions_have_a_base
from federation.composition.rules.external_unused import external_fields_are_used
from federation.composition.rules.field_sets import field_sets_are_valid
from federation.composition.rules.field_sharing import shared_fields_are_shareable
from federation.composition.rules.inaccessible import nothing_refers_to_inaccessible
from federation.composition.rules.interface_fields import interface_fields_are_implemented
from federation.composition.rules.interface_objects import interface_objects_have_interfaces
from federation.composition.rules.queries import there_are_queries
from federation.composition.rules.root_fields_guarded import root_fields_are_guarded
from federation.composition.rules.runtime_types import shared_fields_can_agree
from federation.composition.usage import Usage
from federation.errors import CompositionMistake

__all__ = ["MERGED_RULES", "SUBGRAPH_RULES", "SubgraphRule", "root_fields_are_guarded"]

SubgraphRule: TypeAlias = Callable[[Usage], Iterable[CompositionMistake]]

SUBGRAPH_RULES: tuple[SubgraphRule, ...] = (
    field_sets_are_valid,
    external_fields_are_used,
    cache_tags_are_valid,
    contexts_are_valid,
)
"""About one subgraph alone."""

MERGED_RULES: tuple[Rule, ...] = (
    there_are_queries,
    extensions_have_a_base,
    interface_objects_have_interfaces,
    shared_fields_are_shareable,
    shared_fields_can_agree,
    interface_fields_are_implemented,
    nothing_refers_to_inaccessible,
)
"""About what came of all of them."""

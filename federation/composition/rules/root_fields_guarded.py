"""For hosts that deny by default: a root field must say who may use it."""

from __future__ import annotations

from collections.abc import Iterator

from federation.composition.merged import MergedSchema
from federation.composition.subgraph import Field, Subgraph, has
from federation.composition.vocabulary import AUTHENTICATED, POLICY, REQUIRES_SCOPES
from federation.errors import CompositionMistake

__all__ = ["root_fields_are_guarded"]

_ROOTS = ("Query", "Mutation", "Subscription")
_GUARDS = (AUTHENTICATED, REQUIRES_SCOPES, POLICY)


def root_fields_are_guarded(merged: MergedSchema) -> Iterator[CompositionMistake]:
    """Yield UNGUARDED_ROOT_FIELD for each root field that any subgraph leaves open.

    Each subgraph must state `@authenticated`, `@requiresScopes` or `@policy` itself: what another
    one says of the same field does not count, for it may stop to.
    """
    for subgraph in merged.subgraphs:
        for root in _ROOTS:
            definition = subgraph.types.get(root)
            for field in (definition.fields or {}).values() if definition else ():
                if not any(has(field.directives, guard) for guard in _GUARDS):
                    yield _mistake(subgraph, root, field)


def _mistake(subgraph: Subgraph, root: str, field: Field) -> CompositionMistake:
    coordinate = f"{root}.{field.name}"
    return CompositionMistake(
        "UNGUARDED_ROOT_FIELD",
        f'[{subgraph.name}] "{coordinate}" states none of @authenticated, @requiresScopes and '
        "@policy.",
        coordinate,
        (subgraph.name,),
        field.line,
    )

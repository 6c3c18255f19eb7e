"""No field may show what it is made from to those who may not read that.

Routers enforce the directives that stand on a field. So a field with `@requires` or `@fromContext`
must state whatever the fields demand that it is given.
"""

from __future__ import annotations

from collections.abc import Iterator

from graphql import DocumentNode

from federation.access import AccessRule, access_rules
from federation.access_through import made_from
from federation.errors import CompositionMistake
from federation.join import composite_types

__all__ = ["nothing_is_read_through"]

_OPEN = AccessRule()


def nothing_is_read_through(supergraph: DocumentNode) -> Iterator[CompositionMistake]:
    """Yield MISSING_TRANSITIVE_AUTH_REQUIREMENTS for each field that asks for too little."""
    rules = access_rules(supergraph)
    if not rules:
        return
    for coordinate, sources in sorted(made_from(composite_types(supergraph)).items()):
        own = rules.get(coordinate, _OPEN)
        lacking = sorted(source for source in sources if not own.implies(rules.get(source, _OPEN)))
        if lacking:
            yield CompositionMistake(
                "MISSING_TRANSITIVE_AUTH_REQUIREMENTS",
                f'"{coordinate}" is made from {", ".join(lacking)} but does not ask for all that '
                "they ask for with @authenticated, @requiresScopes and @policy.",
                coordinate,
            )

"""What a scope may do with connectors, decided once and remembered."""

from __future__ import annotations

from datasources.connectors.rules import CONNECTING
from datasources.scopes import ScopeRow
from resolvers.base import RequestContext
from resolvers.connectors.effective import TYPES, ConnectorAccessRow, access_to
from resolvers.features import decide_facts, decide_features
from resolvers.parts import Part

__all__ = ["decide_connectors", "effective"]


async def decide_connectors(
    context: RequestContext, scope: ScopeRow
) -> tuple[ConnectorAccessRow, ...] | None:
    """Decision: what a scope may do with each type; None where there is no such scope."""
    access = await context.decide(decide_facts, scope)
    features = await context.decide(decide_features, scope)
    rules = await context.deciding.part(CONNECTING, scope)
    if access is None or features is None or rules is None:
        return None
    return tuple(
        access_to(type, access.chain, rules, features.get(code)) for type, code in TYPES.items()
    )


effective = Part(decide_connectors, lambda types: types)
"""What one scope may do with connectors, one entry a type."""

"""What people of a scope may do with connectors of a type, and why.

On each level all scopes of a person count, and what any of them allows is allowed; a scope that
says nothing passes on what the level above left. Within a scope the policy for the type comes
before that for all types. Each value is inherited by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from datasources.connectors.rules import Rule
from datasources.scopes import LEVELS, ResolutionRow, ResolutionStepRow, ScopeRow
from resolvers.features import FeatureState

__all__ = ["TYPES", "Allowed", "ConnectorAccessRow", "access_to", "allowed_above"]

TYPES = {
    "MCP": "connectors.create_mcp",
    "OPENAPI": "connectors.create_openapi",
    "INTEGRATION": "connectors.create_integration",
}
"""Every type, and the code of the feature without which nobody creates one of their own."""
_NAMES = {"MCP": "MCP servers", "OPENAPI": "OpenAPI services", "INTEGRATION": "integrations"}


class Allowed(NamedTuple):
    """What people may do."""

    may_manage: bool
    """Whether they may also create and look after their own."""
    may_use: bool
    """Whether they may use what administrators provide."""


_BY_DEFAULT = Allowed(may_manage=False, may_use=True)


class ConnectorAccessRow(NamedTuple):
    """What a scope may do with connectors of one type, and why."""

    type: str
    mode: str
    can_use_admin_connectors: bool
    can_create: bool
    resolution: ResolutionRow


def access_to(
    type: str, chain: Sequence[ScopeRow], rules: Sequence[Rule], gate: FeatureState | None
) -> ConnectorAccessRow:
    """Apply the policies along a chain, given the most specific first.

    The gate is the feature of creating one's own; without one nobody does.
    """
    mine = [rule for rule in rules if rule.type in {None, type}]
    allowed = _BY_DEFAULT
    effect = f"By default people {_said(*allowed)}."
    steps = [ResolutionStepRow("DEFAULT", None, None, effect)]
    deciding = 0
    for level in LEVELS:
        scopes = [scope for scope in chain if scope.type == level]
        allowed = _level(mine, scopes, allowed)
        decider = _decider(mine, scopes, allowed)
        for rule in mine:
            if rule.scope.type == level and (rule.may_manage, rule.may_use) != (None, None):
                deciding = len(steps) if rule is decider else deciding
                steps.append(ResolutionStepRow("POLICY", rule.scope, rule.id, _effect(rule)))
    closed = _closed(gate) if allowed.may_manage else None
    if closed is not None:
        deciding = len(steps)
        steps.append(closed)
    steps[deciding] = steps[deciding]._replace(is_deciding=True)
    return ConnectorAccessRow(
        type,
        "SELF_MANAGED_ALLOWED" if allowed.may_manage else "USE_ONLY",
        allowed.may_use,
        allowed.may_manage and closed is None,
        ResolutionRow(chain[0], tuple(chain), tuple(steps)),
    )


def allowed_above(
    scope: ScopeRow, type: str | None, chain: Sequence[ScopeRow], rules: Sequence[Rule]
) -> Allowed:
    """What a policy of a scope inherits; of one for all types, what it inherits for every type."""
    if type is None:
        every = [_above(scope, one, chain, rules) for one in TYPES]
        return Allowed(*[all(values) for values in zip(*every, strict=True)])
    own = [rule for rule in rules if rule.scope == scope and rule.type is None]
    return _of_scope(own, scope, _above(scope, type, chain, rules))


def _above(scope: ScopeRow, type: str, chain: Sequence[ScopeRow], rules: Sequence[Rule]) -> Allowed:
    mine = [rule for rule in rules if rule.type in {None, type}]
    allowed = _BY_DEFAULT
    for level in LEVELS[: scope.level]:
        allowed = _level(mine, [place for place in chain if place.type == level], allowed)
    return allowed


def _level(rules: Sequence[Rule], scopes: Sequence[ScopeRow], left: Allowed) -> Allowed:
    """What one level leaves of what the one above it left."""
    if not scopes:
        return left
    each = [_of_scope(rules, scope, left) for scope in scopes]
    return Allowed(*[any(values) for values in zip(*each, strict=True)])


def _of_scope(rules: Sequence[Rule], scope: ScopeRow, left: Allowed) -> Allowed:
    may_manage, may_use = left
    for rule in rules:
        if rule.scope == scope:
            may_manage = may_manage if rule.may_manage is None else rule.may_manage
            may_use = may_use if rule.may_use is None else rule.may_use
    return Allowed(may_manage, may_use)


def _decider(rules: Sequence[Rule], scopes: Sequence[ScopeRow], left: Allowed) -> Rule | None:
    """The policy whose words stand: that of the most values, the first of several."""
    standing: Counter[Rule] = Counter()
    for scope in scopes:
        for name, value in left._asdict().items():
            saying = [
                rule for rule in rules if rule.scope == scope and getattr(rule, name) is not None
            ]
            if saying and getattr(saying[-1], name) is value:
                standing[saying[-1]] += 1
    return max(standing, key=standing.__getitem__, default=None)


def _effect(rule: Rule) -> str:
    about = "" if rule.type is None else f" for {_NAMES[rule.type]}"
    return f"A policy of this {rule.scope.type.lower()}{about}: people {_said(*rule[3:])}."


def _said(may_manage: bool | None, may_use: bool | None) -> str:  # noqa: FBT001 - words for them
    said = []
    if may_use is not None:
        said.append(f"{'use' if may_use else 'do not use'} what administrators provide")
    if may_manage is not None:
        said.append(f"{'may' if may_manage else 'do not'} create their own")
    return " and ".join(said)


def _closed(gate: FeatureState | None) -> ResolutionStepRow | None:
    """What keeps people from creating their own although policies let them."""
    if gate is None:
        effect = "The catalogue has no feature for creating them, so nobody creates their own."
        return ResolutionStepRow("DEFAULT", None, None, effect)
    if gate.is_enabled:
        return None
    effect = f"The feature {gate.feature.name} is off, so nobody creates their own."
    return gate.resolution.decided_by._replace(effect=effect, is_deciding=False)

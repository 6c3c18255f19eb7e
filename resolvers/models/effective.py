"""The models a scope may use: catalogue, grant, selection, policies; each layer only narrows.

A list whose models have vanished allows nothing. On each level what any scope of a person leaves
is left: a team without a policy passes on everything it got.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from datasources.access_facts import AccessFacts
from datasources.models.layers import ListRow, ModelFacts, Rule
from datasources.models.rows import ModelRow
from datasources.scopes import LEVELS, ResolutionRow, ResolutionStepRow
from resolvers.features import FeatureState

__all__ = ["EffectiveModelsRow", "available", "effective_models", "kept"]


class EffectiveModelsRow(NamedTuple):
    """The models a scope may use, and why."""

    is_enabled: bool
    models: tuple[ModelRow, ...]
    """In catalogue order."""
    resolution: ResolutionRow


def kept(layer: ListRow, names: frozenset[str]) -> frozenset[str]:
    """What a layer keeps of the names it is given."""
    return names if layer.mode == "ALL" else names & frozenset(layer.names)


def available(facts: ModelFacts, catalogue: Sequence[ModelRow]) -> frozenset[str]:
    """The names of the active models that are both granted and selected."""
    active = frozenset(model.name for model in catalogue)
    return kept(facts.selection, kept(facts.grant, active))


def effective_models(
    access: AccessFacts, gate: FeatureState | None, facts: ModelFacts, catalogue: Sequence[ModelRow]
) -> EffectiveModelsRow:
    """Apply every layer from broad to specific.

    The gate is whether models may be used at all; without one they may not.
    """
    left = frozenset(model.name for model in catalogue)
    account = access.chain[-1]
    steps = [ResolutionStepRow("DEFAULT", None, None, _effect("The catalogue has", left))]
    deciding = 0
    for source, layer in (("ENTITLEMENT", facts.grant), ("SELECTION", facts.selection)):
        after = kept(layer, left)
        word = "The grant leaves" if source == "ENTITLEMENT" else "The selection leaves"
        steps.append(ResolutionStepRow(source, account, None, _effect(word, after)))
        deciding = len(steps) - 1 if after != left else deciding
        left = after
    for level in LEVELS:
        rules = [rule for rule in facts.rules if rule.scope.type == level]
        after = _level(rules, sum(scope.type == level for scope in access.chain), left)
        first = len(steps)
        for rule in rules:
            effect = _effect(f"The {rule.scope.type.lower()}'s policy leaves", _ruled(rule, left))
            steps.append(ResolutionStepRow("POLICY", rule.scope, rule.id, effect))
        deciding = first if after != left else deciding
        left = after
    closed = _closed(gate)
    if closed is not None:
        steps.append(closed)
        deciding, left = len(steps) - 1, frozenset()
    steps[deciding] = steps[deciding]._replace(is_deciding=True)
    return EffectiveModelsRow(
        closed is None,
        tuple(model for model in catalogue if model.name in left),
        ResolutionRow(access.scope, access.chain, tuple(steps)),
    )


def _level(rules: Sequence[Rule], scopes: int, left: frozenset[str]) -> frozenset[str]:
    """What one level leaves: all of it where a scope of it says nothing."""
    if len(rules) < scopes or not rules:
        return left
    return frozenset().union(*[_ruled(rule, left) for rule in rules])


def _ruled(rule: Rule, left: frozenset[str]) -> frozenset[str]:
    if rule.mode == "DENY_ALL":
        return frozenset()
    return left & rule.names if rule.mode == "ALLOWLIST" else left


def _effect(what: str, left: frozenset[str]) -> str:
    return f"{what} {len(left)} models."


def _closed(gate: FeatureState | None) -> ResolutionStepRow | None:
    """What keeps anybody in the scope from using models."""
    if gate is None:
        effect = "The catalogue has no feature for using models, so none may be used."
        return ResolutionStepRow("DEFAULT", None, None, effect)
    if gate.is_enabled:
        return None
    effect = f"The feature {gate.feature.name} is off, so no model may be used."
    return gate.resolution.decided_by._replace(effect=effect, is_deciding=False)

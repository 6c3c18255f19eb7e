"""Which features a scope has, and why: the ceiling of the entitlements, then policies inside it.

On each level all scopes of a person count, and what any of them allows is allowed: a team that says
nothing passes on what the level above left. The more specific level replaces the broader one. No
policy brings back what the entitlements withhold, nor anything below a feature that is off.
Overrides are asked last and only narrow: what any scope of the chain denies is off.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, NamedTuple

from datasources.access_facts import AccessFacts, FlagsRow
from datasources.codecs import json_object
from datasources.feature_catalogue import Catalogue, FeatureRow, feature_catalogue
from datasources.features import Entitled, entitlement_of, flag_of
from datasources.overrides import Override
from datasources.scopes import LEVELS, ResolutionRow, ResolutionStepRow, ScopeRow
from resolvers.base import RequestContext

__all__ = ["FeatureState", "decide_facts", "decide_features", "feature_states"]


class FeatureState(NamedTuple):
    """Whether a scope has a feature, how it is configured, and why."""

    feature: FeatureRow
    is_enabled: bool
    config: Mapping[str, Any]
    disabled_items: tuple[str, ...]
    """Parts of it switched off by overrides."""
    resolution: ResolutionRow


async def decide_facts(context: RequestContext, scope: ScopeRow) -> AccessFacts | None:
    """Decision: chain, policies, entitlements and roles; None where there is no such scope."""
    return await context.deciding.facts(scope)


async def decide_features(
    context: RequestContext, scope: ScopeRow
) -> dict[str, FeatureState] | None:
    """Decision: the state of every feature by its code; None where there is no such scope."""
    facts = await context.decide(decide_facts, scope)
    if facts is None:
        return None
    return feature_states(facts, await context.deciding.common(_catalogue, scope))


def _catalogue(context: RequestContext) -> Awaitable[Catalogue]:
    return context.load(feature_catalogue, ())


class _Level(NamedTuple):
    """What the scopes of one level say about features."""

    scopes: int
    policies: list[FlagsRow]


def feature_states(facts: AccessFacts, catalogue: Catalogue) -> dict[str, FeatureState]:
    """The state of every feature for a scope, by the feature's code."""
    spoken = _spoken(facts)
    mentioned = _mentioned(facts)
    # PERF: bench/access; most features are as the platform has them.
    by_default = {
        is_on: ResolutionRow(facts.scope, facts.chain, steps)
        for is_on, steps in _BY_DEFAULT.items()
    }
    states: dict[str, FeatureState] = {}
    for feature, names, config in catalogue.features:
        above = None if feature.parent_code is None else states[feature.parent_code]
        is_open = feature.is_active and (above is None or above.is_enabled)
        if is_open and mentioned.isdisjoint(names):
            is_on = feature.is_enabled_by_default
            states[feature.id] = FeatureState(feature, is_on, config, (), by_default[is_on])
        else:
            states[feature.id] = _state(facts, spoken, feature, above)
    return states


def _spoken(facts: AccessFacts) -> list[_Level]:
    """The levels that have policies, the broadest first."""
    policies: dict[str, list[FlagsRow]] = {}
    for policy in facts.policies:
        policies.setdefault(policy.scope.type, []).append(policy)
    return [
        _Level(sum(scope.type == name for scope in facts.chain), policies[name])
        for name in LEVELS
        if name in policies
    ]


def _mentioned(facts: AccessFacts) -> set[str]:
    """Codes and stored names that anything stored speaks of."""
    names = {*facts.switches, *(row[0] for row in facts.entitlements)}
    for policy in facts.policies:
        names.update(policy.flags)
    for override in facts.overrides:
        names.update((override.feature_code, *override.disabled_items))
    return names


def _default(*, is_on: bool) -> ResolutionStepRow:
    effect = f"The platform has it {_word(is_on)} by default."
    return ResolutionStepRow("DEFAULT", None, None, effect, is_deciding=True)


def _state(
    facts: AccessFacts, levels: Sequence[_Level], feature: FeatureRow, above: FeatureState | None
) -> FeatureState:
    by_default = feature.is_enabled_by_default
    entitled = entitlement_of(feature.id, facts.switches, facts.entitlements, by_default=by_default)
    steps = _entitled_steps(facts, entitled, by_default=by_default)
    deciding = len(steps) - 1
    is_on = entitled.is_enabled
    for level in levels:
        is_on, decided = _apply(level, feature, steps, is_on=is_on)
        if decided is not None and entitled.is_enabled:
            deciding = decided
    config = {**json_object(feature.default_config), **entitled.config}
    overridden = _override(facts, feature, steps, config)
    if overridden.denied is not None:
        is_on = False
        deciding = overridden.denied if entitled.is_enabled else deciding
    is_on = is_on and entitled.is_enabled
    closed = _closed(feature, above) if is_on else None
    if closed is not None:
        is_on, deciding = False, len(steps)
        steps.append(closed)
    steps[deciding] = steps[deciding]._replace(is_deciding=True)
    resolution = ResolutionRow(facts.scope, facts.chain, tuple(steps))
    return FeatureState(feature, is_on, overridden.config, overridden.disabled_items, resolution)


def _entitled_steps(
    facts: AccessFacts, entitled: Entitled, *, by_default: bool
) -> list[ResolutionStepRow]:
    steps = [_BY_DEFAULT[by_default][0]._replace(is_deciding=False)]
    if entitled.source is not None:
        word = _word(entitled.is_enabled)
        effect = f"An entitlement of source {entitled.source} switches it {word}."
        steps.append(ResolutionStepRow("ENTITLEMENT", facts.chain[-1], None, effect))
    return steps


def _closed(feature: FeatureRow, above: FeatureState | None) -> ResolutionStepRow | None:
    """What keeps a feature off that nothing else does."""
    if not feature.is_active:
        return ResolutionStepRow("DEFAULT", None, None, "The platform has it out of use.")
    if above is None or above.is_enabled:
        return None
    decider = above.resolution.decided_by
    effect = f"{above.feature.name}, above it: {decider.effect}"
    return decider._replace(effect=effect, is_deciding=False)


class _Overridden(NamedTuple):
    """What overrides make of a feature."""

    config: Mapping[str, Any]
    disabled_items: tuple[str, ...] = ()
    denied: int | None = None
    """Place of the step that switched it off, the most specific where several did."""


def _override(
    facts: AccessFacts,
    feature: FeatureRow,
    steps: list[ResolutionStepRow],
    config: Mapping[str, Any],
) -> _Overridden:
    items: set[str] = set()
    denied: int | None = None
    for override in facts.overrides:
        effect = _effect(override, feature)
        if effect is None:
            continue
        if override.switches_off(feature.id):
            denied = len(steps)
        elif override.effect == "RESTRICT":
            items.update(override.disabled_items)
        else:
            config = {**config, **override.values}
        scope = ScopeRow(override.scope_type, override.scope_id, facts.scope.account_id)
        steps.append(ResolutionStepRow("OVERRIDE", scope, override.id, effect))
    return _Overridden(config, tuple(sorted(items)), denied)


def _effect(override: Override, feature: FeatureRow) -> str | None:
    """What an override does to a feature, in a sentence; None where it is about another."""
    of = f"An override of this {override.scope_type.lower()}"
    if override.switches_off(feature.id):
        return f"{of} switches it off."
    if override.feature_code != feature.id:
        return None
    if override.effect == "RESTRICT":
        return f"{of} switches parts of it off: {', '.join(override.disabled_items)}."
    return f"{of} changes its configuration."


def _apply(
    level: _Level, feature: FeatureRow, steps: list[ResolutionStepRow], *, is_on: bool
) -> tuple[bool, int | None]:
    """One level's policies: what they leave, and the place of the step that decided, if one did."""
    said = _said(level.policies, feature)
    if not said:
        return is_on, None
    is_silent = len(said) < level.scopes
    result = any(flag for _, flag in said) or (is_silent and is_on)
    decided: int | None = None
    for policy, flag in said:
        effect = f"A policy of this {policy.scope.type.lower()} switches it {_word(flag)}."
        if flag is result:
            decided = len(steps) if decided is None else decided
        steps.append(ResolutionStepRow("POLICY", policy.scope, policy.id, effect))
    return result, decided


def _said(policies: Sequence[FlagsRow], feature: FeatureRow) -> list[tuple[FlagsRow, bool]]:
    """The policies that decide the feature, and what each says."""
    said: list[tuple[FlagsRow, bool]] = []
    for policy in policies:
        flags = [flag_of(policy.flags.get(name)) for name in feature.stored_names]
        if True in flags or False in flags:
            said.append((policy, False not in flags))
    return said


def _word(flag: bool) -> str:  # noqa: FBT001 - the word for it
    return "on" if flag else "off"


_BY_DEFAULT = {is_on: (_default(is_on=is_on),) for is_on in (True, False)}
"""The steps of what nothing speaks of."""

"""Which guards apply to a scope: the union of what its chain requires and what is enabled."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from datasources.access import AccessRow
from datasources.access_facts import AccessFacts
from datasources.guardrails.agents import agents_in_account
from datasources.guardrails.chains import GUARDING, Required
from datasources.guardrails.rows import GuardrailRow
from datasources.scopes import ResolutionRow, ResolutionStepRow, ScopeRow
from resolvers.base import RequestContext
from resolvers.errors import NotFound
from resolvers.features import decide_facts
from resolvers.parts import Part, no_scope

__all__ = [
    "EffectiveGuardrailsRow",
    "GuardrailFacts",
    "RequirementRow",
    "effective_guardrails",
    "facts_of_guards",
    "guards_of_agent",
    "requirements_of",
]


class RequirementRow(NamedTuple):
    """One guard that applies."""

    guard: str
    mode: str
    action: str
    is_enabled: bool
    required_by: list[ScopeRow]
    is_required_by_agent: bool = False


class EffectiveGuardrailsRow(NamedTuple):
    """Guards that apply to a scope, and why."""

    requirements: list[RequirementRow]
    resolution: ResolutionRow


class GuardrailFacts(NamedTuple):
    """What decides about the guards of a scope."""

    access: AccessFacts
    guards: Sequence[GuardrailRow]
    policies: Sequence[Required]
    """The enabled ones along the chain, the broadest first."""


async def decide_facts_of_guards(context: RequestContext, scope: ScopeRow) -> GuardrailFacts | None:
    """Decision: what decides about guards; None where there is no such scope."""
    access = await context.decide(decide_facts, scope)
    facts = None if access is None else await context.deciding.part(GUARDING, scope)
    return None if access is None or facts is None else GuardrailFacts(access, *facts)


async def decide_guards(context: RequestContext, scope: ScopeRow) -> EffectiveGuardrailsRow | None:
    """Decision: the guards that apply to a scope whatever agent it uses."""
    facts = await context.decide(decide_facts_of_guards, scope)
    return None if facts is None else _effective(facts, ())


async def facts_of_guards(context: RequestContext, scope: ScopeRow) -> GuardrailFacts:
    """What decides about the guards of a scope. Raises `NotFound`."""
    facts = await context.decide(decide_facts_of_guards, scope)
    if facts is None:
        raise no_scope()
    return facts


async def _with_agent(
    context: RequestContext, row: AccessRow, agent_id: str
) -> EffectiveGuardrailsRow:
    facts, agents = await asyncio.gather(
        facts_of_guards(context, row.scope), guards_of_agent(context, row.account_id, agent_id)
    )
    return _effective(facts, agents)


effective_guardrails = Part(decide_guards, lambda guards, **_: guards, beyond=_with_agent)
"""The guards that apply to a scope, and to an agent's use by it."""


def _effective(facts: GuardrailFacts, agents: Sequence[str]) -> EffectiveGuardrailsRow:
    access, guards, policies = facts
    return EffectiveGuardrailsRow(
        requirements_of(guards, policies, agents),
        ResolutionRow(access.scope, access.chain, _steps(access, guards, policies, agents)),
    )


async def guards_of_agent(
    context: RequestContext, account_id: str, agent_id: str | None
) -> list[str]:
    """The guards an agent requires; none when no agent is named. Raises `NotFound`."""
    if agent_id is None:
        return []
    agent = await context.load(agents_in_account, (account_id, agent_id))
    if agent is None:
        raise NotFound("There is no such agent in this account.")
    return agent.required_guards


def requirements_of(
    guards: Sequence[GuardrailRow],
    policies: Sequence[Required],
    agents: Sequence[str] = (),
) -> list[RequirementRow]:
    """Guards that apply, in order of execution; `agents` are those the agent requires.

    A guard required anywhere applies, whoever switched it off; a more specific scope adds and
    never removes. It is binding if any of the policies says so; one that the agent requires is,
    and so is one that is merely enabled.
    """
    found = []
    for guard in guards:
        requiring = [policy for policy in policies if guard.guard in policy.required_guards]
        by_agent = guard.guard in agents
        if not requiring and not by_agent and not guard.is_enabled:
            continue
        is_binding = not requiring or by_agent or _binds(requiring)
        found.append(
            RequirementRow(
                guard.guard,
                "ENFORCE" if is_binding else "ADVISORY",
                guard.action,
                guard.is_enabled,
                [policy.scope for policy in requiring],
                by_agent,
            )
        )
    return found


def _binds(policies: Sequence[Required]) -> bool:
    return any(policy.mode == "ENFORCE" for policy in policies)


def _steps(
    access: AccessFacts,
    guards: Sequence[GuardrailRow],
    policies: Sequence[Required],
    agents: Sequence[str],
) -> tuple[ResolutionStepRow, ...]:
    """What was applied, the broadest first; the last step that changed anything decided."""
    off = [guard._replace(is_enabled=False) for guard in guards]
    enabled = [guard.guard for guard in guards if guard.is_enabled]
    steps = [ResolutionStepRow("DEFAULT", None, None, "No guard applies by itself.")]
    results = [_modes(off, ())]
    if enabled:
        effect = f"The account runs {_listed(enabled)}."
        steps.append(ResolutionStepRow("SELECTION", access.chain[-1], None, effect))
        results.append(_modes(guards, ()))
    for number, policy in enumerate(policies, start=1):
        effect = (
            f"The {policy.scope.type.lower()} requires {_listed(policy.required_guards)}, "
            f"{'binding' if policy.mode == 'ENFORCE' else 'as advice'}."
        )
        steps.append(ResolutionStepRow("POLICY", policy.scope, policy.id, effect))
        results.append(_modes(guards, policies[:number]))
    if agents:
        steps.append(
            ResolutionStepRow("SELECTION", None, None, f"The agent requires {_listed(agents)}.")
        )
        results.append(_modes(guards, policies, agents))
    changing = [at for at in range(1, len(steps)) if results[at] != results[at - 1]]
    deciding = changing[-1] if changing else 0
    steps[deciding] = steps[deciding]._replace(is_deciding=True)
    return tuple(steps)


def _modes(
    guards: Sequence[GuardrailRow], policies: Sequence[Required], agents: Sequence[str] = ()
) -> list[tuple[str, str]]:
    return [(one.guard, one.mode) for one in requirements_of(guards, policies, agents)]


def _listed(guards: Sequence[str]) -> str:
    return " and ".join(guards) if len(guards) < 3 else f"{', '.join(guards[:-1])} and {guards[-1]}"

"""What decides about the guards of a scope: how they are set, and what its chain requires."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from datasources.access_facts import AccessPart
from datasources.guardrails.configuration import in_places, settings_in
from datasources.guardrails.rows import GuardrailRow
from datasources.guardrails.tables import GUARDS
from datasources.scopes import LEVELS, ScopeRow

__all__ = ["GUARDING", "GuardFacts", "Required"]


class Required(NamedTuple):
    """A policy as far as deciding goes."""

    id: str
    scope: ScopeRow
    required_guards: Sequence[str]
    mode: str


class GuardFacts(NamedTuple):
    """What decides about the guards of a scope."""

    guards: Sequence[GuardrailRow]
    """Every guard of the account in order of execution."""
    policies: Sequence[Required]
    """The enabled ones along the chain, the broadest first."""


def _facts(scope: ScopeRow, value: Any, _document: Any) -> GuardFacts:
    guards, policies = value
    return GuardFacts(
        in_places([_guard(scope.account_id, *row) for row in guards]),
        [
            Required(id, ScopeRow(LEVELS[level], place, scope.account_id), required, mode)
            for id, level, place, required, mode in policies
        ],
    )


def _guard(account_id: str, *stored: Any) -> GuardrailRow:
    row = GuardrailRow(account_id, *stored)
    at = None if row.updated_at is None else datetime.fromisoformat(stored[-2])
    return row._replace(
        settings=settings_in(row.settings),
        updated_at=at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at,
    )


_NAMES = ", ".join(f"'{guard}'" for guard in GUARDS)
GUARDING = AccessPart(
    f"""json_build_array(
    (SELECT json_agg(json_build_array(guard.name, c.id IS NOT NULL, coalesce(c.enabled, false),
            c.execution_order, upper(coalesce(c.action_on_fail, 'block')), c.config,
            coalesce(c.version, 0), c.updated_at, c.updated_by)
            ORDER BY c.execution_order NULLS LAST, guard.place)
        FROM unnest(ARRAY[{_NAMES}]) WITH ORDINALITY AS guard(name, place)
        LEFT JOIN copilot.guardrails_config AS c
            ON c.account_id = asked.account_id AND c.guard_type = lower(guard.name)),
    (SELECT coalesce(json_agg(json_build_array(policy.id, chain.level, chain.id,
            policy.required_guards, policy.mode) ORDER BY chain.level, chain.id), '[]')
        FROM chain JOIN gateway.guardrail_policies AS policy
            ON policy.account_id = chain.account_id AND policy.scope_id = chain.id
            AND policy.scope_type = (ARRAY['ACCOUNT', 'GROUP', 'TEAM', 'USER'])[chain.level + 1]
        WHERE chain.ordinal = asked.ordinal AND policy.is_enabled))""",  # noqa: S608 - of ours
    _facts,
)
"""What decides about the guards of a scope: `GuardFacts`."""

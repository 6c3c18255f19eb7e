"""What the scopes of a chain say about connectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from datasources.access_facts import AccessPart
from datasources.scopes import LEVELS, ScopeRow

__all__ = ["CONNECTING", "Rule"]


class Rule(NamedTuple):
    """A policy as far as deciding goes."""

    id: str
    scope: ScopeRow
    type: str | None
    """None for all types."""
    may_manage: bool | None
    """Whether people may also create and look after their own; None where it is inherited."""
    may_use: bool | None
    """Whether they may use what administrators provide; None where it is inherited."""


def _rules(scope: ScopeRow, value: Sequence[Sequence[Any]], _document: Any) -> tuple[Rule, ...]:
    return tuple(
        Rule(id, ScopeRow(LEVELS[level], place, scope.account_id), type, may_manage, may_use)
        for id, level, place, type, may_manage, may_use in value
    )


CONNECTING = AccessPart(
    """(SELECT coalesce(json_agg(json_build_array(policy.id, chain.level, chain.id,
            upper(nullif(policy.connection_type, 'all')),
            nullif(policy.permission_mode, details.inherited_mode) = 'self_managed_allowed',
            nullif(policy.allow_use_admin_connections, details.inherited_use))
            ORDER BY chain.level, chain.id, policy.connection_type <> 'all'), '[]')
        FROM chain JOIN copilot.connection_permission_policies AS policy
            ON policy.account_id = chain.account_id AND policy.scope_id = chain.id
            AND policy.scope_type = (ARRAY['account', 'group', 'team', 'user'])[chain.level + 1]
        LEFT JOIN gateway.connector_policy_details AS details
            ON details.policy_id = policy.id AND details.account_id = policy.account_id
            AND details.as_of = policy.updated_at
        WHERE chain.ordinal = asked.ordinal)""",
    _rules,
)
"""What decides about connectors of a scope: its `Rule`s, the broadest first, and of one scope that
for all types before those for one."""

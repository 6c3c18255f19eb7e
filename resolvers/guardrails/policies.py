"""Policies of scopes: which guards they require. A guard's configuration is not touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from datasources.guardrails.policies import policies_by_scope
from datasources.guardrails.rows import PolicyRow
from datasources.guardrails.tables import GUARDS
from datasources.guardrails.writes.changes import lock_guardrails
from datasources.guardrails.writes.policies import delete_policy, set_policy
from datasources.scopes import ScopeRow
from resolvers.checks import checked_text
from resolvers.errors import refuse
from resolvers.guardrails.recording import record_change
from resolvers.scopes import existing_scope
from resolvers.writing import WriteContext

__all__ = [
    "DeletedGuardrailPolicy",
    "SetGuardrailPolicy",
    "delete_guardrail_policy",
    "set_guardrail_policy",
]

_FIELDS = ("required_guards", "mode", "is_enabled", "notes")


class SetGuardrailPolicy(NamedTuple):
    """The policy as it is stored now."""

    policy: PolicyRow


class DeletedGuardrailPolicy(NamedTuple):
    """The policy that was removed, if there was one."""

    deleted_id: str | None


async def set_guardrail_policy(
    context: WriteContext,
    *,
    scope: Mapping[str, str],
    required_guards: Sequence[str],
    mode: str,
    is_enabled: bool,
    notes: str | None = None,
) -> SetGuardrailPolicy:
    """Create or replace the policy of a scope; one that does not count is kept."""
    place = await existing_scope(context, scope)
    if not required_guards:
        raise refuse("REQUIRED", "Name a guard, or delete the policy.", "required_guards")
    values = {
        "required_guards": [guard for guard in GUARDS if guard in required_guards],
        "mode": mode,
        "is_enabled": is_enabled,
        "notes": checked_text(notes, "notes"),
    }
    await lock_guardrails(context.database, context.caller)
    before = await _policy_of(context, place)
    if before is not None and _values(before) == values:
        context.changed_nothing()
        return SetGuardrailPolicy(before)
    await set_policy(context.database, context.caller, place, values)
    after = await _policy_of(context, place)
    if after is None:
        raise LookupError("A policy just stored is there.")
    await _record(context, after, "A guardrail policy was set.", before, after)
    return SetGuardrailPolicy(after)


async def delete_guardrail_policy(
    context: WriteContext, *, scope: Mapping[str, str]
) -> DeletedGuardrailPolicy:
    """Remove the policy of a scope, also of one that is gone."""
    place = ScopeRow(scope["type"], scope["id"], context.account_id)
    await lock_guardrails(context.database, context.caller)
    before = await _policy_of(context, place)
    if before is None:
        context.changed_nothing()
        return DeletedGuardrailPolicy(None)
    await delete_policy(context.database, context.caller, before.id)
    await _record(context, before, "A guardrail policy was removed.", before, None)
    return DeletedGuardrailPolicy(before.id)


async def _policy_of(context: WriteContext, scope: ScopeRow) -> PolicyRow | None:
    key = (scope.account_id, scope.type, scope.id)
    return (await policies_by_scope(context.database, context.caller, [key]))[0]


def _values(policy: PolicyRow) -> dict[str, Any]:
    return {name: getattr(policy, name) for name in _FIELDS}


async def _record(
    context: WriteContext,
    policy: PolicyRow,
    message: str,
    before: PolicyRow | None,
    after: PolicyRow | None,
) -> None:
    await record_change(
        context,
        "guardrail_policy",
        policy.id,
        message,
        guard="policy",
        before=None if before is None else _values(before),
        after=None if after is None else _values(after),
        about={
            "policy_id": policy.id,
            "scope_type": policy.scope_type,
            "scope_id": policy.scope_id,
        },
    )

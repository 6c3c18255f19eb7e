"""Permission policies of scopes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from datasources.access_facts import reading_of
from datasources.audit import AuditEvent
from datasources.connectors.policies import PolicyRow, policy_of_place
from datasources.connectors.rules import CONNECTING
from datasources.connectors.writes import (
    Words,
    delete_policy,
    inherited_of_account,
    lock_policies,
    put_policy,
    tell_inherited,
)
from datasources.scopes import ScopeRow
from resolvers.checks import checked_text
from resolvers.connectors.effective import allowed_above
from resolvers.scopes import existing_scope
from resolvers.writing import WriteContext

__all__ = ["DeletedConnectorPolicy", "SetConnectorPolicy", "remove_policy", "set_policy"]


class SetConnectorPolicy(NamedTuple):
    """The policy as it is stored now."""

    policy: PolicyRow


class DeletedConnectorPolicy(NamedTuple):
    """The policy that was removed, if there was one."""

    deleted_id: str | None


async def set_policy(
    context: WriteContext,
    *,
    scope: Mapping[str, str],
    type: str | None = None,
    mode: str | None = None,
    can_use_admin_connectors: bool | None = None,
    notes: str | None = None,
) -> SetConnectorPolicy:
    """Create or replace the policy of a scope and type; what it does not say it inherits."""
    place = await existing_scope(context, scope)
    words = Words(mode, can_use_admin_connectors, checked_text(notes, "notes"))
    await lock_policies(context.database, context.caller)
    before = await _policy_of(context, place, type)
    if before is not None and _words(before) == words:
        context.changed_nothing()
        return SetConnectorPolicy(before)
    await put_policy(context.database, context.caller, place, words, type=type)
    await _tell_inherited(context)
    after = await _policy_of(context, place, type)
    if after is None:
        raise LookupError("A policy just stored is there.")
    await context.audit(
        AuditEvent(
            "copilot_connection_permission_policy",
            "create" if before is None else "update",
            "connection_permission_policy",
            after.id,
            "A connector policy was set.",
            {"before": None if before is None else _seen(before), "after": _seen(after)},
        )
    )
    return SetConnectorPolicy(after)


async def remove_policy(
    context: WriteContext, *, scope: Mapping[str, str], type: str | None = None
) -> DeletedConnectorPolicy:
    """Remove the policy of a scope and type, also of a scope that is gone; it inherits then."""
    place = ScopeRow(scope["type"], scope["id"], context.account_id)
    await lock_policies(context.database, context.caller)
    before = await _policy_of(context, place, type)
    if before is None:
        context.changed_nothing()
        return DeletedConnectorPolicy(None)
    await delete_policy(context.database, context.caller, before.id)
    await _tell_inherited(context)
    await context.audit(
        AuditEvent(
            "copilot_connection_permission_policy",
            "delete",
            "connection_permission_policy",
            before.id,
            "A connector policy was removed.",
            {"before": _seen(before)},
            severity="warning",
        )
    )
    return DeletedConnectorPolicy(before.id)


async def _policy_of(context: WriteContext, scope: ScopeRow, type: str | None) -> PolicyRow | None:
    key = (scope.account_id, scope.type, scope.id, "all" if type is None else type.lower())
    (policy,) = await policy_of_place(context.database, context.caller, [key])
    return policy


async def _tell_inherited(context: WriteContext) -> None:
    """Have the policies that inherit say to other readers of their table what they inherit now."""
    context.forget_reads()
    inheriting = await inherited_of_account(context.database, context.caller)
    if not inheriting:
        return
    scopes = list(dict.fromkeys(one.scope for one in inheriting))
    read = reading_of(frozenset({CONNECTING}))
    found = dict(zip(scopes, await read(context.database, context.caller, scopes), strict=True))
    changed = []
    for one in inheriting:
        reading = found[one.scope]
        if reading is None or reading.facts is None:
            continue  # Nobody is in a scope that is gone.
        may_manage, may_use = allowed_above(
            one.scope, one.type, reading.facts.chain, reading.parts[CONNECTING]
        )
        told = one._replace(
            may_manage=None if one.may_manage is None else may_manage,
            may_use=None if one.may_use is None else may_use,
        )
        if told != one:
            changed.append(told)
    if changed:
        await tell_inherited(context.database, context.caller, changed)


def _words(policy: PolicyRow) -> Words:
    return Words(policy.mode, policy.can_use_admin_connectors, policy.notes)


def _seen(policy: PolicyRow) -> dict[str, Any]:
    return {
        "scope_type": policy.scope_type,
        "scope_id": policy.scope_id,
        "connection_type": "all" if policy.type is None else policy.type.lower(),
        "permission_mode": policy.mode,
        "allow_use_admin_connections": policy.can_use_admin_connectors,
        "notes": policy.notes,
    }

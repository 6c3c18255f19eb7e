"""Feature policies of scopes, inside what the account is entitled to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from datasources.access import AccessRow, access_of
from datasources.audit import AuditEvent
from datasources.entitlements.reads import FeaturePolicyRow, policy_of_scope
from datasources.entitlements.writes import delete_feature_policy, put_feature_policy
from datasources.feature_catalogue import feature_catalogue, hold_features, stored_names_of
from datasources.features import feature_codes_of_accounts
from datasources.scopes import ScopeRow
from resolvers.checks import checked_text
from resolvers.errors import refuse
from resolvers.scopes import existing_scope
from resolvers.writing import WriteContext

__all__ = ["DeletedPolicy", "SetPolicy", "remove_feature_policy", "set_feature_policy"]


class SetPolicy(NamedTuple):
    """A policy after it was set, and what the scope may use now."""

    policy: FeaturePolicyRow
    effective: AccessRow


class DeletedPolicy(NamedTuple):
    """The policy that was removed, if there was one."""

    deleted_id: str | None


async def set_feature_policy(
    context: WriteContext,
    *,
    scope: Mapping[str, str],
    flags: Sequence[Mapping[str, Any]],
    notes: str | None = None,
) -> SetPolicy:
    """Create or replace a scope's policy; it cannot switch on what the account does not have."""
    await hold_features(context.database)
    place = await existing_scope(context, scope)
    stored = await _checked_flags(context, flags)
    notes = checked_text(notes, "notes")
    before = await _policy_of(context, place)
    await put_feature_policy(context.database, context.caller, place, stored, notes)
    after = await _policy_of(context, place)
    if after is None:
        raise LookupError("A policy just stored is there.")
    details = {"scope_type": place.type, "scope_id": place.id, "flags": stored}
    action = "create" if before is None else "update"
    await context.audit(
        AuditEvent(
            "copilot_feature_policy",
            action,
            "feature_policy",
            after.id,
            "A feature policy was set.",
            {"before": None if before is None else before.values, "after": details},
        )
    )
    context.forget_reads()
    return SetPolicy(after, access_of(place))


async def remove_feature_policy(
    context: WriteContext, *, scope: Mapping[str, str]
) -> DeletedPolicy:
    """Remove a scope's policy, also of a scope that is gone; it inherits then."""
    place = ScopeRow(scope["type"], scope["id"], context.account_id)
    policy = await _policy_of(context, place)
    if policy is None:
        context.changed_nothing()
        return DeletedPolicy(None)
    await delete_feature_policy(context.database, context.caller, policy.id)
    await context.audit(
        AuditEvent(
            "copilot_feature_policy",
            "delete",
            "feature_policy",
            policy.id,
            "A feature policy was removed.",
            {"scope_type": place.type, "scope_id": place.id, "before": policy.values},
            severity="warning",
        )
    )
    return DeletedPolicy(policy.id)


async def _policy_of(context: WriteContext, scope: ScopeRow) -> FeaturePolicyRow | None:
    key = (scope.account_id, scope.type, scope.id)
    (policy,) = await policy_of_scope(context.database, context.caller, [key])
    return policy


async def _checked_flags(
    context: WriteContext, flags: Sequence[Mapping[str, Any]]
) -> dict[str, bool]:
    """The switches by the name they are stored under."""
    codes = [flag["feature_code"] for flag in flags]
    if len(set(codes)) < len(codes):
        raise refuse("INVALID", "A feature is named more than once.", "flags")
    by_code = (await context.load(feature_catalogue, ())).by_code
    unknown = [code for code in codes if code not in by_code]
    if unknown:
        raise refuse("NOT_FOUND", f"There is no feature {unknown[0]}.", "flags")
    entitled = await context.load(feature_codes_of_accounts, context.account_id)
    for flag in flags:
        if flag["is_enabled"] and flag["feature_code"] not in entitled:
            message = f"The account is not entitled to {by_code[flag['feature_code']].name}."
            raise refuse("NOT_ENTITLED", message, "flags")
    return {stored_names_of(flag["feature_code"])[0]: flag["is_enabled"] for flag in flags}

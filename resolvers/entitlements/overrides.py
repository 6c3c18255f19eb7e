"""Overrides: the exceptions that super admins make for a scope of an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, NotRequired, TypedDict, Unpack

from datasources.audit import AuditEvent
from datasources.entitlements.overrides import (
    NewOverride,
    OverrideRow,
    delete_override,
    override_of_scope,
    overrides_by_id,
    put_override,
)
from datasources.feature_catalogue import features_by_code, hold_features
from datasources.limits import lock_limits
from datasources.scopes import ScopeRow
from resolvers.auditing import changes
from resolvers.checks import checked_line, checked_object, checked_text
from resolvers.entitlements.validity import checked_span
from resolvers.errors import refuse
from resolvers.scopes import existing_scope
from resolvers.writing import WriteContext

__all__ = ["DeletedOverride", "SetOverride", "delete_access_override", "set_access_override"]

_MOST_ITEMS = 200


class SetOverride(NamedTuple):
    """The override as it is stored now."""

    override: OverrideRow


class DeletedOverride(NamedTuple):
    """The override that was removed, if there was one."""

    deleted_id: str | None


class OverrideSaid(TypedDict):
    """What is said of an override besides its place."""

    effect: str
    reason: str
    disabled_items: NotRequired[Sequence[str] | None]
    config: NotRequired[Any]
    valid_from_at: NotRequired[datetime | None]
    valid_until_at: NotRequired[datetime | None]


async def set_access_override(
    context: WriteContext,
    *,
    scope: Mapping[str, str],
    feature_code: str,
    **said: Unpack[OverrideSaid],
) -> SetOverride:
    """Create or replace the override of a scope and feature."""
    await hold_features(context.database)
    place = await existing_scope(context, scope)
    if await context.load(features_by_code, feature_code) is None:
        raise refuse("NOT_FOUND", f"There is no feature {feature_code}.", "feature_code")
    new = _checked(place, feature_code, said)
    await lock_limits(context.database, context.caller)
    before = await _of(context, place, feature_code)
    await put_override(context.database, context.caller, new)
    after = await _of(context, place, feature_code)
    if after is None:
        raise LookupError("An override just stored is there.")
    action = "create" if before is None else "update"
    seen = changes({} if before is None else _seen(before), _seen(after))
    await context.audit(_event(action, after, "An override was set.", seen))
    context.end_access()
    return SetOverride(after)


async def delete_access_override(context: WriteContext, *, id: str) -> DeletedOverride:
    """Remove an override, also of a scope that is gone."""
    await lock_limits(context.database, context.caller)
    (override,) = await overrides_by_id(context.database, context.caller, [id])
    if override is None:
        context.changed_nothing()
        return DeletedOverride(None)
    await delete_override(context.database, context.caller, override.id)
    details = {"before": _seen(override)}
    await context.audit(
        _event("delete", override, "An override was removed.", details, severity="warning")
    )
    context.end_access()
    return DeletedOverride(override.id)


def _checked(scope: ScopeRow, feature_code: str, said: OverrideSaid) -> NewOverride:
    effect = said["effect"]
    begin, end = said.get("valid_from_at"), said.get("valid_until_at")
    return NewOverride(
        scope.type,
        scope.id,
        feature_code,
        effect,
        _items(effect, said.get("disabled_items")),
        _config(effect, said.get("config")),
        _reason(said["reason"]),
        *checked_span(begin, end, "valid_until_at"),
    )


async def _of(context: WriteContext, scope: ScopeRow, code: str) -> OverrideRow | None:
    key = (scope.account_id, scope.type, scope.id, code)
    (override,) = await override_of_scope(context.database, context.caller, [key])
    return override


def _items(effect: str, given: Sequence[str] | None) -> list[str]:
    """The parts to switch off, each once."""
    if effect != "RESTRICT":
        if given:
            raise refuse("INVALID", "Only RESTRICT switches parts off.", "disabled_items")
        return []
    items = [checked_line(item, "disabled_items") for item in given or ()]
    named = list(dict.fromkeys(item for item in items if item is not None))
    if not named or len(named) < len(set(items)):
        raise refuse("REQUIRED", "Name the parts to switch off.", "disabled_items")
    if len(named) > _MOST_ITEMS:
        raise refuse("INVALID", f"Name up to {_MOST_ITEMS} parts.", "disabled_items")
    return named


def _config(effect: str, given: Any) -> Mapping[str, Any] | None:
    if effect != "CONFIGURE":
        if given is not None:
            raise refuse("INVALID", "Only CONFIGURE sets values.", "config")
        return None
    config = checked_object(given, "config")
    if not config:
        raise refuse("REQUIRED", "Say the values to set.", "config")
    return config


def _reason(given: str) -> str:
    reason = checked_text(given, "reason")
    if reason is None:
        raise refuse("REQUIRED", "Say why.", "reason")
    return reason


def _seen(override: OverrideRow) -> dict[str, Any]:
    """An override as its changes are told: of what it configures, the names."""
    until = override.valid_until_at
    return {
        "scope_type": override.scope_type,
        "scope_id": override.scope_id,
        "feature_code": override.feature_code,
        "effect": override.effect,
        "disabled_items": override.disabled_items,
        "configured": sorted(override.config or ()),
        "reason": override.reason,
        "valid_from": override.valid_from_at.isoformat(),
        "valid_until": None if until is None else until.isoformat(),
    }


def _event(
    action: str,
    override: OverrideRow,
    message: str,
    details: Mapping[str, Any],
    severity: str = "info",
) -> AuditEvent:
    return AuditEvent(
        "copilot_access_override",
        action,
        "access_override",
        override.id,
        message,
        dict(details),
        severity=severity,
    )

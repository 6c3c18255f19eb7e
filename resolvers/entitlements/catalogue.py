"""The feature catalogue, as super admins write it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from datasources.audit import AuditEvent
from datasources.codecs import json_object
from datasources.entitlements import catalogue
from datasources.entitlements.catalogue import FeaturePlace, FeatureValues
from datasources.feature_catalogue import FeatureRow, change_features, features_by_code
from resolvers.auditing import changes
from resolvers.checks import checked_line, checked_name, checked_object, checked_text
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = ["DeletedFeature", "StoredFeature", "create_feature", "delete_feature", "update_feature"]

_LEVELS = ("MODULE", "FEATURE", "ENTITY")
_WORD = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LONGEST_CODE = 100
_LARGEST_ORDER = 10**9 - 1


class StoredFeature(NamedTuple):
    """An entry after a change."""

    feature: FeatureRow


class DeletedFeature(NamedTuple):
    """The entry that was removed, if there was one."""

    deleted_id: str | None


async def create_feature(
    context: WriteContext,
    *,
    code: str,
    level: str,
    parent_code: str | None = None,
    **given: Any,
) -> StoredFeature:
    """Add an entry below its parent."""
    await change_features(context.database)
    place = FeaturePlace(code, level, parent_code)
    await _check_place(context, place)
    if await _found(context, code) is not None:
        raise refuse("TAKEN", "The catalogue has this code already.", "code")
    values = _values(None, given)
    await catalogue.insert_feature(context.database, context.caller, place, values)
    created = await _stored(context, code)
    details = {"after": {"level": level, **values._asdict()}}
    await context.audit(_event("create", code, f"Feature {code} was added.", details))
    context.end_access()
    return StoredFeature(created)


async def update_feature(context: WriteContext, *, code: str, **given: Any) -> StoredFeature:
    """Change an entry; code and level are fixed."""
    await change_features(context.database)
    before = await _found(context, code)
    if before is None:
        raise refuse("NOT_FOUND", f"There is no feature {code}.", "code")
    old, new = _values(before, {}), _values(before, given)
    if old == new:
        context.changed_nothing()
        return StoredFeature(before)
    await catalogue.update_feature(context.database, context.caller, code, new)
    told = changes(old._asdict(), new._asdict())
    severity = "warning" if old.is_active and not new.is_active else "info"
    await context.audit(_event("update", code, f"Feature {code} was changed.", told, severity))
    context.end_access()
    return StoredFeature(await _stored(context, code))


async def delete_feature(context: WriteContext, *, code: str) -> DeletedFeature:
    """Remove an entry nothing is below and nothing refers to; what the platform knows stays."""
    await change_features(context.database)
    before = await _found(context, code)
    if before is None:
        context.changed_nothing()
        return DeletedFeature(None)
    if before.key is not None:
        raise refuse("PROTECTED", "The platform itself asks for this feature.", "code")
    if await catalogue.is_referred_to(context.database, code):
        raise refuse("IN_USE", "Entries are below it, or accounts have to do with it.", "code")
    await catalogue.delete_feature(context.database, code)
    details = {"before": {"level": before.level, **_values(before, {})._asdict()}}
    await context.audit(
        _event("delete", code, f"Feature {code} was removed.", details, severity="warning")
    )
    context.end_access()
    return DeletedFeature(code)


async def _found(context: WriteContext, code: str) -> FeatureRow | None:
    (feature,) = await features_by_code(context.database, context.caller, [code])
    return feature


async def _stored(context: WriteContext, code: str) -> FeatureRow:
    feature = await _found(context, code)
    if feature is None:
        raise LookupError("A feature just stored is there.")
    return feature


async def _check_place(context: WriteContext, place: FeaturePlace) -> None:
    """Refuse a code that does not lie below its parent, one level down."""
    code, level, parent_code = place
    *above, word = code.split(".")
    if len(code) > _LONGEST_CODE or not _WORD.fullmatch(word):
        message = "A code's last part has small letters, digits, - and _; 100 characters in all."
        raise refuse("INVALID", message, "code")
    depth = _LEVELS.index(level)
    if depth and parent_code is None:
        raise refuse("REQUIRED", "Only modules have nothing above them.", "parent_code")
    if ".".join(above) != (parent_code or "") or len(above) != depth:
        message = "A code is its parent's, a dot and a word of its own; a module's has no dot."
        raise refuse("INVALID", message, "code")
    if parent_code is not None and await _found(context, parent_code) is None:
        raise refuse("NOT_FOUND", f"There is no feature {parent_code}.", "parent_code")


def _values(before: FeatureRow | None, given: Mapping[str, Any]) -> FeatureValues:
    """All of an entry after a change."""
    stored = {} if before is None else _stored_values(before)
    named = {**stored, **given}
    for name in ("is_enabled_by_default", "display_order", "is_active"):
        if named[name] is None:
            raise refuse("REQUIRED", "This cannot be empty.", name)
    if not abs(named["display_order"]) <= _LARGEST_ORDER:
        raise refuse("INVALID", "A place is below a billion.", "display_order")
    return FeatureValues(
        name=checked_name(named.get("name"), "name"),
        description=checked_text(named.get("description"), "description"),
        category=checked_line(named.get("category"), "category"),
        is_enabled_by_default=named["is_enabled_by_default"],
        default_config=checked_object(named.get("default_config"), "default_config") or {},
        plan_config=checked_object(named.get("plan_config"), "plan_config"),
        display_order=named["display_order"],
        is_active=named["is_active"],
    )


def _stored_values(row: FeatureRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in FeatureValues._fields}
    own = {"default_config": json_object(row.default_config), "is_active": row.is_switched_on}
    return values | own


def _event(
    action: str, code: str, message: str, details: dict[str, Any], severity: str = "info"
) -> AuditEvent:
    return AuditEvent(
        "copilot_feature_catalog", action, "feature", code, message, details, severity=severity
    )

"""The catalogue of integrations: added, changed and removed by operators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypedDict, Unpack

from datasources.audit import AuditEvent
from datasources.connectors import integration_entries as entries
from datasources.connectors.enabled import strike_integration
from datasources.connectors.integrations import IntegrationRow, integrations_by_id
from resolvers.auditing import changes
from resolvers.checks import checked_line, checked_name, checked_object, checked_text
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = [
    "ChangedIntegration",
    "DeletedIntegration",
    "create_integration",
    "delete_integration",
    "update_integration",
]

_TAKEN = "The catalogue has another integration of this key."
_LINES = {"toolkit": 255, "auth_config_id": 255, "icon": 128, "color": 128}
"""Optional lines of text, and how long each may be."""
_LONGEST_PROVIDER = 64


class ChangedIntegration(NamedTuple):
    """An entry after a change."""

    integration: IntegrationRow


class DeletedIntegration(NamedTuple):
    """The entry that was removed."""

    deleted_id: str


class IntegrationChanges(TypedDict, total=False):
    """What may be said of an entry; what is left out stays."""

    key: str | None
    provider: str | None
    name: str | None
    description: str | None
    toolkit: str | None
    auth_config_id: str | None
    icon: str | None
    color: str | None
    is_active: bool | None
    metadata: Any


async def create_integration(
    context: WriteContext, **given: Unpack[IntegrationChanges]
) -> ChangedIntegration:
    """Add an entry to the catalogue."""
    await entries.change_integrations(context.database)
    values = _stored(given, None)
    id = await entries.insert_integration(context.database, context.caller, values)
    if id is None:
        raise refuse("TAKEN", _TAKEN, "key")
    made = await _integration(context, id)
    message = f"Integration {made.key} was added."
    await context.audit(_event("create", made, message, {"after": _seen(made)}))
    return ChangedIntegration(made)


async def update_integration(
    context: WriteContext, *, id: str, **given: Unpack[IntegrationChanges]
) -> ChangedIntegration:
    """Change an entry; accounts keep it on their lists while it is switched off."""
    before = await _existing(context, id)
    values = _stored(given, before)
    if values == _stored({}, before):
        context.changed_nothing()
        return ChangedIntegration(before)
    if not await entries.update_integration(context.database, context.caller, before.id, values):
        raise refuse("TAKEN", _TAKEN, "key")
    context.forget_reads()
    after = await _integration(context, before.id)
    details: dict[str, Any] = changes(_seen(before), _seen(after))
    if before.metadata != after.metadata:
        details["unseen"] = ["metadata"]
    action = "disable" if before.is_active and not after.is_active else "update"
    await context.audit(_event(action, after, f"Integration {after.key} was changed.", details))
    return ChangedIntegration(after)


async def delete_integration(context: WriteContext, *, id: str) -> DeletedIntegration:
    """Remove an entry that is not active, from the lists of all accounts too."""
    before = await _existing(context, id)
    if before.is_active:
        raise refuse("INVALID_STATE", "An active integration cannot be removed.", "id")
    struck = await strike_integration(context.database, before.id)
    await entries.delete_integration(context.database, before.id)
    details = {"before": _seen(before), "accounts": struck}
    message = f"Integration {before.key} was removed."
    await context.audit(_event("delete", before, message, details))
    return DeletedIntegration(before.id)


async def _existing(context: WriteContext, id: str) -> IntegrationRow:
    await entries.change_integrations(context.database)
    found = await context.load(integrations_by_id, id)
    if found is None:
        raise refuse("NOT_FOUND", "There is no such integration.", "id")
    return found


async def _integration(context: WriteContext, id: str) -> IntegrationRow:
    found = await context.load(integrations_by_id, id)
    if found is None:
        raise LookupError("An integration just stored is there.")
    return found


def _stored(given: Mapping[str, Any], before: IntegrationRow | None) -> dict[str, Any]:
    """All columns of an entry after a change; what is left out stays, or is none."""

    def value(name: str) -> Any:
        return given[name] if name in given else getattr(before, name, None)

    provider = checked_line(value("provider"), "provider", longest=_LONGEST_PROVIDER)
    if provider is None:
        raise refuse("REQUIRED", "Name the provider.", "provider")
    if value("is_active") is None:
        raise refuse("REQUIRED", "It is in use or not.", "is_active")
    return {
        "integration_key": checked_name(value("key"), "key"),
        "provider": provider,
        "name": checked_name(value("name"), "name"),
        "description": checked_text(value("description"), "description"),
        "is_active": value("is_active"),
        "metadata": checked_object(value("metadata"), "metadata") or {},
        **{
            name: checked_line(value(name), name, longest=longest)
            for name, longest in _LINES.items()
        },
    }


def _seen(integration: IntegrationRow) -> dict[str, Any]:
    """An entry as its changes are told: without what may hold anything."""
    names = ("key", "provider", "name", "description", *_LINES, "is_active")
    return {name: getattr(integration, name) for name in names}


def _event(
    action: str, integration: IntegrationRow, message: str, details: dict[str, Any]
) -> AuditEvent:
    return AuditEvent(
        "copilot_integration_catalog",
        action,
        "integration_catalog",
        integration.id,
        message,
        details,
        severity="warning" if action in {"disable", "delete"} else "info",
    )

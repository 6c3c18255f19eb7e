"""Providers of models: who they are, and which server variables lead to them."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, TypedDict, Unpack

from datasources.audit import AuditEvent
from datasources.models import provider_entries
from datasources.models.provider_entries import ProviderValues
from datasources.models.providers import ProviderRow, providers_by_code, providers_by_id
from resolvers.auditing import changes
from resolvers.checks import checked_line, checked_name
from resolvers.errors import refuse
from resolvers.writing import WriteContext

__all__ = ["DeletedProvider", "SetProvider", "delete_model_provider", "set_model_provider"]

_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_VARIABLES = ("endpoint_variable", "api_key_variable")


class SetProvider(NamedTuple):
    """A provider after it was set."""

    provider: ProviderRow


class DeletedProvider(NamedTuple):
    """The provider that was removed."""

    deleted_id: str


class ProviderChanges(TypedDict, total=False):
    """What may be said of a provider; what is left out stays."""

    name: str | None
    endpoint_variable: str | None
    api_key_variable: str | None
    is_active: bool | None


async def set_model_provider(
    context: WriteContext, *, code: str, **given: Unpack[ProviderChanges]
) -> SetProvider:
    """Create or change a provider, by its code."""
    code = code.strip().lower()
    if not _CODE.fullmatch(code):
        message = "A code has letters, digits, dots, dashes and underscores, 100 at most."
        raise refuse("INVALID", message, "code")
    await provider_entries.lock_providers(context.database)
    before = await context.load(providers_by_code, code)
    values = _values(context, before, given)
    if before is not None and values == _values(context, before, {}):
        context.changed_nothing()
        return SetProvider(before)
    await provider_entries.put_provider(context.database, code, values)
    context.forget_reads()
    after = await context.load(providers_by_code, code)
    if after is None:
        raise LookupError("A provider just stored is there.")
    told = {"after": values._asdict()}
    if before is not None:
        told = changes(_values(context, before, {})._asdict(), values._asdict())
    action = "create" if before is None else "update"
    await context.audit(_event(action, after, f"Provider {code} was set.", told))
    return SetProvider(after)


async def delete_model_provider(context: WriteContext, *, id: str) -> DeletedProvider:
    """Remove a provider that no model names."""
    await provider_entries.lock_providers(context.database)
    provider = await context.load(providers_by_id, id)
    if provider is None:
        raise refuse("NOT_FOUND", "There is no such provider.", "id")
    if provider.model_count:
        raise refuse("IN_USE", "Models of the catalogue name it.", "id")
    await provider_entries.delete_provider(context.database, provider.id)
    details = {"before": _values(context, provider, {})._asdict()}
    await context.audit(
        _event("delete", provider, f"Provider {provider.code} was removed.", details)
    )
    return DeletedProvider(provider.id)


def _values(
    context: WriteContext, before: ProviderRow | None, given: ProviderChanges
) -> ProviderValues:
    """All of a provider after a change."""
    name = None if before is None else before.name
    if before is None or "name" in given:
        name = checked_name(given.get("name"), "name")
    is_active = given.get("is_active", before is None or before.is_active)
    if is_active is None:
        raise refuse("REQUIRED", "It is in use or not.", "is_active")
    endpoint, key = (_variable(context, before, given, which) for which in _VARIABLES)
    return ProviderValues(str(name), endpoint, key, is_active)


def _variable(
    context: WriteContext, before: ProviderRow | None, given: Any, which: str
) -> str | None:
    """A server variable, which must be among those the server allows to be referred to."""
    stored: str | None = None if before is None else getattr(before, which)
    if which not in given:
        return stored
    name = checked_line(given[which], which)
    if name is not None and name != stored and name not in context.services.provider_variables:
        message = "This is not among the variables that the server allows."
        raise refuse("INVALID", message, which)
    return name


def _event(action: str, provider: ProviderRow, message: str, details: dict[str, Any]) -> AuditEvent:
    severity = "warning" if action == "delete" else "info"
    return AuditEvent(
        "copilot_model_catalog",
        action,
        "model_provider",
        provider.id,
        message,
        details,
        severity=severity,
    )

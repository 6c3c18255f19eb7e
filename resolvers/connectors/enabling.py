"""Which integrations an account has enabled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from datasources.audit import AuditEvent
from datasources.connectors.enabled import (
    AccountIntegrationRow,
    enabled_integrations,
    listed_integrations,
    store_enabled,
)
from datasources.connectors.integration_entries import hold_integrations
from datasources.connectors.integrations import integrations_by_id
from datasources.limits import lock_limits
from resolvers.auditing import changes
from resolvers.errors import Refused, UserError
from resolvers.writing import WriteContext

__all__ = ["EnabledIntegrations", "set_enabled_integrations"]


class EnabledIntegrations(NamedTuple):
    """What an account has enabled now."""

    integrations: list[AccountIntegrationRow]


async def set_enabled_integrations(
    context: WriteContext, *, integration_ids: Sequence[str]
) -> EnabledIntegrations:
    """Replace what the account has enabled; all of it must be active in the catalogue."""
    await hold_integrations(context.database)
    ids = await _active(context, integration_ids)
    await lock_limits(context.database, context.caller)
    before = await listed_integrations(context.database, context.caller)
    if set(before) == set(ids):
        context.changed_nothing()
    else:
        await store_enabled(context.database, context.caller, ids)
        name = "enabled_integration_ids"
        await context.audit(
            AuditEvent(
                "copilot_integration_visibility",
                "update",
                "account",
                context.account_id,
                "The enabled integrations were set.",
                changes({name: before}, {name: ids}),
            )
        )
    return EnabledIntegrations(await enabled_integrations(context.database, context.caller))


async def _active(context: WriteContext, ids: Sequence[str]) -> list[str]:
    """The ids as they are stored, each once. Refuses all that are not in the active catalogue."""
    found = await context.load_all(integrations_by_id, list(ids))
    errors = []
    for place, entry in enumerate(found):
        path = ("integration_ids", str(place))
        if entry is None:
            errors.append(UserError("NOT_FOUND", "There is no such integration.", path))
        elif not entry.is_active:
            errors.append(UserError("NOT_AVAILABLE", f"{entry.name} is not in use.", path))
    if errors:
        raise Refused(errors)
    return list(dict.fromkeys(entry.id for entry in found if entry is not None))

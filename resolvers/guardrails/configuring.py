"""Configuring a guard: what is not said stays, patterns and policies stay in any case."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from datasources.guardrails.configuration import (
    LAST_PLACE,
    POLICIES_KEY,
    guardrails_of_accounts,
)
from datasources.guardrails.rows import GuardrailRow
from datasources.guardrails.writes.changes import lock_guardrails
from datasources.guardrails.writes.configuration import keep_places, set_config
from datasources.masking import secret_in
from resolvers.errors import refuse
from resolvers.guardrails.recording import record_change
from resolvers.writing import WriteContext

__all__ = ["ChangedGuardrail", "set_guardrail"]

_MOST_SETTINGS = 20_000


class ChangedGuardrail(NamedTuple):
    """A guard after the change."""

    guardrail: GuardrailRow


async def set_guardrail(
    context: WriteContext, *, guard: str, expected_version: int | None = None, **given: Any
) -> ChangedGuardrail:
    """Configure a guard; a repetition changes nothing."""
    settings = _checked_settings(given)
    await lock_guardrails(context.database, context.caller)
    guards = await _guards(context)
    before = guards[guard]
    if expected_version is not None and expected_version != before.version:
        sentence = f"The guard was changed meanwhile: this is version {before.version}."
        raise refuse("CONFLICT", sentence, "expected_version")
    wanted = {name: value for name, value in given.items() if value is not None}
    after = before._replace(**wanted | ({} if settings is None else {"settings": settings}))
    if after == before and before.is_configured:
        context.changed_nothing()
        return ChangedGuardrail(before)
    others = {
        row.guard: row.execution_order
        for row in guards.values()
        if row.is_configured and row.guard != guard
    }
    _check_place(after, others)
    await keep_places(context.database, context.caller, others)
    await set_config(context.database, context.caller, after, settings)
    stored = (await _guards(context))[guard]
    await record_change(
        context,
        "guardrail",
        guard,
        f"The guard {guard} was configured.",
        guard=guard,
        before=_values(before) if before.is_configured else None,
        after=_values(stored),
    )
    return ChangedGuardrail(stored)


async def _guards(context: WriteContext) -> dict[str, GuardrailRow]:
    (rows,) = await guardrails_of_accounts(context.database, context.caller, [context.account_id])
    return {row.guard: row for row in rows}


def _values(row: GuardrailRow) -> dict[str, Any]:
    return {
        "is_enabled": row.is_enabled,
        "execution_order": row.execution_order,
        "action": row.action,
        "settings": row.settings,
    }


def _checked_settings(given: dict[str, Any]) -> dict[str, Any] | None:
    """The settings to store; None when they stay as they are, an empty object for null."""
    if "settings" not in given:
        return None
    settings = given["settings"]
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        raise refuse("INVALID", "Settings are one JSON object.", "settings")
    if POLICIES_KEY in settings:
        raise refuse("INVALID", "Policies have mutations of their own.", "settings")
    if len(orjson.dumps(settings)) > _MOST_SETTINGS:
        raise refuse("INVALID", f"Settings may take {_MOST_SETTINGS:,} bytes.", "settings")
    secret = secret_in(settings)
    if secret is not None:
        raise refuse("INVALID", f"Settings hold no secrets; leave out {secret!r}.", "settings")
    return settings


def _check_place(row: GuardrailRow, others: dict[str, int]) -> None:
    if not 1 <= row.execution_order <= LAST_PLACE:
        raise refuse("INVALID", f"A place is 1 to {LAST_PLACE}.", "execution_order")
    holder = next((name for name, place in others.items() if place == row.execution_order), None)
    if holder is not None:
        raise refuse("TAKEN", f"{holder} has this place.", "execution_order")

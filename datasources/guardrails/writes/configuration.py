"""How a guard works in an account, as it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, tenant_values
from datasources.guardrails.rows import GuardrailRow

__all__ = ["keep_places", "set_config"]

_SET = Statement(
    text("""
INSERT INTO copilot.guardrails_config AS c (account_id, guard_type, enabled, execution_order,
    action_on_fail, config, created_by, updated_by)
VALUES (:caller_account, lower(:guard), CAST(:is_enabled AS boolean),
    CAST(:execution_order AS smallint), lower(:action), coalesce(:settings, '{}'),
    :author, :author)
ON CONFLICT (account_id, guard_type) DO UPDATE SET enabled = excluded.enabled,
    execution_order = excluded.execution_order, action_on_fail = excluded.action_on_fail,
    config = CASE WHEN :settings IS NULL THEN c.config ELSE excluded.config || CASE
        WHEN jsonb_exists(c.config, 'scope_policies')
        THEN jsonb_build_object('scope_policies', c.config -> 'scope_policies') ELSE '{}' END END,
    version = c.version + 1, updated_by = excluded.updated_by, updated_at = now()
""").bindparams(
        *[bindparam(name, type_=Text()) for name in (TENANT, "guard", "action", "author")],
        bindparam("settings", type_=JSONB()),
    )
)


async def set_config(
    database: Database, caller: Caller, row: GuardrailRow, settings: dict[str, Any] | None
) -> None:
    """Store how a guard works; without settings the stored ones stay.

    What older writers keep in the same row, the policies of scopes, stays in any case.
    """
    await database.execute(
        _SET,
        guard=row.guard,
        is_enabled=row.is_enabled,
        execution_order=row.execution_order,
        action=row.action,
        settings=settings,
        author=caller.id,
        **tenant_values(caller),
    )


_PLACES = Statement(
    text("""
UPDATE copilot.guardrails_config AS c SET execution_order = CAST(shown.place AS smallint)
FROM unnest(CAST(:guards AS text[]), CAST(:places AS int[])) AS shown (guard, place)
WHERE c.account_id = :caller_account AND c.guard_type = lower(shown.guard)
    AND c.execution_order <> shown.place
""").bindparams(bindparam(TENANT, type_=Text()), bindparam("guards", type_=ARRAY(Text())))
)


async def keep_places(database: Database, caller: Caller, places: Mapping[str, int]) -> None:
    """Store the places that guards are shown in: rows of the past share them."""
    await database.execute(
        _PLACES, guards=list(places), places=list(places.values()), **tenant_values(caller)
    )

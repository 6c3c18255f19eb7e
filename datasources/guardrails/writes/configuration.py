"""How a guard works in an account, as it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, case, func, literal_column, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, tenant_values
from datasources.documents import unwrapped
from datasources.expressions import word
from datasources.guardrails.configuration import POLICIES_KEY
from datasources.guardrails.rows import GuardrailRow
from datasources.guardrails.tables import configs

__all__ = ["keep_places", "set_config"]

_stored = unwrapped(configs.c.config)
_policies = case(
    (
        func.jsonb_exists(_stored, word(POLICIES_KEY)),
        func.jsonb_build_object(
            word(POLICIES_KEY), _stored.op("->", return_type=JSONB())(word(POLICIES_KEY))
        ),
    ),
    else_=literal_column("'{}'::jsonb", JSONB()),
)
"""What older writers keep beside a guard's settings, whether as a document or as its text."""

_settings: ColumnElement[Any] = bindparam("settings", type_=JSONB())
_author: ColumnElement[Any] = bindparam("author", type_=Text())
_row = insert(configs).values(
    account_id=bindparam(TENANT, type_=Text()),
    guard_type=func.lower(bindparam("guard", type_=Text())),
    enabled=bindparam("is_enabled", type_=configs.c.enabled.type),
    execution_order=bindparam("execution_order", type_=configs.c.execution_order.type),
    action_on_fail=func.lower(bindparam("action", type_=Text())),
    config=func.coalesce(_settings, literal_column("'{}'::jsonb", JSONB())),
    created_by=_author,
    updated_by=_author,
)
_replaced = ("enabled", "execution_order", "action_on_fail", "updated_by")
_SET = Statement(
    _row.on_conflict_do_update(
        index_elements=["account_id", "guard_type"],
        set_={name: _row.excluded[name] for name in _replaced}
        | {
            "config": case(
                (_settings.is_(None), configs.c.config),
                else_=_row.excluded.config.op("||")(_policies),
            ),
            "version": configs.c.version + literal_column("1"),
            "updated_at": func.now(),
        },
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

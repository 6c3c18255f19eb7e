"""How the guards of an account work, one entry a guard whether it is configured or not.

Scope policies once lived inside the settings; they have a table of their own, and what is left of
them in a row is not shown and not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import orjson
from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from auth.caller import Caller
from datasources.base import Database, Statement
from datasources.guardrails.rows import GuardrailRow
from datasources.guardrails.tables import GUARDS
from datasources.masking import masked

__all__ = ["LAST_PLACE", "POLICIES_KEY", "guardrails_of_accounts", "in_places", "settings_in"]

POLICIES_KEY = "scope_policies"
"""Where policies were stored inside a guard's settings."""

LAST_PLACE = 10
"""The last place in the order of execution."""

_STATEMENT = Statement(
    text("""
SELECT asked.ordinal, asked.account_id, guard.name, c.id IS NOT NULL, coalesce(c.enabled, false),
    c.execution_order, upper(coalesce(c.action_on_fail, 'block')), c.config,
    coalesce(c.version, 0), c.updated_at, c.updated_by
FROM unnest(CAST(:accounts AS text[])) WITH ORDINALITY AS asked(account_id, ordinal)
CROSS JOIN unnest(CAST(:guards AS text[])) WITH ORDINALITY AS guard(name, place)
LEFT JOIN copilot.guardrails_config c
    ON c.account_id = asked.account_id AND c.guard_type = lower(guard.name)
ORDER BY asked.ordinal, c.execution_order NULLS LAST, guard.place
""").bindparams(
        bindparam("accounts", type_=ARRAY(Text())), bindparam("guards", type_=ARRAY(Text()))
    )
)


async def guardrails_of_accounts(
    database: Database, caller: Caller, account_ids: Sequence[str]
) -> list[list[GuardrailRow]]:
    """Every guard of each account in order of execution; none of an account out of reach."""
    found: list[list[GuardrailRow]] = [[] for _ in account_ids]
    wanted = [i for i, account_id in enumerate(account_ids) if caller.reaches(account_id)]
    if not wanted:
        return found
    records = await database.fetch(
        _STATEMENT, accounts=[account_ids[i] for i in wanted], guards=list(GUARDS)
    )
    for record in records:
        row = GuardrailRow(*record[1:])
        found[wanted[record[0] - 1]].append(row._replace(settings=settings_in(row.settings)))
    return [in_places(rows) for rows in found]


def settings_in(config: Any) -> dict[str, Any]:
    """A guard's own settings; writers of the past stored JSON as text, some of it twice."""
    while isinstance(config, str):
        try:
            config = orjson.loads(config)
        except orjson.JSONDecodeError:
            return {}
    if not isinstance(config, dict):
        return {}
    shown = {name: value for name, value in config.items() if name != POLICIES_KEY}
    return cast("dict[str, Any]", masked(shown))


def in_places(rows: Sequence[GuardrailRow]) -> list[GuardrailRow]:
    """Give each guard a place of its own: rows of the past share them, others have none yet."""
    configured = _apart([row.execution_order for row in rows if row.is_configured])
    last = max(configured, default=0)
    free = [place for place in range(1, LAST_PLACE + 1) if place not in configured]
    free.sort(key=lambda place: (place < last, place))
    places = iter([*configured, *free])  # the rows that are configured come first
    placed = [row._replace(execution_order=next(places)) for row in rows]
    return sorted(placed, key=lambda row: row.execution_order)


def _apart(places: Sequence[int]) -> list[int]:
    """Ascending places with no two alike, each as near to what it was as that allows."""
    apart: list[int] = []
    for place in places:
        apart.append(max(place, apart[-1] + 1 if apart else 1))
    ceiling = LAST_PLACE
    for i in reversed(range(len(apart))):
        apart[i] = min(apart[i], ceiling)
        ceiling = apart[i] - 1
    return apart

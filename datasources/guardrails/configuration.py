"""How the guards of an account work, one entry a guard whether it is configured or not.

Scope policies once lived inside the settings; they have a table of their own, and what is left of
them in a row is not shown and not touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from auth.caller import Caller
from datasources.base import Database, Statement
from datasources.guardrails.rows import GuardrailRow
from datasources.guardrails.tables import GUARDS

__all__ = ["POLICIES_KEY", "guardrails_of_accounts", "settings_in"]

POLICIES_KEY = "scope_policies"
"""Where policies were stored inside a guard's settings."""

_LAST_PLACE = 10

_STATEMENT = Statement(
    text("""
SELECT asked.ordinal, asked.account_id, guard.name, c.id IS NOT NULL, coalesce(c.enabled, false),
    c.execution_order, upper(coalesce(c.action_on_fail, 'block')), c.config,
    coalesce(c.version, 0), used.total, c.updated_at, c.updated_by
FROM unnest(CAST(:accounts AS text[])) WITH ORDINALITY AS asked(account_id, ordinal)
CROSS JOIN unnest(CAST(:guards AS text[])) WITH ORDINALITY AS guard(name, place)
LEFT JOIN copilot.guardrails_config c
    ON c.account_id = asked.account_id AND c.guard_type = lower(guard.name)
CROSS JOIN LATERAL (
    SELECT count(*) AS total FROM copilot.guardrails_custom_patterns p
    LEFT JOIN gateway.guardrail_pattern_switches s
        ON s.pattern_id = p.id AND s.account_id = asked.account_id AND p.account_id IS NULL
    WHERE (p.account_id = asked.account_id OR p.account_id IS NULL)
        AND p.guard_type = lower(guard.name) AND coalesce(s.is_enabled, p.enabled)
) AS used
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
    return [_in_places(rows) for rows in found]


def settings_in(config: Any) -> dict[str, Any]:
    """A guard's own settings; writers of the past stored JSON as text, some of it twice."""
    while isinstance(config, str):
        try:
            config = orjson.loads(config)
        except orjson.JSONDecodeError:
            return {}
    if not isinstance(config, dict):
        return {}
    return {name: value for name, value in config.items() if name != POLICIES_KEY}


def _in_places(rows: Iterable[GuardrailRow]) -> list[GuardrailRow]:
    """Give each guard a place of its own: rows of the past share them, others have none yet."""
    placed: list[GuardrailRow] = []
    last = 0
    for row in rows:
        last = max(last + 1, row.execution_order or 0)
        placed.append(row._replace(execution_order=last))
    ceiling = _LAST_PLACE + 1
    for i in reversed(range(len(placed))):
        ceiling = min(ceiling - 1, placed[i].execution_order)
        placed[i] = placed[i]._replace(execution_order=ceiling)
    return placed

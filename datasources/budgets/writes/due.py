"""Which accounts have something due: a new cycle, an old one to close, a grant, a lapsed hold."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import DateTime, bindparam, text

from datasources.base import Database, Statement

__all__ = ["DueAccount", "due_accounts", "try_to_lead"]


class DueAccount(NamedTuple):
    """An account with something due."""

    account_id: str
    is_active: bool
    """Whether the account is in use; a suspended one starts no cycles."""


# A cycle is due where an active plan has no budget of the account that runs; production's cycles
# end a second early.
_DUE = Statement(
    text(
        """
        SELECT a.account_id, a.status IS NOT DISTINCT FROM 'active' FROM (
            SELECT p.account_id FROM copilot.budget_plans p WHERE p.is_active AND NOT EXISTS (
                SELECT FROM copilot.credit_budget b WHERE b.account_id = p.account_id
                AND b.scope_type = 'account' AND b.cycle_start <= :now
                AND b.cycle_end + interval '1 second' > :now)
            UNION SELECT d.account_id FROM gateway.budget_details d
            JOIN copilot.credit_budget b ON b.id = d.budget_id AND b.scope_type = 'account'
            JOIN copilot.credit_budget n ON n.account_id = b.account_id
                AND n.scope_type = 'account' AND n.cycle_start >= b.cycle_end
                AND n.cycle_start <= :now AND n.cycle_end > :now
            WHERE d.cycle_closed_at IS NULL AND d.closed_at IS NULL AND b.cycle_end <= :now
                AND NOT EXISTS (
                    SELECT FROM copilot.credit_budget m WHERE m.account_id = b.account_id
                    AND m.scope_type = 'account' AND m.cycle_start > b.cycle_start
                    AND m.cycle_start < n.cycle_start)
            UNION SELECT g.account_id FROM gateway.account_allocations g
            WHERE NOT g.is_applied AND g.effective_from_at <= :now
            UNION SELECT r.account_id FROM gateway.usage_reservations r
            WHERE r.status = 'HELD' AND r.expires_at <= :now
        ) AS due JOIN "Alchemi_AccountTable" a USING (account_id) ORDER BY 1
        """
    ).bindparams(bindparam("now", type_=DateTime(timezone=True)))
)


async def due_accounts(database: Database, now: datetime) -> list[DueAccount]:
    """Accounts with something due; `database` must see all accounts."""
    return [DueAccount._make(record) for record in await database.fetch(_DUE, now=now)]


_LEAD = Statement(text("SELECT pg_try_advisory_xact_lock(hashtextextended('cockpit.renewal', 0))"))


async def try_to_lead(database: Database) -> bool:
    """Whether this transaction is the one that renews; it is until it ends."""
    record = await database.fetchrow(_LEAD)
    return record is not None and bool(record[0])

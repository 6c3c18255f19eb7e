"""Credits held back: taken, settled, given back, and let go when nobody settled them in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import DateTime, Text, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, is_uuid, tenant_values
from datasources.budgets.rows import ReservationRow
from datasources.budgets.tables import usage_reservations as held
from datasources.scopes import ScopeRow

__all__ = ["add_to_holds", "end_reservations", "expire", "insert_reservation", "reservations"]

_account = bindparam(TENANT, type_=Text())

_EXPIRE = Statement(
    text(
        """
        WITH lapsed AS (
            UPDATE gateway.usage_reservations SET status = 'EXPIRED'
            WHERE account_id = :caller_account AND status = 'HELD'
                AND expires_at <= statement_timestamp()
            RETURNING chain, credits, overflow_credits
        ), freed AS (
            SELECT id, sum(credits) AS credits, sum(overflow_credits) AS overflow
            FROM lapsed, unnest(chain) AS of(id) GROUP BY id
        )
        UPDATE gateway.budget_details d
        SET reserved = d.reserved - f.credits,
            reserved_overflow = d.reserved_overflow - f.overflow
        FROM freed f WHERE d.budget_id = f.id AND d.account_id = :caller_account
        """
    ).bindparams(_account)
)


async def expire(database: Database, caller: Caller) -> None:
    """Give back what reservations of the account hold that nobody settled in time."""
    await database.execute(_EXPIRE, **tenant_values(caller))


_HOLD = Statement(
    text(
        """
        INSERT INTO gateway.budget_details AS d (budget_id, account_id, reserved, reserved_overflow)
        SELECT b.id, b.account_id, c.credits, c.overflow
        FROM unnest(CAST(:ids AS uuid[]), CAST(:credits AS bigint[]), CAST(:overflow AS bigint[]))
            AS c(id, credits, overflow)
        JOIN copilot.credit_budget b ON b.id = c.id AND b.account_id = :caller_account
        ON CONFLICT (budget_id) DO UPDATE SET reserved = d.reserved + excluded.reserved,
            reserved_overflow = d.reserved_overflow + excluded.reserved_overflow
        """
    ).bindparams(_account, bindparam("ids"), bindparam("credits"), bindparam("overflow"))
)
_FREE = Statement(
    text(
        """
        UPDATE gateway.budget_details d SET reserved = d.reserved + c.credits,
            reserved_overflow = d.reserved_overflow + c.overflow
        FROM unnest(CAST(:ids AS uuid[]), CAST(:credits AS bigint[]), CAST(:overflow AS bigint[]))
            AS c(id, credits, overflow)
        WHERE d.budget_id = c.id AND d.account_id = :caller_account
        """
    ).bindparams(_account, bindparam("ids"), bindparam("credits"), bindparam("overflow"))
)


async def add_to_holds(
    database: Database, caller: Caller, changes: Mapping[str, tuple[int, int]]
) -> None:
    """Add to what budgets hold within and beyond their limits, or take from it; by id."""
    if not changes:
        return
    # PostgreSQL checks a row to be inserted before it finds the conflict: what frees only updates.
    is_freeing = all(credits <= 0 and overflow <= 0 for credits, overflow in changes.values())
    await database.execute(
        _FREE if is_freeing else _HOLD,
        ids=list(changes),
        credits=[credits for credits, _ in changes.values()],
        overflow=[overflow for _, overflow in changes.values()],
        **tenant_values(caller),
    )


_FIND = Statement(
    select(*[held.c[name] for name in ReservationRow._fields]).where(
        in_account(held), held.c.id == any_(bindparam("ids", type_=ARRAY(held.c.id.type)))
    )
)


async def reservations(
    database: Database, caller: Caller, ids: Iterable[str]
) -> dict[str, ReservationRow]:
    """Reservations of the account, by id; to be read after `expire`."""
    wanted = [id for id in ids if is_uuid(id)]
    if not wanted:
        return {}
    records = await database.fetch(_FIND, ids=wanted, **tenant_values(caller))
    return {record[0]: ReservationRow._make(record) for record in records}


_END = Statement(
    text(
        "UPDATE gateway.usage_reservations SET status = :status"
        " WHERE account_id = :caller_account AND id = ANY(CAST(:ids AS uuid[]))"
    ).bindparams(_account, bindparam("status", type_=Text()), bindparam("ids"))
)


async def end_reservations(
    database: Database, caller: Caller, ids: Sequence[str], status: str
) -> None:
    """Let reservations be settled, or released."""
    if ids:
        await database.execute(_END, ids=list(ids), status=status, **tenant_values(caller))


_NEW = (
    "id",
    "account_id",
    "budget_id",
    "chain",
    "scope_type",
    "scope_id",
    "credits",
    "overflow_credits",
    "expires_at",
    "created_by",
)
_INSERT = Statement(
    insert(held)
    .values({name: bindparam(name, type_=held.c[name].type) for name in _NEW})
    .returning(*[held.c[name] for name in ReservationRow._fields])
)


async def insert_reservation(
    database: Database,
    caller: Caller,
    scope: ScopeRow,
    *,
    id: str,
    chain: Sequence[str],
    credits: int,
    overflow: int,
    expires_at: datetime,
) -> ReservationRow:
    """Remember what is held in a chain of budgets, nearest first."""
    record = await database.fetchrow(
        _INSERT,
        id=id,
        account_id=caller.account_id,
        budget_id=chain[0],
        chain=list(chain),
        scope_type=scope.type,
        scope_id=scope.id,
        credits=credits,
        overflow_credits=overflow,
        expires_at=expires_at,
        created_by=caller.id,
    )
    return ReservationRow._make(record or ())


_ACCOUNTS = Statement(
    select(held.c.account_id)
    .where(
        held.c.status == "HELD",
        held.c.expires_at <= bindparam("now", type_=DateTime(timezone=True)),
    )
    .group_by(held.c.account_id)
)


async def accounts_with_lapsed(database: Database, now: datetime) -> list[str]:
    """Accounts with reservations that nobody settled in time."""
    return [record[0] for record in await database.fetch(_ACCOUNTS, now=now)]

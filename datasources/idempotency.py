"""Keys of mutations that must not happen twice, one row a key in `gateway.idempotency_keys`."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from datasources.base import Database, Statement
from datasources.tables import idempotency_keys as keys

__all__ = ["Claim", "claim", "keep"]

PLATFORM = ""
"""Stands for the account of mutations that act in none."""


class Claim(NamedTuple):
    """What is stored under a key that was used before."""

    input_digest: str
    response: Any


_CLAIM = Statement(
    insert(keys)
    .values(
        {
            name: bindparam(name, type_=Text())
            for name in ("account_id", "operation", "key", "input_digest")
        }
    )
    .on_conflict_do_nothing()
)

_HERE = (
    (keys.c.account_id == bindparam("in_account", type_=Text()))
    & (keys.c.operation == bindparam("in_operation", type_=Text()))
    & (keys.c.key == bindparam("with_key", type_=Text()))
)

_EARLIER = Statement(select(keys.c.input_digest, keys.c.response).where(_HERE))

_KEEP = Statement(update(keys).where(_HERE).values(response=bindparam("kept", type_=JSONB())))


async def claim(
    database: Database, account_id: str | None, operation: str, key: str, input_digest: str
) -> Claim | None:
    """Take a key in this transaction; what was stored under it when it is taken already.

    A concurrent holder of the same key is waited for: its transaction decides.
    """
    account = account_id or PLATFORM
    taken = await database.execute(
        _CLAIM, account_id=account, operation=operation, key=key, input_digest=input_digest
    )
    if taken:
        return None
    record = await database.fetchrow(
        _EARLIER, in_account=account, in_operation=operation, with_key=key
    )
    return None if record is None else Claim(record[0], record[1])


async def keep(
    database: Database, account_id: str | None, operation: str, key: str, response: Any
) -> None:
    """Store the answer under a key taken in this transaction."""
    await database.execute(
        _KEEP,
        in_account=account_id or PLATFORM,
        in_operation=operation,
        with_key=key,
        kept=response,
    )

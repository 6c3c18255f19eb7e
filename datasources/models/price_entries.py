"""Writing prices: each ends, at the latest, where the next one of the same resource begins."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Integer,
    Text,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, tenant_values
from datasources.models.tables import resource_prices

__all__ = ["NewPrice", "end_price_before", "insert_price", "lock_prices", "next_start"]


class NewPrice(NamedTuple):
    """A price of the caller's account, or of every account where the caller is bound to none."""

    resource_type: str
    unit: str
    price: Decimal
    currency: str
    description: str | None
    effective_from: datetime
    effective_to: datetime | None


_of = resource_prices.c
_account = bindparam(TENANT, type_=Text())
_start = bindparam("effective_from", type_=DateTime(timezone=True))
_KEY: ColumnElement[int] = literal_column(
    "hashtextextended('cockpit resource prices', 0)", Integer()
)
_LOCK = Statement(select(func.pg_advisory_xact_lock(_KEY)))
_same = (
    _of.account_id.is_not_distinct_from(_account)
    & (_of.resource_type == bindparam("resource_type", type_=Text()))
    & (_of.unit == bindparam("unit", type_=Text()))
)
_NEXT = Statement(select(func.min(_of.effective_from)).where(_same, _of.effective_from >= _start))
_END = Statement(
    update(resource_prices)
    .where(_same, _of.effective_from < _start)
    .where(or_(_of.effective_to.is_(None), _of.effective_to > _start))
    .values(effective_to=_start)
)
_INSERT = Statement(
    insert(resource_prices)
    .values(
        {name: bindparam(name, type_=_of[name].type) for name in NewPrice._fields}
        | {"account_id": _account, "created_by": bindparam("author", type_=Text())}
    )
    .returning(_of.id)
)


async def lock_prices(database: Database) -> None:
    """Let one transaction at a time add prices."""
    await database.fetch(_LOCK)


def _thing(caller: Caller, price: NewPrice) -> dict[str, object]:
    return {
        "resource_type": price.resource_type,
        "unit": price.unit,
        "effective_from": price.effective_from,
        **tenant_values(caller),
    }


async def next_start(database: Database, caller: Caller, price: NewPrice) -> datetime | None:
    """When the first price of the same resource begins that begins with this one or later."""
    record = await database.fetchrow(_NEXT, **_thing(caller, price))
    return None if record is None else record[0]


async def end_price_before(database: Database, caller: Caller, price: NewPrice) -> bool:
    """End the price that applies when this one begins; whether there was one."""
    return bool(await database.execute(_END, **_thing(caller, price)))


async def insert_price(database: Database, caller: Caller, price: NewPrice) -> str:
    """Store a price; its id."""
    values = price._asdict() | tenant_values(caller)
    record = await database.fetchrow(_INSERT, **values, author=caller.id)
    if record is None:
        raise LookupError("An insert answers its row.")
    return str(record[0])

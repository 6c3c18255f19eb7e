"""Booking usage: the ledger's lines, the counters of the budgets charged, and the sums kept."""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, column, func, select, text, true
from sqlalchemy.dialects.postgresql import ARRAY, insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.budgets.rows import EntryRow
from datasources.budgets.tables import (
    COUNTED,
    DIMENSIONS,
    usage_by_day,
    usage_by_dimension,
    usage_ledger,
)
from datasources.recordsets import given, rows_of

__all__ = [
    "Keyed",
    "Line",
    "add_lines",
    "add_to_counters",
    "credit_factor",
    "lines_by_key",
    "refunded",
]


class Line(NamedTuple):
    """A line to be written, with the key that names its event."""

    entry: EntryRow
    key: str | None
    digest: str | None


class Keyed(NamedTuple):
    """A line written before under a key."""

    entry: EntryRow
    digest: str


_LINE = ("idempotency_key", "input_digest", *EntryRow._fields)


def _by_key() -> Statement:
    """Look for key by key.

    PERF: bench/usage; asked for five hundred keys at once, PostgreSQL reads all of the account's
    lines, however many there are.
    """
    keys = func.unnest(bindparam("keys", type_=ARRAY(Text())))
    given = keys.table_valued(column("key", Text())).render_derived(name="given")
    found = (
        select(*[usage_ledger.c[name] for name in _LINE])
        .where(in_account(usage_ledger), usage_ledger.c.idempotency_key == given.c.key)
        .limit(1)
        .lateral("found")
    )
    return Statement(select(*found.c).select_from(given.join(found, true())))


_BY_KEY = _by_key()


async def lines_by_key(database: Database, caller: Caller, keys: Sequence[str]) -> dict[str, Keyed]:
    """Lines of the account that were written under these keys."""
    records = await database.fetch(_BY_KEY, keys=list(keys), **tenant_values(caller))
    return {record[0]: Keyed(EntryRow._make(record[2:]), record[1]) for record in records}


_FACTOR = Statement(
    text(
        "SELECT credit_factor FROM gateway.account_allocations"
        " WHERE account_id = :caller_account AND effective_from_at <= statement_timestamp()"
        " ORDER BY effective_from_at DESC LIMIT 1"
    ).bindparams(bindparam(TENANT, type_=Text()))
)


async def credit_factor(database: Database, caller: Caller) -> Decimal:
    """Credits per unit of cost, as the account's allocation in effect says; 1 without one."""
    record = await database.fetchrow(_FACTOR, **tenant_values(caller))
    return Decimal(1) if record is None else Decimal(record[0])


_COUNT = Statement(
    text(
        """
        UPDATE copilot.credit_budget b
        SET used = b.used + c.credits, overflow_used = b.overflow_used + c.overflow,
            updated_at = statement_timestamp()
        FROM unnest(CAST(:ids AS uuid[]), CAST(:credits AS int[]), CAST(:overflow AS int[]))
            AS c(id, credits, overflow)
        WHERE b.id = c.id AND b.account_id = :caller_account
        """
    ).bindparams(
        bindparam(TENANT, type_=Text()),
        bindparam("ids"),
        bindparam("credits"),
        bindparam("overflow"),
    )
)


async def add_to_counters(
    database: Database, caller: Caller, changes: Mapping[str, tuple[int, int]]
) -> None:
    """Add to what budgets have used within and beyond their limits; by id."""
    if changes:
        await database.execute(
            _COUNT,
            ids=list(changes),
            credits=[credits for credits, _ in changes.values()],
            overflow=[overflow for _, overflow in changes.values()],
            **tenant_values(caller),
        )


_ADD_LINES = Statement(insert(usage_ledger).from_select(list(_LINE), rows_of(usage_ledger, _LINE)))


def _upsert(table: Any, names: Sequence[str], keys: Sequence[str]) -> Statement:
    add = insert(table).from_select(list(names), rows_of(table, names))
    summed = {name: table.c[name] + add.excluded[name] for name in COUNTED}
    return Statement(add.on_conflict_do_update(index_elements=list(keys), set_=summed))


_DAY = ("account_id", "day", "digest", "chain", "kind", *DIMENSIONS.values(), "currency", *COUNTED)
_ADD_DAYS = _upsert(usage_by_day, _DAY, ("account_id", "day", "digest"))
_DIMENSION = ("account_id", "dimension", "day", "value", "currency", *COUNTED)
_ADD_DIMENSIONS = _upsert(
    usage_by_dimension, _DIMENSION, ("account_id", "dimension", "day", "value", "currency")
)


async def add_lines(database: Database, lines: Sequence[Line]) -> None:
    """Write lines to the ledger, and add them to the sums by day and by dimension."""
    if not lines:
        return
    rows = [(line.key, line.digest, *line.entry) for line in lines]
    await database.execute(_ADD_LINES, **given(_LINE, rows))
    days, dimensions = _sums(line.entry for line in lines)
    await database.execute(_ADD_DAYS, **given(_DAY, days))
    await database.execute(_ADD_DIMENSIONS, **given(_DIMENSION, dimensions))


def _sums(
    entries: Iterable[EntryRow],
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """What the lines add up to, by day with everything they say, and by dimension."""
    days: dict[tuple[Any, ...], list[Any]] = {}
    dimensions: dict[tuple[Any, ...], list[Any]] = {}
    for entry in entries:
        day = entry.occurred_at.astimezone(UTC).date()
        placed = (entry.account_id, day, tuple(entry.chain), entry.kind)
        _add(days, (*placed, *_said(entry), entry.currency or ""), _counted(entry))
    for (account_id, day, _, _, *said, currency), counted in days.items():
        for dimension, value in zip(DIMENSIONS, said, strict=True):
            _add(dimensions, (account_id, dimension, day, value or "", currency), counted)
    return (
        [_day_row(key, counted) for key, counted in days.items()],
        [(*key, *counted) for key, counted in sorted(dimensions.items())],
    )


_said = operator.attrgetter(*DIMENSIONS.values())


def _counted(entry: EntryRow) -> list[Any]:
    sign = -1 if entry.kind == "REFUND" else 1
    return [
        sign * entry.credits,
        sign * entry.overflow_credits,
        sign * (entry.cost or Decimal(0)),
        int(entry.cost is not None),
        1,
        entry.prompt_tokens or 0,
        entry.completion_tokens or 0,
    ]


def _add(sums: dict[tuple[Any, ...], list[Any]], key: tuple[Any, ...], counted: list[Any]) -> None:
    known = sums.get(key)
    sums[key] = counted if known is None else list(map(operator.add, known, counted))


def _day_row(key: tuple[Any, ...], counted: list[Any]) -> tuple[Any, ...]:
    account_id, day, *said = key
    digest = hashlib.blake2b(repr(said).encode(), digest_size=12).hexdigest()
    return (account_id, day, digest, *said, *counted)


_REFUNDED = Statement(
    select(
        func.coalesce(func.sum(usage_ledger.c.credits), 0),
        func.coalesce(func.sum(usage_ledger.c.overflow_credits), 0),
        func.coalesce(func.sum(usage_ledger.c.cost), 0),
    ).where(
        in_account(usage_ledger),
        usage_ledger.c.refund_of == bindparam("entry_id", type_=usage_ledger.c.id.type),
    )
)


async def refunded(database: Database, caller: Caller, entry_id: str) -> tuple[int, int, Decimal]:
    """What was given back of a charge so far: credits, overflow and cost."""
    record = await database.fetchrow(_REFUNDED, entry_id=entry_id, **tenant_values(caller))
    if record is None:
        return 0, 0, Decimal(0)
    return int(record[0]), int(record[1]), Decimal(record[2])

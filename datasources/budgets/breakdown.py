"""Usage added up by one or two dimensions, from sums kept beside the ledger.

Three sources answer, each in one statement: the sums of one dimension, the sums of all dimensions
together, and, for what neither knows (a conversation, part of a day), the ledger itself.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Numeric,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy import cast as sql_cast

from auth.caller import Caller
from datasources.base import Database, Statement, is_uuid, owned, tenant_values
from datasources.budgets import ledger
from datasources.budgets.tables import (
    COUNTED,
    DIMENSIONS,
    usage_by_day,
    usage_by_dimension,
    usage_ledger,
)
from datasources.conditions import Condition, any_of, matching
from datasources.expressions import word
from datasources.keys import parents_of

__all__ = ["Breakdown", "BreakdownKey", "Part", "Sums", "Usage"]


class Sums(NamedTuple):
    """Sums over ledger entries, refunds deducted."""

    credits: int = 0
    overflow_credits: int = 0
    cost: Decimal = Decimal(0)
    costed_count: int = 0
    entry_count: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def without(self, others: Sequence[Sums]) -> Sums:
        """What is left of these sums."""
        return Sums(*[whole - sum(parts) for whole, *parts in zip(self, *others, strict=True)])

    @property
    def total(self) -> int:
        """All credits."""
        return self.credits + self.overflow_credits


class Part(NamedTuple):
    """One part of usage; a value of None was not reported."""

    values: tuple[str | None, ...]
    sums: Sums


class Usage(NamedTuple):
    """What was used in all, and the largest parts of it."""

    sums: Sums
    parts: list[Part]


class BreakdownKey(NamedTuple):
    """Whose usage, and when: `account_id` '' for all accounts, `budget_id` '' for any budget."""

    account_id: str
    budget_id: str
    from_at: datetime
    to_at: datetime

    @property
    def is_whole_days(self) -> bool:
        """Whether the span begins and ends with a day."""
        return all(at.astimezone(UTC).time() == time() for at in (self.from_at, self.to_at))


class _Source(NamedTuple):
    table: FromClause
    columns: Mapping[str, ColumnElement[Any]]
    """By dimension."""
    sums: Sequence[ColumnElement[Any]]
    is_in_span: ColumnElement[bool]
    conditions: Mapping[str, Condition]


_span_from = literal_column("parent.k2", DateTime(timezone=True))
_span_to = literal_column("parent.k3", DateTime(timezone=True))


def _day_of(moment: ColumnElement[Any]) -> ColumnElement[Any]:
    return sql_cast(func.timezone(word("UTC"), moment), Date)


def _added(table: FromClause) -> list[ColumnElement[Any]]:
    return [func.sum(table.c[name]) for name in COUNTED]


def _in_days(table: FromClause) -> ColumnElement[bool]:
    day: ColumnElement[date] = table.c.day
    return and_(day >= _day_of(_span_from), day < _day_of(_span_to))


def _of_dimension(dimension: str) -> _Source:
    table = usage_by_dimension
    value = func.nullif(table.c.value, word(""), type_=Text())
    columns: dict[str, ColumnElement[Any]] = {"DAY": table.c.day, "ACCOUNT": table.c.account_id}
    columns[dimension] = value if dimension in DIMENSIONS else columns[dimension]
    stored = dimension if dimension in DIMENSIONS else "OUTCOME"
    in_span = and_(table.c.dimension == word(stored), _in_days(table))
    return _Source(table, columns, _added(table), in_span, {})


def _of_days() -> _Source:
    table = usage_by_day
    columns = {name: table.c[column] for name, column in DIMENSIONS.items()}
    columns |= {"DAY": table.c.day, "ACCOUNT": table.c.account_id}
    levels = [table.c.account_id, table.c.group_id, table.c.team_id, table.c.user_id]
    conditions = {
        "scope_id": matching(Text(), lambda id: or_(*[level == id for level in levels])),
        "budget_id": matching(usage_ledger.c.id.type, lambda id: id == any_(table.c.chain)),
        "kinds": any_of(table.c.kind),
        "outcomes": any_of(table.c.outcome),
        "user_ids": any_of(table.c.user_id),
        "agent_ids": any_of(table.c.agent_id),
        "model_names": any_of(table.c.model_name),
        "connector_ids": any_of(table.c.connector_id),
        "guards": any_of(table.c.guard),
        "tools": any_of(table.c.tool),
        "workspace_ids": any_of(table.c.workspace_id),
    }
    return _Source(table, columns, _added(table), _in_days(table), conditions)


def _of_ledger() -> _Source:
    table = usage_ledger
    columns: dict[str, ColumnElement[Any]] = {
        name: table.c[column] for name, column in DIMENSIONS.items()
    }
    columns |= {"DAY": _day_of(table.c.occurred_at), "ACCOUNT": table.c.account_id}
    sign = case((table.c.kind == word("REFUND"), literal_column("-1")), else_=literal_column("1"))
    signed = [
        func.sum(sign * func.coalesce(table.c[name], literal_column("0")))
        for name in ("credits", "overflow_credits", "cost")
    ]
    counts = [func.count(table.c.cost), func.count()]
    tokens = [
        func.coalesce(func.sum(table.c[name]), literal_column("0"))
        for name in ("prompt_tokens", "completion_tokens")
    ]
    occurred: ColumnElement[Any] = table.c.occurred_at
    in_span = and_(occurred >= _span_from, occurred < _span_to)
    return _Source(table, columns, [*signed, *counts, *tokens], in_span, ledger.CONDITIONS)


_DAYS, _LEDGER = _of_days(), _of_ledger()
_BY_DIMENSION = {name: _of_dimension(name) for name in (*DIMENSIONS, "DAY", "ACCOUNT")}
_SUM_TYPES = [Numeric() if name == "cost" else BigInteger() for name in COUNTED]

_statements: dict[Hashable, Statement] = {}


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A batch read of usage by one or two dimensions; its keys are `BreakdownKey`s.

    Sorted by size, or by day where a day comes first.
    """

    by: tuple[str, ...]
    first: int
    filters: tuple[tuple[str, Hashable], ...] = ()

    async def __call__(
        self, database: Database, caller: Caller, keys: Sequence[BreakdownKey]
    ) -> list[Usage]:
        """Read the usage of these keys, in the order of the keys."""
        found = [Usage(Sums(), []) for _ in keys]
        if not caller.spans_accounts and caller.account_id is None:
            return found
        records = await database.fetch(
            self._statement(caller, keys), **self._values(keys), **tenant_values(caller)
        )
        width, count = len(self.by), len(COUNTED)
        for record in records:
            usage = found[record[0] - 1]
            values = tuple(None if value is None else str(value) for value in record[1 : 1 + width])
            sums = Sums(*record[1 + width : 1 + width + count])
            usage.parts.append(Part(values, sums))
            found[record[0] - 1] = usage._replace(sums=Sums(*record[1 + width + count :]))
        if self.first == 0:
            return [usage._replace(parts=[]) for usage in found]
        return found

    def _values(self, keys: Sequence[BreakdownKey]) -> dict[str, Any]:
        values: dict[str, Any] = {
            "keys_0": [key.account_id for key in keys],
            "keys_1": [key.budget_id if is_uuid(key.budget_id) else None for key in keys],
            "keys_2": [key.from_at for key in keys],
            "keys_3": [key.to_at for key in keys],
            "first": max(self.first, 1),
        }
        for name, value in self.filters:
            values[f"where_{name}"] = ledger.CONDITIONS[name].prepare(value)
        return values

    def _source(self, keys: Sequence[BreakdownKey]) -> _Source:
        named = [dimension for dimension in self.by if dimension not in {"DAY", "ACCOUNT"}]
        is_whole_days = all(key.is_whole_days for key in keys)
        if not is_whole_days or {name for name, _ in self.filters} - _DAYS.conditions.keys():
            return _LEDGER
        if self.filters or len(named) > 1 or any(key.budget_id for key in keys):
            return _DAYS
        return _BY_DIMENSION[(named or list(self.by))[0]]

    def _statement(self, caller: Caller, keys: Sequence[BreakdownKey]) -> Statement:
        source = self._source(keys)
        names = frozenset(name for name, _ in self.filters)
        has_budget = any(key.budget_id for key in keys)
        is_platform = any(not key.account_id for key in keys)
        shape = (id(source), self.by, names, has_budget, is_platform, caller.spans_accounts)
        statement = _statements.get(shape)
        if statement is None:
            query = self._select(
                source, caller, names, has_budget=has_budget, is_platform=is_platform
            )
            statement = _statements[shape] = Statement(query)
        return statement

    def _select(
        self,
        source: _Source,
        caller: Caller,
        names: frozenset[str],
        *,
        has_budget: bool,
        is_platform: bool,
    ) -> Select[Any]:
        parent = parents_of(
            [Text(), usage_ledger.c.id.type, DateTime(timezone=True), DateTime(timezone=True)]
        ).render_derived(name="parent")
        conditions = [source.conditions[name].predicate(f"where_{name}") for name in sorted(names)]
        if not is_platform:
            conditions.append(source.table.c.account_id == literal_column("parent.k0", Text()))
        if has_budget:
            budget = literal_column("parent.k1", usage_ledger.c.id.type)
            conditions.append(budget == any_(source.table.c.chain))
        grouped = [source.columns[name].label(f"d{i}") for i, name in enumerate(self.by)]
        parts = (
            select(
                *grouped,
                *[
                    sql_cast(total, type_).label(name)
                    for total, type_, name in zip(source.sums, _SUM_TYPES, COUNTED, strict=True)
                ],
            )
            .where(owned(source.table, caller), source.is_in_span, *conditions)
            .group_by(*[source.columns[name] for name in self.by])
            .subquery("parts")
        )
        return self._largest(parent, parts)

    def _largest(self, parent: Any, parts: Any) -> Select[Any]:
        """The first parts of each parent, with the sums over all of them beside each."""
        values = [parts.c[f"d{i}"] for i in range(len(self.by))]
        totals = [
            sql_cast(func.sum(parts.c[name]).over(), type_).label(f"all_{name}")
            for name, type_ in zip(COUNTED, _SUM_TYPES, strict=True)
        ]
        size = (parts.c.credits + parts.c.overflow_credits).desc()
        order = [*values] if self.by[0] == "DAY" else [size, *values]
        page = (
            select(*parts.c, *totals)
            .order_by(*order)
            .limit(bindparam("first", type_=Integer()))
            .lateral("page")
        )
        directed = (
            [page.c.d0]
            if self.by[0] == "DAY"
            else [(page.c.credits + page.c.overflow_credits).desc()]
        )
        return (
            select(parent.c.ordinal, *page.c)
            .select_from(parent.join(page, true()))
            .order_by(parent.c.ordinal, *directed, *[page.c[f"d{i}"] for i in range(len(values))])
        )

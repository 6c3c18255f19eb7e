"""Limits of an account, and how much of each is taken; whoever creates something asks here."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Numeric,
    Select,
    Table,
    Text,
    bindparam,
    case,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from auth.caller import Caller
from datasources.access_tables import account_limits, identity_keys, router_models
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.documents import unwrapped
from datasources.expressions import word
from datasources.reads import One
from datasources.tables import accounts, teams

__all__ = ["LIMITS", "LimitsRow", "limits_of_accounts", "lock_limits", "set_limits"]

LIMITS = ("max_models", "max_keys", "max_teams", "max_budget")


class LimitsRow(NamedTuple):
    """Limits of an account, None for no limit, and how much of each is taken."""

    account_id: str
    max_models: int | None
    max_keys: int | None
    max_teams: int | None
    max_budget: Decimal | None
    model_count: int
    key_count: int
    team_count: int
    updated_at: datetime | None
    updated_by: str | None


def _limit(name: str) -> ColumnElement[Any]:
    """The stored limit, or the one of the account's document while none was stored.

    In the document anything but a plain number that is not negative limits nothing.
    """
    column = account_limits.c[name]
    document = unwrapped(accounts.c.metadata)
    written = document.op("#>>", return_type=Text())(word(f"{{entitlements,{name}}}"))
    type_ = Numeric() if name == "max_budget" else Integer()
    digits = r"^[0-9]{1,12}(\.[0-9]{1,6})?$" if name == "max_budget" else "^[0-9]{1,9}$"
    legacy = case((written.op("~")(word(digits)), cast(written, type_)))
    return case((account_limits.c.account_id.is_not(None), column), else_=legacy).label(name)


def _taken(table: Table, name: str) -> Any:
    counted = select(func.count()).select_from(table)
    mine = counted.where(table.c.account_id == accounts.c.account_id)
    return mine.correlate(accounts).scalar_subquery().label(name)


def _rows() -> Select[Any]:
    return select(
        accounts.c.account_id,
        *[_limit(name) for name in LIMITS],
        _taken(router_models, "model_count"),
        _taken(identity_keys, "key_count"),
        _taken(teams, "team_count"),
        account_limits.c.updated_at,
        account_limits.c.updated_by,
    ).select_from(
        accounts.outerjoin(account_limits, account_limits.c.account_id == accounts.c.account_id)
    )


limits_of_accounts = One(LimitsRow, _rows(), key="account_id")

_LOCK = Statement(
    select(accounts.c.account_id).where(in_account(accounts)).with_for_update(key_share=True)
)


async def lock_limits(database: Database, caller: Caller) -> None:
    """Let one transaction at a time take what a limit of the account leaves."""
    await database.fetch(_LOCK, **tenant_values(caller))


_values = {name: bindparam(name, type_=account_limits.c[name].type) for name in LIMITS}
_author = bindparam("author", type_=Text())
_SET = Statement(
    insert(account_limits)
    .values(account_id=bindparam(TENANT, type_=Text()), updated_by=_author, **_values)
    .on_conflict_do_update(
        index_elements=["account_id"],
        set_={**_values, "updated_by": _author, "updated_at": func.now()},
    )
)


async def set_limits(database: Database, caller: Caller, values: dict[str, Any]) -> None:
    """Store all limits of the caller's account."""
    await database.execute(_SET, author=caller.id, **values, **tenant_values(caller))

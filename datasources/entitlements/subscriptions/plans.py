"""Plans: reading them by id and as lists, with what they include, and writing them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Numeric,
    Select,
    Text,
    any_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from auth.caller import Caller
from datasources.access_tables import features
from datasources.base import Database, Statement, is_uuid
from datasources.conditions import any_of, contains, matching
from datasources.derived import Value
from datasources.entitlements.subscriptions.tables import plan_features, plans, subscriptions
from datasources.entitlements.subscriptions.validity import is_running
from datasources.feature_catalogue import FeatureRow, feature_rows
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import Many, One

__all__ = [
    "PlanRow",
    "PlanValues",
    "all_plans",
    "features_of_plans",
    "hold_plan",
    "insert_plan",
    "lock_plan",
    "offered_plans",
    "plans_by_id",
    "put_features",
    "subscription_counts",
    "update_plan",
]


class PlanRow(NamedTuple):
    """Something an account can subscribe to."""

    id: str
    code: str
    name: str
    description: str | None
    kind: str
    status: str
    monthly_price: Decimal | None
    yearly_price: Decimal | None
    currency: str
    trial_days: int
    limits: Any
    created_at: datetime
    updated_at: datetime
    created_by: str | None
    updated_by: str | None

    @property
    def account_id(self) -> None:
        """No account's: its authors are the platform's."""
        return

    def price(self, billing_period: str) -> Decimal | None:
        """Price per unit and period; None when it is not sold for that."""
        return self.monthly_price if billing_period == "MONTHLY" else self.yearly_price


_of = plans.c


def _plans() -> Select[Any]:
    return select(
        *[_of[name] for name in PlanRow._fields],
        # What is not sold by the month comes last.
        func.coalesce(
            _of.monthly_price, literal_column("'Infinity'", Numeric()), type_=Numeric()
        ).label("sort_price"),
        func.lower(_of.name, type_=Text()).label("sort_name"),
    )


def _includes(code: Any) -> ColumnElement[bool]:
    return exists().where(plan_features.c.plan_id == _of.id, plan_features.c.feature_code == code)


_LIST: dict[str, Any] = {
    "parent": None,
    "tenant": None,
    "orders": {
        "PRICE": ("sort_price", "sort_name"),
        "NAME": ("sort_name",),
        "CREATED_AT": ("created_at",),
    },
    "default": Sorting("PRICE"),
    "conditions": {
        "search": contains(_of.code, _of.name),
        "kinds": any_of(_of.kind),
        "statuses": any_of(_of.status),
        "feature_code": matching(Text(), _includes),
    },
}

plans_by_id = One(PlanRow, _plans(), tenant=None)
all_plans = Pages(PlanRow, _plans(), **_LIST)
offered_plans = Pages(PlanRow, _plans().where(_of.status == literal_column("'ACTIVE'")), **_LIST)
"""Plans that accounts can subscribe to now."""
features_of_plans = Many(
    FeatureRow,
    feature_rows()
    .add_columns(plan_features.c.plan_id)
    .select_from(features.join(plan_features, plan_features.c.feature_code == features.c.code)),
    key="plan_id",
    order=("display_order", "id"),
    tenant=None,
)
"""What plans include, in the catalogue's order."""


class _Count(NamedTuple):
    total: int


subscription_counts = Value(
    _Count,
    select(subscriptions.c.plan_id, func.count(type_=Integer()).label("total"))
    .where(is_running())
    .group_by(subscriptions.c.plan_id),
    key="plan_id",
    otherwise=0,
    derived=True,
    tenant=None,
)
"""How many subscriptions to plans run."""


# --- writes -------------------------------------------------------------------------------------


class PlanValues(NamedTuple):
    """What may change about a plan, its features apart."""

    name: str
    description: str | None
    status: str
    monthly_price: Decimal | None
    yearly_price: Decimal | None
    currency: str
    trial_days: int
    limits: Mapping[str, Any]


_code, _kind, _author = (bindparam(name, type_=Text()) for name in ("code", "kind", "author"))
_id = bindparam("row_id", type_=_of.id.type)
_given = {name: bindparam(name, type_=_of[name].type) for name in PlanValues._fields}
_INSERT = Statement(
    insert(plans)
    .values(code=_code, kind=_kind, created_by=_author, updated_by=_author, **_given)
    .on_conflict_do_nothing(index_elements=["code"])
    .returning(_of.id)
)
_UPDATE = Statement(
    update(plans).where(_of.id == _id).values(updated_by=_author, updated_at=func.now(), **_given)
)
_LOCK = Statement(select(_of.id).where(_of.id == _id).with_for_update(key_share=True))
_HOLD = Statement(select(_of.id).where(_of.id == _id).with_for_update(read=True))
_codes = bindparam("codes", type_=ARRAY(Text()))
_mine = plan_features.c.plan_id == _id
_DROP = Statement(
    delete(plan_features).where(_mine, ~(plan_features.c.feature_code == any_(_codes)))
)
_includes_already = exists().where(_mine, plan_features.c.feature_code == features.c.code)
_ADD = Statement(
    insert(plan_features).from_select(
        ["plan_id", "feature_code"],
        select(_id, features.c.code).where(features.c.code == any_(_codes), ~_includes_already),
    )
)


async def insert_plan(
    database: Database, caller: Caller, code: str, kind: str, values: PlanValues
) -> str | None:
    """Store a new plan; its id, None when another has the code."""
    author = caller.id
    record = await database.fetchrow(
        _INSERT, code=code, kind=kind, author=author, **values._asdict()
    )
    return None if record is None else str(record[0])


async def update_plan(database: Database, caller: Caller, id: str, values: PlanValues) -> None:
    """Store all of a plan that may change."""
    await database.execute(_UPDATE, author=caller.id, row_id=id, **values._asdict())


async def put_features(database: Database, id: str, codes: Sequence[str]) -> None:
    """Have a plan include these features, which the catalogue has, and no others."""
    await database.execute(_DROP, row_id=id, codes=list(codes))
    await database.execute(_ADD, row_id=id, codes=list(codes))


async def lock_plan(database: Database, id: str) -> None:
    """Let one transaction at a time change a plan, while nobody subscribes to it."""
    if is_uuid(id):
        await database.fetch(_LOCK, row_id=id)


async def hold_plan(database: Database, id: str) -> None:
    """Keep a plan as it is to the end of the transaction."""
    if is_uuid(id):
        await database.fetch(_HOLD, row_id=id)

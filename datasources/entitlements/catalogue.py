"""The feature catalogue as a list, and writing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import (
    Integer,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import JSONPATH

from auth.caller import Caller
from datasources.access_tables import (
    access_overrides,
    entitlements,
    feature_policies,
    features,
    quotas,
)
from datasources.base import Database, Statement
from datasources.conditions import any_of, contains, equals
from datasources.entitlements.subscriptions.tables import plan_features, plans
from datasources.expressions import word
from datasources.feature_catalogue import FeatureRow, feature_rows
from datasources.pages import Pages
from datasources.paging import Sorting

__all__ = [
    "FeaturePlace",
    "FeatureValues",
    "all_features",
    "delete_feature",
    "insert_feature",
    "is_referred_to",
    "update_feature",
]

_SOURCE = feature_rows()
_of = _SOURCE.selected_columns

all_features = Pages(
    FeatureRow,
    _SOURCE,
    parent=None,
    tenant=None,
    orders={"DISPLAY_ORDER": ("display_order",), "CODE": (), "NAME": ("name",)},
    default=Sorting("DISPLAY_ORDER"),
    conditions={
        "search": contains(features.c.code, features.c.name, features.c.description),
        "levels": any_of(features.c.level),
        "parent_code": equals(features.c.parent_code),
        "categories": any_of(features.c.category),
        "is_active": equals(_of["is_active"]),
    },
)
"""Every entry."""


class FeaturePlace(NamedTuple):
    """Where an entry stands, for good."""

    code: str
    level: str
    parent_code: str | None


class FeatureValues(NamedTuple):
    """What may change about an entry."""

    name: str
    description: str | None
    category: str | None
    is_enabled_by_default: bool
    default_config: Mapping[str, Any]
    plan_config: Mapping[str, Any] | None
    display_order: int
    is_active: bool


_code, _author = bindparam("code", type_=Text()), bindparam("author", type_=Text())
_given = {name: bindparam(name, type_=features.c[name].type) for name in FeatureValues._fields}
_INSERT = Statement(
    insert(features).values(
        code=_code,
        level=bindparam("level", type_=Text()),
        parent_code=bindparam("parent_code", type_=Text()),
        created_by=_author,
        updated_by=_author,
        **_given,
    )
)
_UPDATE = Statement(
    update(features)
    .where(features.c.code == _code)
    .values(updated_by=_author, updated_at=func.now(), **_given)
)
_DELETE = Statement(delete(features).where(features.c.code == _code))

_one = literal_column("1", Integer())
_REFERENCES = [
    select(_one).where(table.c.feature_code == _code)
    for table in (entitlements, quotas, access_overrides, plan_features)
]
_in_limits = func.jsonb_path_exists(
    plans.c.limits,
    cast(word("$.*.featureCode ? (@ == $code)"), JSONPATH),
    func.jsonb_build_object(word("code"), _code),
)
_PLANS = select(_one).where(_in_limits)
_BELOW = select(_one).where(features.c.parent_code == _code)
_POLICIES = select(_one).where(feature_policies.c.flags.op("?")(_code))
_IS_REFERRED_TO = Statement(union_all(_BELOW, *_REFERENCES, _POLICIES, _PLANS).limit(_one))


async def insert_feature(
    database: Database, caller: Caller, place: FeaturePlace, values: FeatureValues
) -> None:
    """Add an entry, whose code is free."""
    await database.execute(_INSERT, author=caller.id, **place._asdict(), **values._asdict())


async def update_feature(
    database: Database, caller: Caller, code: str, values: FeatureValues
) -> None:
    """Store all of an entry."""
    await database.execute(_UPDATE, author=caller.id, code=code, **values._asdict())


async def delete_feature(database: Database, code: str) -> None:
    """Remove an entry that nothing refers to."""
    await database.execute(_DELETE, code=code)


async def is_referred_to(database: Database, code: str) -> bool:
    """Whether an entry below, or anything of any account, refers to an entry."""
    return await database.fetchrow(_IS_REFERRED_TO, code=code) is not None

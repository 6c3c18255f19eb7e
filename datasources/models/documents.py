"""The lists of models in an account's document, which other services of the cockpit read.

They are written in place: whatever else the document holds is not touched.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, case, cast, func, or_, select
from sqlalchemy import update as sql_update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by

from auth.caller import Caller
from datasources.base import Database, Statement, in_account, tenant_values
from datasources.documents import is_kind
from datasources.entitlement_documents import with_entitlements, written
from datasources.expressions import word
from datasources.tables import accounts

__all__ = ["mirror_list", "rename_in_documents"]

_KEYS = {
    "GRANT": ("copilot_model_super_allowlist",),
    "SELECTION": ("copilot_model_tenant_allowlist", "copilot_model_allowlist"),
}
"""Where each layer is written: the last key is one that services of an older kind read."""


_names = func.to_jsonb(bindparam("names", type_=ARRAY(Text())))
_MIRROR = {
    layer: Statement(
        sql_update(accounts)
        .where(in_account(accounts))
        .values(
            with_entitlements(
                func.jsonb_build_object(*[x for key in keys for x in (word(key), _names)])
            )
        )
    )
    for layer, keys in _KEYS.items()
}


async def mirror_list(database: Database, caller: Caller, layer: str, names: list[str]) -> None:
    """Show one layer of the caller's account to whoever reads its document."""
    await database.execute(_MIRROR[layer], names=names, **tenant_values(caller))


_old, _new = bindparam("old", type_=Text()), bindparam("new", type_=Text())


def _names_old(key: str) -> ColumnElement[bool]:
    value = written(key)
    return is_kind(value, "array") & value.op("?")(_old)


def _renamed(key: str) -> ColumnElement[Any]:
    """The list with the new name where it has the old one; NULL where it does not."""
    item = (
        func.jsonb_array_elements(written(key))
        .table_valued("value", with_ordinality="ordinal", name=f"item_{key}")
        .render_derived()
    )
    value = cast(item.c.value, JSONB)
    replaced = case((value == func.to_jsonb(_old), func.to_jsonb(_new)), else_=value)
    ordered = func.jsonb_agg(aggregate_order_by(replaced, item.c.ordinal))
    return case((_names_old(key), select(ordered).correlate(accounts).scalar_subquery()))


_every_key = [key for keys in _KEYS.values() for key in keys]
_patch = func.jsonb_build_object(*[x for key in _every_key for x in (word(key), _renamed(key))])
_RENAME = Statement(
    sql_update(accounts)
    .where(or_(*[_names_old(key) for key in _every_key]))
    .values(with_entitlements(func.jsonb_strip_nulls(_patch)))
)


async def rename_in_documents(database: Database, old: str, new: str) -> int:
    """Carry a model's new name into the documents of all accounts; how many named it."""
    return await database.execute(_RENAME, old=old, new=new)

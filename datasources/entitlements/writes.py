"""Writing entitlements of accounts, and feature policies of the caller's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Text, any_, bindparam, delete, func, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from auth.caller import Caller
from datasources.access_tables import entitlements, feature_policies
from datasources.base import TENANT, Database, Statement, in_account, is_uuid, tenant_values
from datasources.recordsets import given, rows_of
from datasources.scopes import ScopeRow
from datasources.tables import accounts

__all__ = [
    "NewEntitlement",
    "delete_entitlement",
    "delete_feature_policy",
    "lock_entitlements",
    "put_entitlements",
    "put_feature_policy",
]


class NewEntitlement(NamedTuple):
    """An entitlement to store; found again by account, feature, source and subscription."""

    account_id: str
    feature_code: str
    source: str
    subscription_id: str | None
    is_enabled: bool
    config: Mapping[str, Any]
    valid_from: datetime | None
    """None for now."""
    valid_until: datetime | None


def _text(name: str) -> Any:
    return bindparam(name, type_=Text())


_here, _author = _text(TENANT), _text("author")
_given = rows_of(entitlements, NewEntitlement._fields).subquery("new")
_INSERT_ENTITLEMENTS = insert(entitlements).from_select(
    [*NewEntitlement._fields, "created_by", "updated_by"],
    # In one order, so that two of these never wait for each other.
    select(
        *[
            func.coalesce(column, func.now()) if column.name == "valid_from" else column
            for column in _given.c
        ],
        _author,
        _author,
    ).order_by(
        _given.c.account_id, _given.c.feature_code, _given.c.source, _given.c.subscription_id
    ),
)
_new = _INSERT_ENTITLEMENTS.excluded
_PUT_ENTITLEMENTS = Statement(
    _INSERT_ENTITLEMENTS.on_conflict_do_update(
        index_elements=[
            entitlements.c.account_id,
            entitlements.c.feature_code,
            entitlements.c.source,
            func.coalesce(entitlements.c.subscription_id, literal_column("''")),
        ],
        set_={
            "is_enabled": _new.is_enabled,
            "config": _new.config,
            "valid_from": _new.valid_from,
            "valid_until": _new.valid_until,
            "updated_by": _author,
            "updated_at": func.now(),
        },
    )
)
_LOCK = Statement(
    select(accounts.c.account_id)
    .where(accounts.c.account_id == any_(bindparam("ids", type_=ARRAY(Text()))))
    .order_by(accounts.c.account_id)
    .with_for_update(key_share=True)
)
_id = bindparam("row_id", type_=entitlements.c.id.type)
_DELETE_ENTITLEMENT = Statement(
    delete(entitlements).where(in_account(entitlements), entitlements.c.id == _id)
)


async def lock_entitlements(database: Database, caller: Caller, account_ids: Sequence[str]) -> None:
    """Let one transaction at a time change what these accounts are entitled to."""
    await database.fetch(_LOCK, ids=list(filter(caller.reaches, account_ids)))


async def put_entitlements(
    database: Database, caller: Caller, new: Sequence[NewEntitlement]
) -> None:
    """Store entitlements, replacing those of the same accounts, features, sources, subscriptions.

    Raises `LookupError` for an account out of the caller's reach.
    """
    if not all(caller.reaches(one.account_id) for one in new):
        raise LookupError("An entitlement is stored for an account the caller reaches.")
    if new:
        rows = given(NewEntitlement._fields, new)
        await database.execute(_PUT_ENTITLEMENTS, author=caller.id, **rows)


async def delete_entitlement(database: Database, caller: Caller, id: str) -> bool:
    """Remove an entitlement; whether there was one."""
    if not is_uuid(id):
        return False
    return bool(await database.execute(_DELETE_ENTITLEMENT, row_id=id, **tenant_values(caller)))


# --- feature policies ---------------------------------------------------------------------------

_flags = bindparam("flags", type_=JSONB())
_PUT_POLICY = Statement(
    insert(feature_policies)
    .values(
        account_id=_here,
        scope_type=func.lower(_text("scope_type")),
        scope_id=_text("scope_id"),
        flags=_flags,
        notes=_text("notes"),
        created_by=_author,
        updated_by=_author,
    )
    .on_conflict_do_update(
        index_elements=["account_id", "scope_type", "scope_id"],
        set_={
            "flags": _flags,
            "notes": _text("notes"),
            "updated_by": _author,
            "updated_at": func.now(),
        },
    )
)
_DELETE_POLICY = Statement(
    delete(feature_policies).where(in_account(feature_policies), feature_policies.c.id == _id)
)


async def put_feature_policy(
    database: Database,
    caller: Caller,
    scope: ScopeRow,
    flags: Mapping[str, bool],
    notes: str | None,
) -> None:
    """Store the policy of a scope, replacing all of the one there was."""
    await database.execute(
        _PUT_POLICY,
        scope_type=scope.type,
        scope_id=scope.id,
        flags=dict(flags),
        notes=notes,
        author=caller.id,
        **tenant_values(caller),
    )


async def delete_feature_policy(database: Database, caller: Caller, id: str) -> None:
    """Remove a policy."""
    await database.execute(_DELETE_POLICY, row_id=id, **tenant_values(caller))

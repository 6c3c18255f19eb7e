"""Writing entitlements and feature policies of the caller's account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Boolean, DateTime, Text, bindparam, delete, func, literal_column
from sqlalchemy.dialects.postgresql import JSONB, insert

from auth.caller import Caller
from datasources.access_tables import entitlements, feature_policies
from datasources.base import TENANT, Database, Statement, in_account, is_uuid, tenant_values
from datasources.scopes import ScopeRow

__all__ = [
    "NewEntitlement",
    "delete_entitlement",
    "delete_feature_policy",
    "put_entitlement",
    "put_feature_policy",
]


class NewEntitlement(NamedTuple):
    """An entitlement to store; found again by feature and source."""

    feature_code: str
    source: str
    is_enabled: bool
    config: Any
    """None keeps the stored one."""
    valid_from: datetime | None
    valid_until: datetime | None


def _text(name: str) -> Any:
    return bindparam(name, type_=Text())


def _moment(name: str) -> Any:
    return bindparam(name, type_=DateTime(timezone=True))


_here, _author = _text(TENANT), _text("author")
_nothing = literal_column("'{}'::jsonb", JSONB())
_config = bindparam("config", type_=JSONB(none_as_null=True))
_from = func.coalesce(_moment("valid_from"), func.now())
_PUT_ENTITLEMENT = Statement(
    insert(entitlements)
    .values(
        account_id=_here,
        feature_code=_text("feature_code"),
        source=_text("source"),
        is_enabled=bindparam("is_enabled", type_=Boolean()),
        config=func.coalesce(_config, _nothing),
        valid_from=_from,
        valid_until=_moment("valid_until"),
        created_by=_author,
        updated_by=_author,
    )
    .on_conflict_do_update(
        index_elements=[
            entitlements.c.account_id,
            entitlements.c.feature_code,
            entitlements.c.source,
            func.coalesce(entitlements.c.subscription_id, literal_column("''")),
        ],
        set_={
            "is_enabled": bindparam("is_enabled", type_=Boolean()),
            "config": func.coalesce(_config, entitlements.c.config),
            "valid_from": _from,
            "valid_until": _moment("valid_until"),
            "updated_by": _author,
            "updated_at": func.now(),
        },
    )
    .returning(entitlements.c.id)
)
_id = bindparam("row_id", type_=entitlements.c.id.type)
_DELETE_ENTITLEMENT = Statement(
    delete(entitlements).where(in_account(entitlements), entitlements.c.id == _id)
)


async def put_entitlement(database: Database, caller: Caller, entitlement: NewEntitlement) -> str:
    """Store an entitlement, replacing the one of the same feature and source; its id."""
    record = await database.fetchrow(
        _PUT_ENTITLEMENT, author=caller.id, **entitlement._asdict(), **tenant_values(caller)
    )
    if record is None:
        raise LookupError("An upsert answers its row.")
    return str(record[0])


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

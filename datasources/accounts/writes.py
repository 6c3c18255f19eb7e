"""Writes of accounts themselves, and the lock that makes their unique values exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import (
    Boolean,
    Double,
    Text,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from auth.caller import Caller
from datasources.accounts.accounts import identity_organization_id
from datasources.base import Database, Statement, in_account, tenant_values
from datasources.documents import object_of
from datasources.expressions import word
from datasources.tables import accounts

__all__ = [
    "NewAccount",
    "Taken",
    "insert_account",
    "lock_account",
    "lock_unique_values",
    "set_status",
    "taken_values",
    "update_account",
]


class Taken(Exception):  # noqa: N818 - named for what happened
    """A unique value was taken by somebody who does not take our lock."""


class NewAccount(NamedTuple):
    """An account about to be created."""

    account_id: str
    name: str
    alias: str | None = None
    domain: str | None = None
    identity_organization_id: str | None = None
    max_budget: float | None = None


_now = func.timezone(word("UTC"), func.now())
_this = in_account(accounts)

_LOCK_UNIQUE_VALUES = Statement(
    select(func.pg_advisory_xact_lock(func.hashtextextended("cockpit accounts", 0)))
)
_LOCK_ACCOUNT = Statement(select(accounts.c.account_id).where(_this).with_for_update())


async def lock_unique_values(database: Database) -> None:
    """Let one transaction at a time decide about names, domains and organisations.

    The constraints of the table compare domains as typed, and know nothing of organisations.
    """
    await database.fetch(_LOCK_UNIQUE_VALUES)


async def lock_account(database: Database, caller: Caller) -> bool:
    """Hold the account's row to the end of the transaction: whoever changes what it owns waits.

    False when the account is gone.
    """
    return await database.fetchrow(_LOCK_ACCOUNT, **tenant_values(caller)) is not None


# --- unique values ------------------------------------------------------------------------------


def _value(name: str) -> Any:
    return bindparam(name, type_=Text())


_others = accounts.c.account_id.is_distinct_from(_value("account_id"))
_has_name = accounts.c.account_name == _value("name")
_has_domain = func.lower(func.btrim(accounts.c.domain)) == _value("domain")
_has_organization = identity_organization_id == _value("identity_organization_id")
_TAKEN = Statement(
    select(
        func.coalesce(func.bool_or(_has_name), false()),
        func.coalesce(func.bool_or(_has_domain), false()),
        func.coalesce(func.bool_or(_has_organization), false()),
    ).where(_others, or_(_has_name, _has_domain, _has_organization))
)


async def taken_values(
    database: Database,
    account_id: str,
    *,
    name: str | None = None,
    domain: str | None = None,
    identity_organization_id: str | None = None,
) -> list[str]:
    """Which of these values another account has, by the names of the arguments."""
    record = await database.fetchrow(
        _TAKEN,
        account_id=account_id,
        name=name,
        domain=domain,
        identity_organization_id=identity_organization_id,
    )
    names = ("name", "domain", "identity_organization_id")
    return (
        [] if record is None else [name for name, taken in zip(names, record, strict=True) if taken]
    )


# --- creating -----------------------------------------------------------------------------------

_INSERT = Statement(
    insert(accounts)
    .values(
        account_id=_value("account_id"),
        account_name=_value("name"),
        account_alias=_value("alias"),
        domain=_value("domain"),
        status=word("active"),
        metadata=bindparam("document", type_=JSONB()),
        max_budget=bindparam("max_budget", type_=Double()),
        created_by=_value("created_by"),
    )
    .on_conflict_do_nothing()
)


async def insert_account(database: Database, caller: Caller, account: NewAccount) -> bool:
    """Insert an account; False when its name or domain is taken."""
    values = account._asdict()
    organization = values.pop("identity_organization_id")
    document = {} if organization is None else {"auth_org_id": organization}
    return bool(await database.execute(_INSERT, **values, document=document, created_by=caller.id))


# --- changing -----------------------------------------------------------------------------------


def _changed(name: str, column: Any, value: Any = None) -> Any:
    """The new value where one is given, else what is there."""
    given = bindparam(f"has_{name}", type_=Boolean())
    new = bindparam(name, type_=column.type) if value is None else value
    return case((given, new), else_=column)


_metadata = object_of(accounts.c.metadata)
_organization_key = word("auth_org_id")
_organization = _value("identity_organization_id")
_metadata_with_organization = case(
    (_organization.is_(None), _metadata.op("-")(_organization_key)),
    else_=_metadata.op("||")(func.jsonb_build_object(_organization_key, _organization)),
)
_CHANGEABLE = ("name", "alias", "domain", "max_budget", "identity_organization_id")
_UPDATE = Statement(
    update(accounts)
    .where(_this)
    .values(
        account_name=_changed("name", accounts.c.account_name),
        account_alias=_changed("alias", accounts.c.account_alias),
        domain=_changed("domain", accounts.c.domain),
        max_budget=_changed("max_budget", accounts.c.max_budget),
        metadata=_changed(
            "identity_organization_id", accounts.c.metadata, _metadata_with_organization
        ),
        updated_at=_now,
    )
)
_SET_STATUS = Statement(
    update(accounts).where(_this).values(status=_value("status"), updated_at=_now)
)


async def update_account(database: Database, caller: Caller, changes: Mapping[str, Any]) -> None:
    """Set the given values of the caller's account, and nothing else.

    Keys are those of `NewAccount`. Raises `Taken`.
    """
    values = {name: changes.get(name) for name in _CHANGEABLE}
    given = {f"has_{name}": name in changes for name in _CHANGEABLE}
    try:
        await database.execute(_UPDATE, **values, **given, **tenant_values(caller))
    except asyncpg.UniqueViolationError as error:
        raise Taken from error


async def set_status(database: Database, caller: Caller, status: str) -> None:
    """Set the status of the caller's account: `active` or `suspended`."""
    await database.execute(_SET_STATUS, status=status, **tenant_values(caller))

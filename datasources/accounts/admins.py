"""Administrators of accounts."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
from sqlalchemy import Text, bindparam, delete, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert

from auth.caller import Caller
from datasources.accounts.rows import AccountAdminRow
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.expressions import word
from datasources.reads import Many, One
from datasources.tables import account_admins

__all__ = [
    "admins_by_id",
    "admins_of_accounts",
    "change_address",
    "count_admins",
    "delete_admin",
    "delete_doubles",
    "insert_admin",
]

_admins = select(
    account_admins.c.id,
    account_admins.c.account_id,
    func.lower(func.btrim(account_admins.c.user_email)).label("email"),
    account_admins.c.created_by,
    account_admins.c.created_at,
    account_admins.c.updated_at,
)

admins_by_id = One(AccountAdminRow, _admins)
"""Administrators by their ids."""

admins_of_accounts = Many(AccountAdminRow, _admins, key="account_id", order=("created_at", "email"))
"""The administrators of accounts, the first one first."""

_email = bindparam("email", type_=Text())
_here = in_account(account_admins)
_is_listed = func.lower(func.btrim(account_admins.c.user_email)) == _email
_this = _here & (account_admins.c.id == bindparam("admin_id", type_=Text()))
_now = func.timezone(word("UTC"), func.now())

_INSERT = Statement(
    insert(account_admins)
    .from_select(
        ["id", "account_id", "user_email", "role", "created_by"],
        select(
            bindparam("admin_id", type_=Text()),
            bindparam(TENANT, type_=Text()),
            _email,
            word("account_admin"),
            bindparam("created_by", type_=Text()),
        ).where(~select(literal_column("1")).where(_here, _is_listed).exists()),
    )
    .on_conflict_do_nothing()
)
_OTHERS_ADDRESS = Statement(
    select(account_admins.c.id).where(
        _here,
        account_admins.c.id != bindparam("admin_id", type_=Text()),
        _is_listed,
    )
)
_CHANGE_ADDRESS = Statement(
    update(account_admins).where(_this).values(user_email=_email, updated_at=_now)
)
_DELETE = Statement(delete(account_admins).where(_here, _is_listed))
_DELETE_DOUBLES = Statement(
    delete(account_admins).where(
        _here, _is_listed, account_admins.c.id != bindparam("admin_id", type_=Text())
    )
)
_COUNT = Statement(
    select(func.count(func.distinct(func.lower(func.btrim(account_admins.c.user_email))))).where(
        _here
    )
)


async def insert_admin(database: Database, caller: Caller, email: str) -> str | None:
    """Add an administrator to the caller's account; their id, or None when they are one.

    Older rows hold addresses as typed, which the constraint tells apart; so the account's row is
    locked by whoever calls this.
    """
    admin_id = str(uuid4())
    added = await database.execute(
        _INSERT,
        admin_id=admin_id,
        email=email,
        created_by=caller.id,
        **tenant_values(caller),
    )
    return admin_id if added else None


async def change_address(database: Database, caller: Caller, admin_id: str, email: str) -> bool:
    """Give an administrator another address; False when another administrator has it."""
    values = {"admin_id": admin_id, "email": email, **tenant_values(caller)}
    if await database.fetchrow(_OTHERS_ADDRESS, **values) is not None:
        return False
    try:
        await database.execute(_CHANGE_ADDRESS, **values)
    except asyncpg.UniqueViolationError:
        return False
    return True


async def delete_admin(database: Database, caller: Caller, email: str) -> None:
    """Take a person off the account's list, however often and in whichever case they are there."""
    await database.execute(_DELETE, email=email, **tenant_values(caller))


async def delete_doubles(database: Database, caller: Caller, admin: AccountAdminRow) -> None:
    """Take off the list what names an administrator a second time, in another case."""
    await database.execute(
        _DELETE_DOUBLES, admin_id=admin.id, email=admin.email, **tenant_values(caller)
    )


async def count_admins(database: Database, caller: Caller) -> int:
    """How many people administer the caller's account."""
    record = await database.fetchrow(_COUNT, **tenant_values(caller))
    return 0 if record is None else int(record[0])

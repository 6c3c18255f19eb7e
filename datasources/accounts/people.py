"""The people behind administrators: where else they belong, and their address.

An address is one person. Which account they belong to is said in several tables; a person of one
account is never moved to another.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Text,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.expressions import word
from datasources.tables import (
    account_admins,
    accounts,
    identity_users,
    users,
)

__all__ = [
    "EMAIL",
    "belongs_elsewhere",
    "change_address",
    "has_person",
    "is_person",
    "lock_person",
]

EMAIL = bindparam("email", type_=Text())
"""The address of the person a statement is about, in lower case."""

_domain = bindparam("email_domain", type_=Text())
_here = bindparam(TENANT, type_=Text())
_local_now = func.timezone(word("UTC"), func.now())


def is_person(column: Any) -> Any:
    """Whether a column holds the address bound to `EMAIL`, spaces and case aside."""
    return func.lower(func.btrim(column)) == EMAIL


def _elsewhere(account: Any, *conditions: Any) -> Any:
    """Whether a row is another account's: one that exists."""
    known = select(accounts.c.account_id).where(accounts.c.account_id != _here)
    return exists(select(literal_column("1")).where(account.in_(known), *conditions))


_BELONGS_ELSEWHERE = Statement(
    select(
        or_(
            _elsewhere(account_admins.c.account_id, is_person(account_admins.c.user_email)),
            _elsewhere(identity_users.c.account_id, is_person(identity_users.c.user_email)),
            _elsewhere(users.c.account_id, is_person(users.c.email)),
            exists(
                select(literal_column("1")).where(
                    accounts.c.account_id != _here,
                    func.lower(func.btrim(accounts.c.domain)) == _domain,
                )
            ),
        )
    )
)
_LOCK_PERSON = Statement(
    select(func.pg_advisory_xact_lock(func.hashtextextended("cockpit person " + EMAIL, 0)))
)


async def lock_person(database: Database, email: str) -> None:
    """Let one transaction at a time decide which account a person belongs to."""
    await database.fetch(_LOCK_PERSON, email=email)


async def belongs_elsewhere(
    database: Database, caller: Caller, email: str, email_domain: str
) -> bool:
    """Whether a person belongs to another account than the caller's.

    As its administrator, in one of its directories, or by the domain of the address, given in its
    normal form.
    """
    record = await database.fetchrow(
        _BELONGS_ELSEWHERE, email=email, email_domain=email_domain, **tenant_values(caller)
    )
    return record is not None and bool(record[0])


# --- address ------------------------------------------------------------------------------------

_new_email = bindparam("new_email", type_=Text())
_HAS_PERSON = Statement(
    select(
        or_(
            exists(
                select(literal_column("1")).where(
                    in_account(identity_users), is_person(identity_users.c.user_email)
                )
            ),
            exists(select(literal_column("1")).where(in_account(users), is_person(users.c.email))),
        )
    )
)
_READDRESS = (
    Statement(
        update(identity_users)
        .where(in_account(identity_users), is_person(identity_users.c.user_email))
        .values(user_email=_new_email, updated_at=_local_now)
    ),
    Statement(
        update(users)
        .where(in_account(users), is_person(users.c.email))
        .values(email=_new_email, updated_at=func.now())
    ),
)


async def has_person(database: Database, caller: Caller, email: str) -> bool:
    """Whether somebody of the caller's account has this address."""
    record = await database.fetchrow(_HAS_PERSON, email=email, **tenant_values(caller))
    return record is not None and bool(record[0])


async def change_address(database: Database, caller: Caller, email: str, new_email: str) -> None:
    """Give a person of the caller's account another address in both directories."""
    for statement in _READDRESS:
        await database.execute(statement, email=email, new_email=new_email, **tenant_values(caller))

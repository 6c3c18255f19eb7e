"""Writing people, and counting who administers an account."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Text,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.expressions import word
from datasources.tables import account_admins, memberships, team_memberships, users
from datasources.updates import RowUpdate

__all__ = ["count_admins", "insert_user", "update_user"]

_INSERT = Statement(
    insert(users)
    .values(
        account_id=bindparam(TENANT, type_=Text()),
        **{
            name: bindparam(name, type_=users.c[name].type)
            for name in ("email", "name", "profile_image")
        },
    )
    .on_conflict_do_nothing()
    .returning(users.c.id)
)

update_user = RowUpdate(users)
"""Changes a person of the caller's account."""


async def insert_user(
    database: Database, caller: Caller, *, email: str, name: str, profile_image: str | None
) -> str | None:
    """Add a person; their id, or None when the account has somebody with this address."""
    record = await database.fetchrow(
        _INSERT, email=email, name=name, profile_image=profile_image, **tenant_values(caller)
    )
    return None if record is None else str(record[0])


_address = func.lower(func.btrim(account_admins.c.user_email, type_=Text()), type_=Text())
_is_deactivated = exists(
    select(literal_column("1")).where(
        in_account(users), func.lower(users.c.email) == _address, ~users.c.is_active
    )
)
_listed = select(_address.label("email")).where(in_account(account_admins), ~_is_deactivated)


def _with_role(table: Table, role: ColumnElement[str]) -> Select[Any]:
    """Addresses of active people whom an active membership makes administrators."""
    return (
        select(func.lower(users.c.email, type_=Text()).label("email"))
        .join(table, table.c.user_id == users.c.id)
        .where(in_account(users), in_account(table))
        .where(users.c.is_active, table.c.is_active, role == word("ADMIN"))
    )


_of_account = _with_role(memberships, memberships.c.app_role)
_of_further_teams = _with_role(team_memberships, team_memberships.c.role)
_admins = union(_listed, _of_account, _of_further_teams).subquery("admins")
_COUNT_ADMINS = Statement(select(func.count()).select_from(_admins))


async def count_admins(database: Database, caller: Caller) -> int:
    """How many people can administer the account now, by its list or by their membership.

    Whoever changes that holds `lock_directory`, or two could remove each other.
    """
    record = await database.fetchrow(_COUNT_ADMINS, **tenant_values(caller))
    return 0 if record is None else int(record[0])

"""Linking people at the identity provider, who belong to no account yet, to the caller's account.

Whoever has the account's domain in their address, or is on its list of administrators, belongs
here. Somebody another account may claim as well, or has, is reported and left alone.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, tenant_values
from datasources.expressions import word
from datasources.tables import account_admins, accounts, identity_users

__all__ = ["Linked", "link_unlinked"]


class Linked(NamedTuple):
    """How many were linked, and ids of those another account has or claims."""

    linked: int
    conflicts: tuple[str, ...]


_here = bindparam(TENANT, type_=Text())


def _lowered(column: ColumnElement[str | None]) -> ColumnElement[str]:
    return func.lower(func.btrim(column), type_=Text())


_email = _lowered(identity_users.c.user_email)
_domain = func.split_part(_email, word("@"), literal_column("2"), type_=Text())
_account = _lowered(identity_users.c.account_id)
_is_unlinked = or_(
    identity_users.c.account_id.is_(None), _account.in_([word(""), word("none"), word("null")])
)


def _claimed_by(account: ColumnElement[bool], admin: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether such an account claims the person by its domain or its list of administrators."""
    by_domain: Select[Any] = (
        select(literal_column("1"))
        .where(account, accounts.c.status == word("active"))
        .where(_lowered(accounts.c.domain) == _domain)
    )
    by_list: Select[Any] = select(literal_column("1")).where(
        admin, _lowered(account_admins.c.user_email) == _email
    )
    return or_(exists(by_domain), exists(by_list))


_is_claimed = _claimed_by(accounts.c.account_id == _here, account_admins.c.account_id == _here)
_is_claimed_elsewhere = _claimed_by(
    accounts.c.account_id != _here, account_admins.c.account_id != _here
)
_is_elsewhere = and_(
    ~_is_unlinked,
    identity_users.c.account_id != _here,
    exists(select(literal_column("1")).where(accounts.c.account_id == identity_users.c.account_id)),
)
_is_contested = and_(_is_unlinked, _is_claimed_elsewhere)

_LINK = Statement(
    update(identity_users)
    .where(_is_unlinked, _is_claimed, ~_is_claimed_elsewhere)
    .values(account_id=_here, updated_at=func.timezone(word("UTC"), func.now()))
)
_CONFLICTS = Statement(
    select(identity_users.c.user_id)
    .where(_is_claimed, or_(_is_elsewhere, _is_contested))
    .order_by(identity_users.c.user_id)
)


async def link_unlinked(database: Database, caller: Caller) -> Linked:
    """Link everybody who belongs to the caller's account and to nobody else's."""
    linked = await database.execute(_LINK, **tenant_values(caller))
    conflicts = await database.fetch(_CONFLICTS, **tenant_values(caller))
    return Linked(linked, tuple(record[0] for record in conflicts))

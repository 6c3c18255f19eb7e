"""Credentials of machine clients and their tokens, of which only hashes are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Interval,
    LargeBinary,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from auth.caller import Caller
from auth.service_tokens import NewToken
from datasources.base import TENANT, Database, Statement, is_uuid, tenant_values
from datasources.conditions import contains, flag, matching
from datasources.expressions import has_row, word
from datasources.pages import Pages
from datasources.paging import Sorting
from datasources.reads import One
from datasources.tables import accounts, service_credentials, service_tokens

__all__ = [
    "CredentialRow",
    "add_token",
    "credentials_by_id",
    "credentials_of_accounts",
    "end_tokens",
    "insert_credential",
    "lock_credential",
    "platform_credentials",
    "revoke_credential",
]


class CredentialRow(NamedTuple):
    """A machine client's credential."""

    id: str
    account_id: str | None
    name: str
    scopes: list[str]
    token_prefix: str
    is_active: bool
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None
    created_by: str | None
    updated_by: str | None
    created_at: datetime
    updated_at: datetime


_columns = service_credentials.c
_newest_prefix = (
    select(service_tokens.c.prefix)
    .where(service_tokens.c.credential_id == _columns.id)
    .order_by(service_tokens.c.created_at.desc())
    .limit(literal_column("1"))
    .correlate(service_credentials)
    .scalar_subquery()
)
_serves = or_(
    _columns.account_id.is_(None),
    has_row(
        accounts.c.account_id == _columns.account_id,
        func.lower(func.btrim(accounts.c.status)) == word("active"),
    ),
)
_is_active = and_(_columns.revoked_at.is_(None), _columns.expires_at > func.now(), _serves)
_credentials = select(
    _columns.id,
    _columns.account_id,
    _columns.name,
    _columns.scopes,
    func.coalesce(_newest_prefix, word("")).label("token_prefix"),
    _is_active.label("is_active"),
    _columns.expires_at,
    _columns.last_used_at,
    _columns.revoked_at,
    _columns.created_by,
    _columns.updated_by,
    _columns.created_at,
    _columns.updated_at,
)

credentials_by_id = One(CredentialRow, _credentials)
"""Credentials by their ids; the platform's for callers who span accounts."""

_ORDERS = {"CREATED_AT": ("created_at",)}
_NEWEST_FIRST = Sorting("CREATED_AT", descending=True)
_CONDITIONS = {
    "search": contains(_columns.name),
    "is_active": flag(_is_active),
    "scope": matching(Text(), lambda value: value == func.any(_columns.scopes)),
}

credentials_of_accounts = Pages(
    CredentialRow,
    _credentials,
    orders=_ORDERS,
    default=_NEWEST_FIRST,
    conditions=_CONDITIONS,
)
"""The credentials of accounts."""

platform_credentials = Pages(
    CredentialRow,
    _credentials.where(_columns.account_id.is_(None)),
    parent=None,
    orders=_ORDERS,
    default=_NEWEST_FIRST,
    conditions=_CONDITIONS,
)
"""The credentials of the platform, for callers who span accounts."""


# --- writes -------------------------------------------------------------------------------------

_account = bindparam(TENANT, type_=Text())
_id = bindparam("id", type_=Uuid(as_uuid=False))
_author = bindparam("author", type_=Text())
_until = bindparam("expires_at", type_=DateTime(timezone=True))


def _mine() -> ColumnElement[bool]:
    """The account's own credential, or the platform's for a caller bound to no account."""
    return _columns.account_id.is_not_distinct_from(_account)


_this = and_(_columns.id == _id, _mine())
_INSERT = Statement(
    insert(service_credentials)
    .values(
        account_id=_account,
        name=bindparam("name", type_=Text()),
        scopes=bindparam("scopes", type_=ARRAY(Text())),
        expires_at=_until,
        created_by=_author,
        updated_by=_author,
    )
    .on_conflict_do_nothing()
    .returning(_columns.id)
)
_ADD_TOKEN = Statement(
    insert(service_tokens).values(
        token_hash=bindparam("token_hash", type_=LargeBinary()),
        credential_id=_id,
        prefix=bindparam("prefix", type_=Text()),
        expires_at=_until,
        created_at=func.clock_timestamp(),
    )
)
_END_TOKENS = Statement(
    update(service_tokens)
    .where(
        service_tokens.c.credential_id.in_(select(_columns.id).where(_this)),
        service_tokens.c.expires_at > func.now() + bindparam("grace", type_=Interval()),
    )
    .values(expires_at=func.now() + bindparam("grace", type_=Interval()))
)
_TOUCH = Statement(
    update(service_credentials).where(_this).values(updated_by=_author, updated_at=func.now())
)
_REVOKE = Statement(
    update(service_credentials)
    .where(_this, _columns.revoked_at.is_(None))
    .values(revoked_at=func.now(), updated_by=_author, updated_at=func.now())
)
_LOCK = Statement(select(_columns.id).where(_this).with_for_update())


async def lock_credential(database: Database, caller: Caller, id: str) -> CredentialRow | None:
    """The caller's credential, held to the end of the transaction; None when there is none."""
    if not is_uuid(id):
        return None
    if await database.fetchrow(_LOCK, id=id, **tenant_values(caller)) is None:
        return None
    return (await credentials_by_id(database, caller, [id]))[0]


async def insert_credential(
    database: Database, caller: Caller, *, name: str, scopes: Sequence[str], expires_at: datetime
) -> str | None:
    """Add a credential to the caller's account, or to the platform; None when its name is taken."""
    record = await database.fetchrow(
        _INSERT,
        name=name,
        scopes=list(scopes),
        expires_at=expires_at,
        author=caller.id,
        **tenant_values(caller),
    )
    return None if record is None else str(record[0])


async def add_token(
    database: Database, caller: Caller, id: str, token: NewToken, expires_at: datetime
) -> None:
    """Give a credential of the caller's a token; only its hash is kept."""
    await database.execute(_TOUCH, id=id, author=caller.id, **tenant_values(caller))
    await database.execute(
        _ADD_TOKEN,
        id=id,
        token_hash=token.token_hash,
        prefix=token.prefix,
        expires_at=expires_at,
    )


async def end_tokens(database: Database, caller: Caller, id: str, grace: timedelta) -> None:
    """Let the tokens of a caller's credential run out within a grace."""
    await database.execute(_END_TOKENS, id=id, grace=grace, **tenant_values(caller))


async def revoke_credential(database: Database, caller: Caller, id: str) -> bool:
    """End a credential of the caller's; False when it had ended before."""
    return bool(await database.execute(_REVOKE, id=id, author=caller.id, **tenant_values(caller)))

"""Secrets at rest, `gateway.secrets`: encrypted values under an owner and a name.

What belongs to whom is said by `SecretName`. Whether a secret is stored can be part of any
statement (`is_stored`); its ciphertext is read by whoever needs to use it, and never leaves as a
column of a row.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.expressions import word
from datasources.tables import secrets

__all__ = ["SealedSecret", "SecretName", "find", "is_stored", "remove", "store"]


class SecretName(NamedTuple):
    """Which secret: of which kind of object, of which one, and what it is called there."""

    owner_type: str
    owner_id: str
    name: str


class SealedSecret(NamedTuple):
    """A secret as stored."""

    key_id: str
    ciphertext: bytes


_new = insert(secrets).values(
    account_id=bindparam(TENANT, type_=Text()),
    owner_type=bindparam("owner_type", type_=Text()),
    owner_id=bindparam("owner_id", type_=Text()),
    name=bindparam("name", type_=Text()),
    ciphertext=bindparam("ciphertext", type_=LargeBinary()),
    key_id=bindparam("key_id", type_=Text()),
)
_STORE = Statement(
    _new.on_conflict_do_update(
        index_elements=["account_id", "owner_type", "owner_id", "name"],
        set_={
            "ciphertext": _new.excluded.ciphertext,
            "key_id": _new.excluded.key_id,
            "updated_at": func.now(),
        },
    )
)

_of_owner = and_(
    in_account(secrets),
    secrets.c.owner_type == bindparam("owner_type", type_=Text()),
    secrets.c.owner_id == bindparam("owner_id", type_=Text()),
)
_named = and_(_of_owner, secrets.c.name == bindparam("name", type_=Text()))

_FIND = Statement(select(secrets.c.key_id, secrets.c.ciphertext).where(_named))
_REMOVE = Statement(delete(secrets).where(_named))


def is_stored(
    owner_type: str, owner_id: ColumnElement[Any], name: str, account_id: ColumnElement[Any]
) -> ColumnElement[bool]:
    """Whether a secret is stored for an object of another statement."""
    return exists(
        select(literal_column("1")).where(
            secrets.c.account_id == account_id,
            secrets.c.owner_type == word(owner_type),
            secrets.c.owner_id == owner_id,
            secrets.c.name == word(name),
        )
    )


async def store(
    database: Database, caller: Caller, which: SecretName, sealed: SealedSecret
) -> None:
    """Store a secret of the caller's account, in place of an earlier one."""
    values = which._asdict() | sealed._asdict() | tenant_values(caller)
    await database.execute(_STORE, **values)


async def find(database: Database, caller: Caller, which: SecretName) -> SealedSecret | None:
    """A stored secret of the caller's account."""
    record = await database.fetchrow(_FIND, **which._asdict(), **tenant_values(caller))
    return None if record is None else SealedSecret(*record)


async def remove(database: Database, caller: Caller, which: SecretName) -> bool:
    """Remove a secret of the caller's account; whether there was one."""
    return bool(await database.execute(_REMOVE, **which._asdict(), **tenant_values(caller)))

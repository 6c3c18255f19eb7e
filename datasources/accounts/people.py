"""The people behind administrators: where else they belong, their password, their rights.

An address is one person. Which account they belong to is said in several tables; a person of one
account is never moved to another.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from sqlalchemy import (
    Text,
    bindparam,
    cast,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from auth.caller import Caller, Role
from auth.roles import LEGACY_ROLES
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.expressions import word
from datasources.tables import (
    account_admins,
    accounts,
    identity_users,
    memberships,
    session_cutoffs,
    team_memberships,
    users,
)

__all__ = [
    "belongs_elsewhere",
    "change_address",
    "end_sessions",
    "has_person",
    "lock_person",
    "revoke_admin_rights",
    "set_password",
]

_email = bindparam("email", type_=Text())
_domain = bindparam("email_domain", type_=Text())
_here = bindparam(TENANT, type_=Text())
_local_now = func.timezone(word("UTC"), func.now())


def _is_person(column: Any) -> Any:
    return func.lower(func.btrim(column)) == _email


def _elsewhere(account: Any, *conditions: Any) -> Any:
    """Whether a row is another account's: one that exists."""
    known = select(accounts.c.account_id).where(accounts.c.account_id != _here)
    return exists(select(literal_column("1")).where(account.in_(known), *conditions))


_BELONGS_ELSEWHERE = Statement(
    select(
        or_(
            _elsewhere(account_admins.c.account_id, _is_person(account_admins.c.user_email)),
            _elsewhere(identity_users.c.account_id, _is_person(identity_users.c.user_email)),
            _elsewhere(users.c.account_id, _is_person(users.c.email)),
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
    select(func.pg_advisory_xact_lock(func.hashtextextended("cockpit person " + _email, 0)))
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


# --- password -----------------------------------------------------------------------------------

_unlinked = or_(
    identity_users.c.account_id.is_(None),
    func.lower(func.btrim(identity_users.c.account_id)).in_([word(""), word("none"), word("null")]),
)
_password = bindparam("password", type_=Text())
_SET_PASSWORD = Statement(
    update(identity_users)
    .where(_is_person(identity_users.c.user_email), or_(in_account(identity_users), _unlinked))
    .values(password=_password, account_id=_here, updated_at=_local_now)
)
_ADD_IDENTITY = Statement(
    insert(identity_users).values(
        user_id=bindparam("user_id", type_=Text()),
        user_email=_email,
        account_id=_here,
        user_role=word("internal_user"),
        password=_password,
        metadata=bindparam("document", type_=JSONB()),
    )
)


async def set_password(database: Database, caller: Caller, email: str, password_hash: str) -> None:
    """Give a person of the caller's account a password, and an identity where they have none.

    The identity carries no right of its own: being on the account's list of administrators does.
    """
    values = {"email": email, "password": password_hash, **tenant_values(caller)}
    if await database.execute(_SET_PASSWORD, **values):
        return
    document = {"created_via": "account_admin"}
    await database.execute(_ADD_IDENTITY, user_id=str(uuid4()), document=document, **values)


# --- address ------------------------------------------------------------------------------------

_new_email = bindparam("new_email", type_=Text())
_HAS_PERSON = Statement(
    select(
        or_(
            exists(
                select(literal_column("1")).where(
                    in_account(identity_users), _is_person(identity_users.c.user_email)
                )
            ),
            exists(select(literal_column("1")).where(in_account(users), _is_person(users.c.email))),
        )
    )
)
_READDRESS = (
    Statement(
        update(identity_users)
        .where(in_account(identity_users), _is_person(identity_users.c.user_email))
        .values(user_email=_new_email, updated_at=_local_now)
    ),
    Statement(
        update(users)
        .where(in_account(users), _is_person(users.c.email))
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


# --- rights and sessions ------------------------------------------------------------------------

_person_ids = select(users.c.id).where(in_account(users), _is_person(users.c.email))
_author = bindparam("updated_by", type_=Text())
_ADMIN_ROLES = [word(name) for name, role in LEGACY_ROLES.items() if role is Role.ACCOUNT_ADMIN]
_REVOKE = (
    Statement(
        update(memberships)
        .where(
            in_account(memberships),
            memberships.c.app_role == word("ADMIN"),
            memberships.c.user_id.in_(_person_ids),
        )
        .values(app_role=word("USER"), updated_by=_author, updated_at=func.now())
    ),
    Statement(
        update(team_memberships)
        .where(
            in_account(team_memberships),
            team_memberships.c.role == word("ADMIN"),
            team_memberships.c.user_id.in_(_person_ids),
        )
        .values(role=word("USER"), updated_by=_author, updated_at=func.now())
    ),
)
_REVOKE_IDENTITY = Statement(
    update(identity_users)
    .where(
        in_account(identity_users),
        _is_person(identity_users.c.user_email),
        func.lower(func.btrim(identity_users.c.user_role)).in_(_ADMIN_ROLES),
    )
    .values(user_role=word("internal_user"), updated_at=_local_now)
)


async def revoke_admin_rights(database: Database, caller: Caller, email: str) -> int:
    """Take a person's right to administer out of both directories; how many rows carried it."""
    values = {"email": email, **tenant_values(caller)}
    changed = await database.execute(_REVOKE_IDENTITY, **values)
    for statement in _REVOKE:
        changed += await database.execute(statement, updated_by=caller.id, **values)
    return changed


_identity = in_account(identity_users) & _is_person(identity_users.c.user_email)
_subjects = union(
    select(_email.label("subject")),
    select(identity_users.c.user_id).where(_identity),
    select(identity_users.c.sso_user_id).where(_identity),
    select(cast(users.c.id, Text)).where(in_account(users), _is_person(users.c.email)),
).subquery("subjects")
_cutoff = upsert(session_cutoffs).from_select(
    ["subject", "valid_after"],
    select(_subjects.c.subject, func.now()).where(_subjects.c.subject.is_not(None)),
)
_END_SESSIONS = Statement(
    _cutoff.on_conflict_do_update(
        index_elements=["subject"],
        set_={
            "valid_after": func.greatest(
                session_cutoffs.c.valid_after, _cutoff.excluded.valid_after
            )
        },
    )
)


async def end_sessions(database: Database, caller: Caller, email: str) -> None:
    """Refuse from now on every session a person has, under whichever name it was issued."""
    await database.execute(_END_SESSIONS, email=email, **tenant_values(caller))

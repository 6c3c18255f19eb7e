"""What people behind administrators get in with: password, rights, sessions."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import Text, bindparam, cast, func, insert, or_, select, union, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from auth.caller import Caller, Role
from auth.roles import LEGACY_ROLES
from datasources.accounts.people import EMAIL, is_person
from datasources.base import TENANT, Database, Statement, in_account, tenant_values
from datasources.expressions import word
from datasources.tables import (
    identity_users,
    memberships,
    session_cutoffs,
    team_memberships,
    users,
)

__all__ = ["end_sessions", "revoke_admin_rights", "set_password"]

_here = bindparam(TENANT, type_=Text())
_local_now = func.timezone(word("UTC"), func.now())

# --- password -----------------------------------------------------------------------------------

_unlinked = or_(
    identity_users.c.account_id.is_(None),
    func.lower(func.btrim(identity_users.c.account_id)).in_([word(""), word("none"), word("null")]),
)
_password = bindparam("password", type_=Text())
_SET_PASSWORD = Statement(
    update(identity_users)
    .where(is_person(identity_users.c.user_email), or_(in_account(identity_users), _unlinked))
    .values(password=_password, account_id=_here, updated_at=_local_now)
)
_ADD_IDENTITY = Statement(
    insert(identity_users).values(
        user_id=bindparam("user_id", type_=Text()),
        user_email=EMAIL,
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


# --- rights and sessions ------------------------------------------------------------------------

_person_ids = select(users.c.id).where(in_account(users), is_person(users.c.email))
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
        is_person(identity_users.c.user_email),
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


_identity = in_account(identity_users) & is_person(identity_users.c.user_email)
_subjects = union(
    select(EMAIL.label("subject")),
    select(identity_users.c.user_id).where(_identity),
    select(identity_users.c.sso_user_id).where(_identity),
    select(cast(users.c.id, Text)).where(in_account(users), is_person(users.c.email)),
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

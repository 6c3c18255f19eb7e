"""Writing invites. Of a token only its SHA-256 digest is stored; older rows hold the token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Integer,
    Text,
    Uuid,
    bindparam,
    cast,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import insert as upsert

from auth.caller import Caller
from datasources.base import TENANT, Database, Statement, in_account, is_uuid, tenant_values
from datasources.directory.copilot.invites import invite_status
from datasources.expressions import word
from datasources.tables import invite_details, memberships, user_invites, users

__all__ = [
    "FoundInvite",
    "NewInvite",
    "accept_invite",
    "insert_invites",
    "invite_by_token",
    "lock_invite",
    "lock_invitee",
    "members_among",
    "pending_among",
    "renew_invite",
    "set_status",
]


class NewInvite(NamedTuple):
    """What an invite promises."""

    role: str
    expires_in_days: int
    custom_role_id: str | None
    team_id: str | None
    workspace_id: str | None
    data: Any


class FoundInvite(NamedTuple):
    """An invite as its life-cycle sees it, locked."""

    id: str
    account_id: str
    email: str
    role: str
    status: str
    """As it is now: a pending invite past its time reads as EXPIRED."""
    team_id: str | None


_id = bindparam("invite_id", type_=Uuid(as_uuid=False))
_token = bindparam("token", type_=Text())
_author = bindparam("author", type_=Text())
_emails = bindparam("emails", type_=ARRAY(Text()))
_days = bindparam("days", type_=Integer())
_expiry = func.now() + func.make_interval(0, 0, 0, _days)

_LOCK_INVITEE = Statement(
    select(
        func.pg_advisory_xact_lock(
            func.hashtextextended("cockpit invites " + bindparam(TENANT, type_=Text()), 0)
        )
    )
)


async def lock_invitee(database: Database, caller: Caller) -> None:
    """Let one transaction at a time decide who of the account's invitees is invited already."""
    await database.fetch(_LOCK_INVITEE, **tenant_values(caller))


# --- who is there already -------------------------------------------------------------------------

_asked = func.unnest(_emails).table_valued("email", name="asked").render_derived()
_MEMBERS = Statement(
    select(_asked.c.email).where(
        exists(
            select(literal_column("1"))
            .select_from(users.join(memberships, memberships.c.user_id == users.c.id))
            .where(
                in_account(users),
                in_account(memberships),
                func.lower(users.c.email) == _asked.c.email,
            )
        )
    )
)
_PENDING = Statement(
    select(_asked.c.email).where(
        exists(
            select(literal_column("1")).where(
                in_account(user_invites),
                func.lower(user_invites.c.email) == _asked.c.email,
                invite_status == word("PENDING"),
            )
        )
    )
)


async def members_among(
    database: Database, caller: Caller, emails: Sequence[str]
) -> frozenset[str]:
    """Those of these addresses whose people are members of the account, active or not."""
    records = await database.fetch(_MEMBERS, emails=list(emails), **tenant_values(caller))
    return frozenset(record[0] for record in records)


async def pending_among(
    database: Database, caller: Caller, emails: Sequence[str]
) -> frozenset[str]:
    """Those of these addresses that an invite is waiting for."""
    records = await database.fetch(_PENDING, emails=list(emails), **tenant_values(caller))
    return frozenset(record[0] for record in records)


# --- inviting -------------------------------------------------------------------------------------

_pairs = (
    func.unnest(_emails, bindparam("tokens", type_=ARRAY(Text())))
    .table_valued("email", "token", name="pair")
    .render_derived()
)
_INSERT = Statement(
    insert(user_invites)
    .from_select(
        [
            "account_id",
            "email",
            "role",
            "workspace_id",
            "status",
            "token",
            "invitation_data",
            "created_by",
            "expires_at",
        ],
        select(
            bindparam(TENANT, type_=Text()),
            _pairs.c.email,
            bindparam("role", type_=Text()),
            bindparam("workspace_id", type_=Text()),
            word("PENDING"),
            _pairs.c.token,
            func.coalesce(bindparam("data", type_=JSONB()), cast(word("{}"), JSONB)),
            _author,
            _expiry,
        ),
    )
    .returning(user_invites.c.id, user_invites.c.email)
)
_DETAILS = Statement(
    insert(invite_details).from_select(
        ["invite_id", "account_id", "custom_role_id", "team_id", "updated_by"],
        select(
            func.unnest(bindparam("invite_ids", type_=ARRAY(Uuid(as_uuid=False)))),
            bindparam(TENANT, type_=Text()),
            bindparam("custom_role_id", type_=Text()),
            bindparam("team_id", type_=Uuid(as_uuid=False)),
            _author,
        ),
    )
)


async def insert_invites(
    database: Database, caller: Caller, invitees: Sequence[tuple[str, str]], invite: NewInvite
) -> dict[str, str]:
    """Invite people, given as (address, digest of the token); their invites' ids by address."""
    records = await database.fetch(
        _INSERT,
        emails=[email for email, _ in invitees],
        tokens=[digest for _, digest in invitees],
        role=invite.role,
        days=invite.expires_in_days,
        workspace_id=invite.workspace_id,
        data=invite.data,
        author=caller.id,
        **tenant_values(caller),
    )
    ids = {record[1]: str(record[0]) for record in records}
    await _add_details(database, caller, list(ids.values()), invite)
    return ids


async def _add_details(
    database: Database, caller: Caller, invite_ids: Sequence[str], invite: NewInvite
) -> None:
    """Keep what the invites' own table cannot hold."""
    await database.execute(
        _DETAILS,
        invite_ids=list(invite_ids),
        custom_role_id=invite.custom_role_id,
        team_id=invite.team_id,
        author=caller.id,
        **tenant_values(caller),
    )


# --- life-cycle -----------------------------------------------------------------------------------

_found = (
    select(
        user_invites.c.id,
        user_invites.c.account_id,
        func.lower(user_invites.c.email, type_=Text()),
        user_invites.c.role,
        invite_status,
        invite_details.c.team_id,
    )
    .select_from(
        user_invites.outerjoin(invite_details, invite_details.c.invite_id == user_invites.c.id)
    )
    .with_for_update(of=user_invites)
)
_LOCK = Statement(_found.where(in_account(user_invites), user_invites.c.id == _id))
_BY_TOKEN = Statement(
    _found.where(
        or_(
            user_invites.c.token == _token,
            user_invites.c.token == bindparam("legacy_token", type_=Text()),
        )
    )
)


async def lock_invite(database: Database, caller: Caller, invite_id: str) -> FoundInvite | None:
    """An invite of the account, so that one transaction at a time decides about it."""
    if not is_uuid(invite_id):
        return None
    record = await database.fetchrow(_LOCK, invite_id=invite_id, **tenant_values(caller))
    return None if record is None else FoundInvite(*record)


async def invite_by_token(database: Database, digest: str, token: str) -> FoundInvite | None:
    """The invite a token belongs to, in whichever account.

    Invites of the former system hold the token itself; a digest is no token, so what is stored
    here cannot be presented.
    """
    record = await database.fetchrow(_BY_TOKEN, token=digest, legacy_token=token)
    return None if record is None else FoundInvite(*record)


_this = in_account(user_invites) & (user_invites.c.id == _id)
_SET_STATUS = Statement(
    update(user_invites)
    .where(_this)
    .values(status=bindparam("status", type_=Text()), updated_at=func.now())
)
_ACCEPT = Statement(
    update(user_invites)
    .where(_this)
    .values(
        status=word("ACCEPTED"),
        accepted_by=bindparam("accepted_by", type_=Text()),
        accepted_at=func.now(),
        updated_at=func.now(),
    )
)
_RENEW = Statement(
    update(user_invites)
    .where(_this)
    .values(status=word("PENDING"), token=_token, expires_at=_expiry, updated_at=func.now())
)
_changed_by = upsert(invite_details).values(
    invite_id=_id, account_id=bindparam(TENANT, type_=Text()), updated_by=_author
)
_CHANGED_BY = Statement(
    _changed_by.on_conflict_do_update(
        index_elements=["invite_id"],
        set_={"updated_by": _changed_by.excluded.updated_by, "updated_at": func.now()},
    )
)


async def set_status(database: Database, caller: Caller, invite_id: str, status: str) -> None:
    """End a pending invite without anybody joining."""
    values = {"invite_id": invite_id, **tenant_values(caller)}
    await database.execute(_SET_STATUS, status=status, **values)
    await database.execute(_CHANGED_BY, author=caller.id, **values)


async def accept_invite(database: Database, caller: Caller, invite_id: str, user_id: str) -> None:
    """Mark an invite as accepted by the person who joined."""
    values = {"invite_id": invite_id, **tenant_values(caller)}
    await database.execute(_ACCEPT, accepted_by=user_id, **values)
    await database.execute(_CHANGED_BY, author=caller.id, **values)


async def renew_invite(
    database: Database, caller: Caller, invite_id: str, digest: str, expires_in_days: int
) -> None:
    """Give an invite a new token and a new time; the old token opens nothing any more."""
    values = {"invite_id": invite_id, **tenant_values(caller)}
    await database.execute(_RENEW, token=digest, days=expires_in_days, **values)
    await database.execute(_CHANGED_BY, author=caller.id, **values)

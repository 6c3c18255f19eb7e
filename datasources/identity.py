"""Principals, looked up to authenticate them: people over both directories, and credentials.

Authentication asks before there is a caller, so these reads span all accounts. They answer `auth`
alone and are no part of the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import asyncpg
from sqlalchemy import (
    ColumnElement,
    DateTime,
    FromClause,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from auth.caller import ActorKind, Caller
from auth.domains import domain_of
from auth.store import (
    AccountRecord,
    CredentialRecord,
    DirectoryRecord,
    Dossier,
    IdentityRecord,
    PrincipalQuery,
)
from datasources.access_facts import access_facts
from datasources.base import Databases, Statement, is_uuid
from datasources.documents import is_kind, unwrapped
from datasources.expressions import no_text, nothing, word
from datasources.features import Stored, entitled_features, stored_columns
from datasources.overrides import Override, overrides_in
from datasources.scopes import ScopeRow
from datasources.tables import (
    account_admins,
    accounts,
    identity_users,
    memberships,
    service_credentials,
    service_tokens,
    session_cutoffs,
    users,
)

__all__ = ["StoredPrincipals"]

_AUTHENTICATION = Caller(
    kind=ActorKind.SYSTEM, id="authentication", name="Authentication", spans_accounts=True
)
"""Sees every account and holds no right; it never leaves this module."""

_SUBJECT = bindparam("subject", type_=Text)
_SUBJECT_ID = bindparam("subject_id", type_=Uuid(as_uuid=False))
_EMAIL = bindparam("email", type_=Text)
_DOMAIN = bindparam("domain", type_=Text)
_ORGANIZATION = bindparam("organization", type_=Text)
_NAMES = bindparam("names", type_=ARRAY(Text))

_TRUE: ColumnElement[bool] = literal_column("true")
_FALSE: ColumnElement[bool] = literal_column("false")


def _address(column: ColumnElement[Any]) -> ColumnElement[str]:
    return func.lower(func.btrim(column), type_=Text())


def _is_scim_active() -> ColumnElement[bool]:
    """Whether the provider has not deactivated the person; a missing flag means active."""
    flag = unwrapped(identity_users.c.metadata).op("->>", return_type=Text())(word("scim_active"))
    return func.coalesce(func.lower(flag), word("true")) != word("false")


_is_subject = or_(identity_users.c.user_id == _SUBJECT, identity_users.c.sso_user_id == _SUBJECT)
_identities = (
    select(
        identity_users.c.account_id.label("account_id"),
        identity_users.c.user_id.label("id"),
        identity_users.c.user_alias.label("name"),
        _address(identity_users.c.user_email).label("email"),
        identity_users.c.user_role.label("role"),
        _is_scim_active().label("is_active"),
        func.coalesce(_is_subject, _FALSE).label("is_subject"),
    )
    .where(or_(_is_subject, func.lower(identity_users.c.user_email) == _EMAIL))
    .cte("identities")
)


def _evidence(
    kind: str,
    account_id: ColumnElement[Any],
    *,
    id: ColumnElement[Any] | None = None,
    name: ColumnElement[Any] | None = None,
    email: ColumnElement[Any] | None = None,
    role: ColumnElement[Any] | None = None,
    is_active: ColumnElement[Any] = _TRUE,
    is_subject: ColumnElement[Any] = _FALSE,
) -> Select[Any]:
    """One row of what is on record, in the form that all sources share."""
    none = no_text()
    return select(
        word(kind).label("kind"),
        account_id.label("account_id"),
        (none if id is None else id).label("id"),
        (none if name is None else name).label("name"),
        (none if email is None else email).label("email"),
        (none if role is None else role).label("role"),
        is_active.label("is_active"),
        is_subject.label("is_subject"),
        nothing(DateTime(timezone=True)).label("valid_after"),
    )


def _people(source: FromClause) -> Select[Any]:
    membership = and_(
        memberships.c.account_id == users.c.account_id,
        memberships.c.user_id == users.c.id,
        memberships.c.is_active,
    )
    return _evidence(
        "person",
        users.c.account_id,
        id=cast(users.c.id, Text),
        name=users.c.name,
        role=memberships.c.app_role,
        is_active=users.c.is_active,
    ).select_from(source.outerjoin(memberships, membership))


def _sources() -> Sequence[Select[Any]]:
    """Everything that can connect the person with an account.

    A row found by the token's subject lends its stored address to searches of its own account, and
    of that account only: nobody vouched for it elsewhere.
    """
    found = _identities.c
    lends = [found.is_subject, found.email.is_not(None)]
    same_person = and_(
        found.account_id == users.c.account_id, found.email == func.lower(users.c.email)
    )
    organization = accounts.c.metadata.op("->>", return_type=Text())(word("auth_org_id"))
    unwrapped_organization = unwrapped(accounts.c.metadata).op("->>", return_type=Text())(
        word("auth_org_id")
    )
    return [
        _evidence(
            "identity",
            found.account_id,
            id=found.id,
            name=found.name,
            email=found.email,
            role=found.role,
            is_active=found.is_active,
            is_subject=found.is_subject,
        ),
        _people(users).where(or_(users.c.id == _SUBJECT_ID, func.lower(users.c.email) == _EMAIL)),
        _people(users.join(_identities, same_person)).where(*lends),
        _evidence("admin", account_admins.c.account_id).where(
            or_(
                _address(account_admins.c.user_email) == _EMAIL,
                exists().where(
                    *lends,
                    found.account_id == account_admins.c.account_id,
                    found.email == _address(account_admins.c.user_email),
                ),
            )
        ),
        _evidence("domain", accounts.c.account_id).where(_address(accounts.c.domain) == _DOMAIN),
        _evidence("organization", accounts.c.account_id).where(organization == _ORGANIZATION),
        # Some accounts hold their metadata as text; without an organisation nothing is scanned.
        _evidence("organization", accounts.c.account_id).where(
            _ORGANIZATION.is_not(None),
            is_kind(accounts.c.metadata, "string"),
            unwrapped_organization == _ORGANIZATION,
        ),
    ]


def _cutoffs() -> Select[Any]:
    none = no_text()
    latest = func.max(session_cutoffs.c.valid_after)
    row: list[ColumnElement[Any]] = [word("cutoff"), *[none] * 5, _TRUE, _FALSE, latest]
    return select(*row).where(session_cutoffs.c.subject == any_(_NAMES))


def _account_columns() -> list[ColumnElement[Any]]:
    return [
        accounts.c.account_id.label("existing_account_id"),
        accounts.c.status.label("status"),
        *stored_columns(),
    ]


def _dossier_statement() -> Statement:
    evidence = union_all(*_sources(), _cutoffs()).subquery("evidence")
    return Statement(
        select(evidence, *_account_columns()).select_from(
            evidence.outerjoin(accounts, accounts.c.account_id == evidence.c.account_id)
        )
    )


_DOSSIER = _dossier_statement()

_CREDENTIAL = Statement(
    select(
        cast(service_credentials.c.id, Text).label("id"),
        service_credentials.c.name,
        service_tokens.c.token_hash,
        service_credentials.c.account_id,
        service_credentials.c.scopes,
        func.least(service_tokens.c.expires_at, service_credentials.c.expires_at).label(
            "expires_at"
        ),
        service_credentials.c.revoked_at,
        service_credentials.c.last_used_at,
        *_account_columns(),
    )
    .select_from(
        service_tokens.join(
            service_credentials, service_credentials.c.id == service_tokens.c.credential_id
        ).outerjoin(accounts, accounts.c.account_id == service_credentials.c.account_id)
    )
    .where(service_tokens.c.token_hash == bindparam("token_hash"))
)

_MINUTE = bindparam("minute", type_=DateTime(timezone=True))
_MARK_USED = Statement(
    update(service_credentials)
    .where(
        service_credentials.c.id == bindparam("credential_id"),
        # Many processes see the same minute begin; one of them writes it.
        or_(
            service_credentials.c.last_used_at.is_(None),
            service_credentials.c.last_used_at < _MINUTE,
        ),
    )
    .values(last_used_at=_MINUTE)
)


class StoredPrincipals:
    """The `PrincipalStore` of the database: one statement a call.

    Where people of an account are denied features, who is one of them takes another.
    """

    def __init__(self, databases: Databases) -> None:
        """Take where databases come from; reads span all accounts."""
        self._database = databases.as_caller(_AUTHENTICATION)

    async def dossier(self, query: PrincipalQuery) -> Dossier:
        """What is on record about a person; rows of accounts that do not exist count nothing."""
        email = query.email
        records = await self._database.fetch(
            _DOSSIER,
            subject=query.subject,
            subject_id=query.subject.lower() if is_uuid(query.subject) else None,
            email=email,
            domain=None if email is None else domain_of(email),
            organization=query.organization_id,
            names=list(query.names),
        )
        existing = [record for record in records if record["existing_account_id"] is not None]
        personal = await self._personal_overrides(existing)
        by_account = {record["existing_account_id"]: record for record in existing}
        return Dossier(
            accounts={id: _account(by_account[id], personal.get(id, ())) for id in by_account},
            identities=tuple(map(_identity, _of_kind(existing, "identity"))),
            people=tuple(map(_person, _of_kind(existing, "person"))),
            by_organization=_ids(_of_kind(existing, "organization")),
            by_domain=_ids(_of_kind(existing, "domain")),
            admin_of=_ids(_of_kind(existing, "admin")),
            valid_after=_of_kind(records, "cutoff")[0]["valid_after"],
        )

    async def _personal_overrides(
        self, records: Sequence[asyncpg.Record]
    ) -> dict[str, list[Override]]:
        """What narrows a person in each account, where it narrows anybody by themselves."""
        people = {
            ScopeRow("USER", record["id"], record["existing_account_id"])
            for record in records
            if record["kind"] in {"person", "identity"}
            and any(one.scope_type != "ACCOUNT" for one in overrides_in(record["overrides"]))
        }
        found: dict[str, list[Override]] = {}
        for facts in await access_facts(self._database, _AUTHENTICATION, sorted(people)):
            if facts is not None:
                found.setdefault(facts.scope.account_id, []).extend(facts.overrides)
        return found

    async def credential(self, token_hash: bytes) -> CredentialRecord | None:
        """The credential that a service token belongs to."""
        record = await self._database.fetchrow(_CREDENTIAL, token_hash=token_hash)
        if record is None:
            return None
        exists_there = record["existing_account_id"] is not None
        return CredentialRecord(
            id=record["id"],
            name=record["name"],
            token_hash=record["token_hash"],
            account_id=record["account_id"],
            account=_account(record) if exists_there else None,
            scopes=frozenset(record["scopes"]),
            expires_at=record["expires_at"],
            revoked_at=record["revoked_at"],
            last_used_at=record["last_used_at"],
        )

    async def mark_used(self, credential_id: str, minute: datetime) -> None:
        """Note that a credential was used in this minute."""
        await self._database.execute(_MARK_USED, credential_id=credential_id, minute=minute)


def _of_kind(records: Sequence[asyncpg.Record], kind: str) -> list[asyncpg.Record]:
    return [record for record in records if record["kind"] == kind]


def _ids(records: Sequence[asyncpg.Record]) -> frozenset[str]:
    return frozenset(record["account_id"] for record in records)


def _account(record: asyncpg.Record, personal: Sequence[Override] = ()) -> AccountRecord:
    # Any other word than the one for use closes the account.
    is_active = (record["status"] or "").strip().lower() == "active"
    stored = Stored(*[record[name] for name in Stored._fields])
    features = entitled_features(stored, personal)
    return AccountRecord(record["existing_account_id"], is_active, features)


def _identity(record: asyncpg.Record) -> IdentityRecord:
    return IdentityRecord(
        account_id=record["account_id"],
        id=record["id"],
        name=record["name"],
        email=record["email"],
        role=record["role"],
        is_active=record["is_active"],
        is_subject=record["is_subject"],
    )


def _person(record: asyncpg.Record) -> DirectoryRecord:
    return DirectoryRecord(
        account_id=record["account_id"],
        id=record["id"],
        name=record["name"],
        role=record["role"],
        is_active=record["is_active"],
    )

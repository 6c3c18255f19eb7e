"""Which account a person belongs to, and what they are in it. Pure: records in, judgement out.

The account is looked for in this order; the first step that finds one decides:

1. the account that calls the token's organisation its own;
2. the account that the person's row in the identity provider's directory is linked to;
3. the account that owns the domain of the verified address;
4. the account that lists the verified address as an admin;
5. the account whose own directory holds the verified address.

A step finds an account only if the person holds a role in it: no domain and no organisation makes
a member by itself. Two accounts at one step are no answer but a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from auth.caller import Role
from auth.errors import Forbidden
from auth.roles import LISTED_ADMIN, role_of
from auth.store import AccountRecord, DirectoryRecord, Dossier, IdentityRecord

__all__ = ["Standing", "resolve"]

RowT = TypeVar("RowT", IdentityRecord, DirectoryRecord)

_SUSPENDED = "This account is suspended."
_DEACTIVATED = "Your access to this account has been deactivated."
_AMBIGUOUS = "You belong to more than one account. Sign in again and choose one of them."
_FOREIGN = "You do not belong to the account this session was opened for."


class Standing(NamedTuple):
    """What a person is in one account."""

    account: AccountRecord
    roles: frozenset[Role]
    user_id: str | None
    identity_id: str | None
    name: str | None
    email: str | None
    refusal: str | None
    """Why the account is closed to the person; None while it is open."""


def resolve(dossier: Dossier, claimed: str | None = None) -> Standing | None:
    """The account a person acts in, or None for one who belongs nowhere.

    `claimed` is the account a session names. Raises `Forbidden` when it is not the person's, when
    the answer is ambiguous, and when every account of the person is closed to them.
    """
    if claimed is not None:
        return _open([_claimed(dossier, claimed)])
    closed: list[Standing] = []
    for step in _steps(dossier):
        standings = [found for found in (_standing(dossier, id) for id in sorted(step)) if found]
        if any(standing.refusal is None for standing in standings):
            return _open(standings)
        closed.extend(standings)
    return _open(closed) if closed else None


def _steps(dossier: Dossier) -> Iterable[frozenset[str]]:
    by_subject = frozenset(row.account_id for row in dossier.identities if row.is_subject)
    yield dossier.by_organization
    yield by_subject or frozenset(row.account_id for row in dossier.identities)
    yield dossier.by_domain
    yield dossier.admin_of
    yield frozenset(row.account_id for row in dossier.people)


def _open(standings: list[Standing]) -> Standing:
    """The one standing that is open to the person."""
    found = [standing for standing in standings if standing.refusal is None]
    if len(found) > 1:
        raise Forbidden(_AMBIGUOUS)
    if not found:
        raise Forbidden(standings[0].refusal or _FOREIGN)
    return found[0]


def _claimed(dossier: Dossier, account_id: str) -> Standing:
    standing = _standing(dossier, account_id)
    if standing is None:
        raise Forbidden(_FOREIGN)
    return standing


def _standing(dossier: Dossier, account_id: str) -> Standing | None:
    """What the person is in an account; None where they are nothing."""
    account = dossier.accounts.get(account_id)
    if account is None:
        return None
    identities = _identities(dossier, account_id)
    people = [row for row in dossier.people if row.account_id == account_id]
    is_deactivated = _all_inactive(identities) or _all_inactive(people)
    roles = _roles(identities, people, is_admin=account_id in dossier.admin_of)
    if not roles and not is_deactivated:
        return None
    refusal = _DEACTIVATED if is_deactivated else None
    identity = _first_active(identities)
    person = _first_active(people)
    return Standing(
        account=account,
        roles=roles,
        user_id=person.id if person else None,
        identity_id=identity.id if identity else None,
        name=(person.name if person else None) or (identity.name if identity else None),
        email=identity.email if identity and identity.is_subject else None,
        refusal=refusal if account.is_active else _SUSPENDED,
    )


def _identities(dossier: Dossier, account_id: str) -> list[IdentityRecord]:
    """The person's rows in an account: one found by subject is more telling than any address."""
    rows = [row for row in dossier.identities if row.account_id == account_id]
    return [row for row in rows if row.is_subject] or rows


def _roles(
    identities: list[IdentityRecord], people: list[DirectoryRecord], *, is_admin: bool
) -> frozenset[Role]:
    rows: list[IdentityRecord | DirectoryRecord] = [*identities, *people]
    roles = {role_of(row.role) for row in rows if row.is_active}
    if is_admin:
        roles.add(LISTED_ADMIN)
    return frozenset(role for role in roles if role is not None)


def _all_inactive(rows: list[IdentityRecord] | list[DirectoryRecord]) -> bool:
    return bool(rows) and not any(row.is_active for row in rows)


def _first_active(rows: list[RowT]) -> RowT | None:
    return next((row for row in rows if row.is_active), None)

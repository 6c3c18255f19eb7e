"""What `auth` asks of whoever keeps principals, and the values it is answered with.

The gateway fills the protocol from `datasources`; nothing here knows a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

__all__ = [
    "AccountRecord",
    "CredentialRecord",
    "DirectoryRecord",
    "Dossier",
    "IdentityRecord",
    "PrincipalQuery",
    "PrincipalStore",
]


class PrincipalQuery(NamedTuple):
    """Whom to look for."""

    subject: str
    email: str | None
    """Lower-case address somebody vouched for; None keeps addresses out of the search."""
    organization_id: str | None
    names: tuple[str, ...]
    """Every name under which the person's sessions may have been ended."""


class AccountRecord(NamedTuple):
    """An account that exists."""

    id: str
    is_active: bool
    features: frozenset[str]


class IdentityRecord(NamedTuple):
    """A row of the identity provider's directory."""

    account_id: str
    id: str
    name: str | None
    email: str | None
    role: str | None
    """As stored, in whichever vocabulary."""
    is_active: bool
    is_subject: bool
    """Whether it was found by the token's subject, rather than by e-mail address."""


class DirectoryRecord(NamedTuple):
    """A row of an account's own directory."""

    account_id: str
    id: str
    name: str | None
    role: str | None
    """Role of the active membership; None where there is none."""
    is_active: bool


class Dossier(NamedTuple):
    """All that is on record about a person. Account ids in it name accounts that exist."""

    accounts: Mapping[str, AccountRecord]
    identities: tuple[IdentityRecord, ...] = ()
    people: tuple[DirectoryRecord, ...] = ()
    by_organization: frozenset[str] = frozenset()
    """Accounts that call the token's organisation their own."""
    by_domain: frozenset[str] = frozenset()
    """Accounts that the domain of the address belongs to."""
    admin_of: frozenset[str] = frozenset()
    """Accounts that list the person as an admin."""
    valid_after: datetime | None = None
    """Sessions opened before this moment are over."""


class CredentialRecord(NamedTuple):
    """A machine client's credential, found by one of its tokens."""

    id: str
    name: str
    token_hash: bytes
    account_id: str | None
    account: AccountRecord | None
    """None for a platform credential, and where the account is gone."""
    scopes: frozenset[str]
    expires_at: datetime
    """When the token or its credential ends, whichever is first."""
    revoked_at: datetime | None
    last_used_at: datetime | None


class PrincipalStore(Protocol):
    """Keeps principals. Every call is one statement."""

    async def dossier(self, query: PrincipalQuery) -> Dossier:
        """What is on record about a person, over all accounts."""

    async def credential(self, token_hash: bytes) -> CredentialRecord | None:
        """The credential that a service token belongs to."""

    async def mark_used(self, credential_id: str, minute: datetime) -> None:
        """Note that a credential was used in this minute."""

"""The caller: a verified principal and how far it reaches. Made by `auth` alone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from auth.errors import Forbidden

__all__ = ["SYSTEM", "ActorKind", "Caller", "Role"]


class Role(StrEnum):
    """What a principal may be in the account it addresses."""

    SUPER_ADMIN = "SUPER_ADMIN"
    ACCOUNT_ADMIN = "ACCOUNT_ADMIN"
    AUDITOR = "AUDITOR"
    MEMBER = "MEMBER"
    SERVICE = "SERVICE"


class ActorKind(StrEnum):
    """Kind of principal."""

    USER = "USER"
    SUPER_ADMIN = "SUPER_ADMIN"
    SERVICE = "SERVICE"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is calling, verified, and which rows they reach.

    A caller reaches one account (`account_id`), or every account (`spans_accounts`: super admins
    and services that hold `accounts:any`), or none at all: somebody who is signed in but belongs
    nowhere yet, and may only accept or decline an invite. Nothing is ever reached by default.
    """

    kind: ActorKind
    id: str
    """Stable id of the principal: user id, super admin's e-mail, or credential id."""
    name: str
    email: str | None = None
    is_email_verified: bool = False
    """Whether the identity provider vouched for the address; invites ask for it."""
    account_id: str | None = None
    spans_accounts: bool = False
    user_id: str | None = None
    """Row of the person in the account's own directory; None when there is none."""
    identity_id: str | None = None
    """Row of the person in the identity provider's directory; None when there is none."""
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[str] = frozenset()
    features: frozenset[str] = frozenset()
    """Features the addressed account is entitled to."""
    expires_at: datetime | None = None
    """When the credentials end; None when they are checked on every use."""
    is_cookie: bool = field(default=False, compare=False)
    """Whether the credentials came in a cookie, so that the CSRF guard applies."""

    @property
    def is_super_admin(self) -> bool:
        """Whether the caller operates the platform."""
        return Role.SUPER_ADMIN in self.roles

    def reaches(self, account_id: str) -> bool:
        """Whether rows of this account may be read or written at all."""
        return self.spans_accounts or (
            self.account_id is not None and self.account_id == account_id
        )

    def bound_to(self, account_id: str, features: frozenset[str] | None = None) -> Caller:
        """The same principal, narrowed to one account it reaches.

        Raises `Forbidden` for an account out of reach; the sentence is the same whether or not
        that account exists.
        """
        if not self.reaches(account_id):
            raise Forbidden("This account is not yours.")
        if features is None:
            features = self.features
        if (account_id, False, features) == (self.account_id, self.spans_accounts, self.features):
            return self
        return replace(self, account_id=account_id, spans_accounts=False, features=features)

    def seeing_all(self) -> Caller:
        """The same principal with every account in sight, holding no role and no scope.

        Only for a look-up by a secret the caller presented, such as an invite's token, which says
        itself which account it belongs to; whoever uses it narrows it with `bound_to` next.
        """
        return replace(
            self, account_id=None, spans_accounts=True, roles=frozenset(), scopes=frozenset()
        )


SYSTEM = Caller(kind=ActorKind.SYSTEM, id="system", name="The platform", spans_accounts=True)
"""Who acts when nobody asks."""

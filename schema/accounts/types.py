"""Object types of accounts: the tenant, its administrators, and who is calling."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from auth.caller import Caller
from datasources.accounts.accounts import accounts_by_id
from datasources.accounts.admins import admins_by_id, admins_of_accounts
from datasources.accounts.rows import AccountAdminRow, AccountRow
from datasources.accounts.settings import settings_of_accounts
from datasources.accounts.sso import sso_of_accounts
from resolvers.base import RequestContext
from schema.accounts.settings import AccountSettings
from schema.accounts.sso import SsoConfig
from schema.base.core import AccountScoped, Actor, ActorKind, Node, Timestamped, author
from schema.base.descriptions import ACCOUNT
from schema.base.domain import AccountStatus, Money, MoneyRow
from schema.base.fields import column, computed, many, one
from schema.base.guards import Role, roles, super_admin
from schema.base.modules import entity, record
from schema.base.scalars import DateTime, EmailAddress

__all__ = ["Account", "AccountAdmin", "Viewer"]


@entity(
    AccountAdminRow,
    admins_by_id,
    "A person who administers an account. Being listed grants ACCOUNT_ADMIN there, and only "
    "there; removal revokes it at once.",
    guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE),
)
class AccountAdmin(Node, AccountScoped, Timestamped):
    """A person who administers an account."""

    email: EmailAddress = column("E-mail address; unique in the account.")
    created_by: Actor | None = author("created_by", "Who added the administrator.")


def _max_spend(_context: RequestContext, row: AccountRow) -> MoneyRow | None:
    return None if row.max_budget is None else _dollars(row.max_budget)


def _spend(_context: RequestContext, row: AccountRow) -> MoneyRow | None:
    """The column starts at zero and stays there where nothing meters."""
    return _dollars(row.spend) if row.spend else None


def _dollars(stored: float) -> MoneyRow:
    """The shortest decimal that the stored number stands for."""
    return MoneyRow(Decimal(repr(stored)))


@entity(
    AccountRow,
    accounts_by_id,
    ACCOUNT,
)
class Account(Node, Timestamped):
    """A tenant."""

    name: str = column("Unique name.")
    alias: str | None = column("Short name to show; null for none.")
    domain: str | None = column(
        "Lower-case e-mail domain whose verified addresses belong here; unique, null for none."
    )
    status: AccountStatus = column("Whether the account is in use.")
    identity_organization_id: str | None = column(
        "Organisation at the identity provider; unique, null when not linked.",
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR),
    )
    admins: list[AccountAdmin] | None = many(
        admins_of_accounts,
        "The account's administrators.",
        by="id",
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE, scopes=["accounts:read"]),
    )
    settings: AccountSettings = one(settings_of_accounts, "Theme, mail and e-mail events.", by="id")
    sso_config: SsoConfig | None = one(
        sso_of_accounts,
        "Single sign-on; null when none is stored.",
        by="id",
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR),
    )
    max_spend: Money | None = computed(
        _max_spend,
        "Ceiling for console spend; null for none.",
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE),
    )
    spend: Money | None = computed(
        _spend,
        "Console spend so far; null when not metered.",
        guard=roles(Role.ACCOUNT_ADMIN, Role.AUDITOR, Role.SERVICE),
    )
    created_by: Actor | None = author("created_by", "Who created the account.", guard=super_admin())
    created_at: DateTime = column("When it was created.")
    updated_at: DateTime = column("When it last changed.")


def _roles(_context: RequestContext, caller: Caller) -> list[str]:
    return sorted(caller.roles)


def _scopes(_context: RequestContext, caller: Caller) -> list[str]:
    return sorted(caller.scopes)


@record(Caller, "The caller.", shareable=True)
class Viewer:
    """The caller."""

    id: strawberry.ID = column("Id of the principal.")
    kind: ActorKind = column("Kind of principal.")
    name: str = column("Name to show.")
    email: EmailAddress | None = column("E-mail address; null for machines.")
    is_super_admin: bool = column("Whether the caller operates the platform.")
    roles: list[Role] = computed(_roles, "Roles in the caller's account, checked on every request.")
    scopes: list[str] = computed(_scopes, "Scopes the credentials carry, such as usage:write.")
    account: Account | None = one(
        accounts_by_id,
        "The caller's account; null for super admins and for services that serve several.",
        by="account_id",
    )
    session_expires_at: DateTime | None = column(
        "When the credentials expire; null when they are checked on every use.", of="expires_at"
    )

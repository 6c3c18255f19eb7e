"""What is read of accounts: one row class an object type of the graph."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

__all__ = [
    "AccountAdminRow",
    "AccountRow",
    "EmailEventRow",
    "RoleMappingRow",
    "SettingsRow",
    "SmtpRow",
    "SsoRow",
    "TallyRow",
    "ThemeRow",
]


class AccountRow(NamedTuple):
    """A tenant."""

    id: str
    name: str
    alias: str | None
    domain: str | None
    status: str
    """ACTIVE or SUSPENDED."""
    identity_organization_id: str | None
    max_budget: float | None
    """US dollars."""
    spend: float
    """US dollars."""
    created_by: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def account_id(self) -> str:
        """The account its author is looked up in."""
        return self.id


class AccountAdminRow(NamedTuple):
    """An administrator of an account."""

    id: str
    account_id: str
    email: str
    created_by: str | None
    created_at: datetime
    updated_at: datetime


class ThemeRow(NamedTuple):
    """How the cockpit looks for an account."""

    logo_url: str | None
    is_inherited: bool


class SmtpRow(NamedTuple):
    """The mail server of an account."""

    host: str
    port: int
    username: str | None
    has_password: bool
    sender_email: str
    sender_name: str | None


class EmailEventRow(NamedTuple):
    """Whether one event sends e-mail."""

    event: str
    is_enabled: bool


class SettingsRow(NamedTuple):
    """The settings of an account."""

    account_id: str
    theme: ThemeRow
    smtp: SmtpRow | None
    email_events: list[EmailEventRow]


class RoleMappingRow(NamedTuple):
    """Groups at a provider that become one role."""

    role: str
    groups: list[str]


class SsoRow(NamedTuple):
    """Single sign-on of an account; its secret is not among the columns."""

    id: str
    account_id: str
    provider: str
    is_enabled: bool
    client_id: str | None
    has_client_secret: bool
    tenant: str | None
    authorization_url: str | None
    token_url: str | None
    user_info_url: str | None
    teams_claim: str | None
    groups_claim: str | None
    role_mappings: list[RoleMappingRow]
    default_role: str
    created_at: datetime
    updated_at: datetime


class TallyRow(NamedTuple):
    """How many rows of a kind."""

    key: str
    number: int
